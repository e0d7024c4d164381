"""One user asks for another's things over every route, MCP tool and Gradio event that the app has: none is given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.access import auth as auth_module
from ragkit.server.access import passwords
from ragkit.server.access.auth import Auth, add_user, current_user
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder
from tests.server.conftest import ask
from tests.server.events import WAIT_S, events, fire, listen, pages
from tests.server.live import serving

pytestmark = pytest.mark.filterwarnings("ignore")
CANARY = "canarysinging"
ANN, BOB = ({"authorization": f"Bearer {name}:correct horse"} for name in ("ann", "bob"))


@dataclass
class Site:
    """The running app; `things` are ann's, by what a parameter of that kind is called."""

    app: Any
    url: str
    service: Service
    things: dict[str, str]

    def state(self) -> str:
        """All of ann's that a request could change."""
        here = self.service.workspace("ann")
        documents = [(r.name, d.id, d.title) for r in here.indexes() for d in here.index(r.name).documents()]
        talks = [(c.id, c.title, len(here.turns(c.id))) for c in here.conversations()]
        runs = sorted(str(p) for p in (here.home / "eval-runs").rglob("*"))
        sent = here.inbox.look([self.things["sent"]])
        return repr((documents, talks, runs, here.vote_on(self.things["trace"]), sent))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from ragkit.ui import mount

    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        real = passwords.hash_password
        patch.setattr(auth_module, "hash_password", lambda p: real(p, cost=2**4, parallel=1))
        for name in ("ann", "bob"):
            add_user(folder / "users", name, "correct horse")
        service = Service(ServiceSettings(home=folder / "home", users=True, per_minute=0))
        service.workspace("bob").create("bobs")
        here = service.workspace("ann")
        here.create("anns")
        text = f"The {CANARY} approves travel over 5 euros."
        here.add("anns", texts=[{"id": "secret", "title": CANARY, "text": text}])
        app = mount(create_app(service, auth=Auth(users=folder / "users")), service, current_user)
        run = "20260101-000000-0123abcd"
        (here.home / "eval-runs" / run).mkdir(parents=True)
        (here.home / "eval-runs" / run / "summary.json").write_text(json.dumps({"metrics": {}, "note": CANARY}))
        with serving(app) as url:
            question = ask("Who approves travel over 5 euros?", "anns", ragkit={"remember": True})
            told = httpx.post(f"{url}/v1/chat/completions", json=question, headers=ANN, timeout=WAIT_S).json()["ragkit"]
            sent = httpx.post(f"{url}/api/uploads?name={CANARY}.txt", content=CANARY, headers=ANN).json()["id"]
            yield Site(
                app,
                url,
                service,
                {
                    "index": "anns",
                    "name": "anns",
                    "model": "anns",
                    "document": "secret",
                    "conversation": told["conversation"],
                    "trace": told["trace_id"],
                    "run": run,
                    "sent": sent,
                },
            )
        service.close()


@pytest.fixture
def bob(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, headers=BOB, timeout=WAIT_S) as made:
        yield made


def filled(path: str, things: dict[str, str]) -> list[str]:
    """A route's path with each of ann's things in its places."""
    return [
        "".join(thing if n % 2 else part for n, part in enumerate(re.split(r"\{([^}]*)\}", path)))
        for thing in things.values()
    ]


def test_no_route_gives_or_changes_another_s_things(site: Site, bob: httpx.Client) -> None:
    before, things = site.state(), site.things
    body = {
        **things,
        "query": CANARY,
        "question": CANARY,
        "input": CANARY,
        "id": things["conversation"],
        "title": "taken",
        "messages": [{"role": "user", "content": CANARY}],
        "keep": 0,
        "value": 1,
        "documents": [{"id": "secret", "text": "x"}],
        "ragkit": {"conversation": things["conversation"]},
    }
    bodies = [
        body,
        *(
            {k: v for k, v in body.items() if k in kept}
            for kept in (
                ("index", "query"),
                ("index", "question"),
                ("index", "question", "conversation"),
                ("name",),
                ("title",),
                ("keep",),
                ("value",),
                ("documents",),
                ("model", "messages"),
                ("model", "messages", "ragkit"),
                ("model", "input"),
            )
        ),
    ]
    routes = [r for r in site.app.routes if isinstance(r, Route) and r.path not in ("/login", "/logout")]
    assert len(routes) > 30
    for route in routes:
        for path in dict.fromkeys(filled(route.path, things)):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                for query in ({"id": "secret"}, {"search": CANARY}):
                    if method in ("GET", "DELETE"):
                        heard = [bob.request(method, path, params=query)]
                    else:
                        heard = [bob.request(method, path, params=query, json=one) for one in bodies]
                    for reply in heard:
                        asked = reply.text.replace(f"search={CANARY}", "")
                        assert CANARY not in asked or reply.status_code >= 400, f"{method} {path}: {reply.text[:300]}"
    assert site.state() == before


def test_no_tool_gives_another_s_things(site: Site, bob: httpx.Client) -> None:
    def call(method: str, **params: Any) -> str:
        sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        accept = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
        return bob.post("/mcp", json=sent, headers=accept).text

    listed = call("tools/list")
    names = set(re.findall(r'"name":\s*"(\w+)","(?:title|description)', listed)) or {"indexes", "search", "ask"}
    assert {"indexes", "search", "ask"} <= names
    for name in names:
        for arguments in (
            {},
            {"index": "anns", "query": "travel"},
            {"index": "anns", "question": "Who approves travel?"},
        ):
            told = call("tools/call", name=name, arguments=arguments)
            assert CANARY not in told and '"anns"' not in told.replace("no index 'anns'", ""), name


def test_no_event_gives_or_changes_another_s_things(site: Site, bob: httpx.Client) -> None:
    before, things = site.state(), site.things
    found = [e for e in events(site.app) if not e.prefix]
    told = {
        "act": "preview",
        "id": things["conversation"],
        "conversation": things["conversation"],
        "question": "travel",
        "keep": 0,
        "trace": things["trace"],
        "value": -1,
        "title": "taken",
        "ids": [things["sent"]],
        "settings": {"index": "anns"},
        "search": "",
    }
    for event in found:
        if event.name.endswith(":refresh"):
            fire(bob, event, [None, *[""] * (event.inputs - 1)], session="bob1")
        values = (things["index"], things["run"], things["sent"])
        for act, id_ in (
            ("preview", "secret"),
            ("delete", "secret"),
            ("preview", things["run"]),
            ("delete", things["run"]),
        ):
            for value in values:
                heard = fire(bob, event, [value] * event.inputs, {**told, "act": act}, "bob1")
                assert CANARY not in heard, event.name
                if event.name.endswith((":act", ":show_found")):
                    assert CANARY not in fire(
                        bob, event, [value] * event.inputs, {**told, "act": act, "id": id_}, "bob1"
                    )
    assert site.state() == before


def test_another_s_session_of_the_page_tells_nothing_and_stops_nothing(site: Site, bob: httpx.Client) -> None:
    hello = next(e for e in events(site.app) if not e.prefix and e.name.endswith(":refresh"))
    with httpx.Client(base_url=site.url, headers=ANN, timeout=WAIT_S) as ann:
        body = {"data": [None, *[""] * (hello.inputs - 1)], "fn_index": hello.number, "session_hash": "annsession"}
        assert ann.post("/gradio_api/queue/join", json=body).status_code == 200
        assert CANARY not in listen(bob, "", "annsession")
        assert CANARY in listen(ann, "", "annsession")
    for path, page in pages(site.app):  # what of Gradio could be asked for another's is not there at all
        for route in page.routes:
            if isinstance(route, (Route, Mount)) and "{" in route.path and "session_hash" not in route.path:
                reply = bob.get(path + re.sub(r"\{[^}]*\}", "x", route.path))
                assert CANARY not in reply.text
