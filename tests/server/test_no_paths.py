"""A path from a client is never a path: offered to every event and every route of the app, nothing is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ragkit.ui.words import LANGUAGES

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.access.auth import current_user
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder
from tests.server.events import WAIT_S, events, fire, pages
from tests.server.live import serving

pytestmark = pytest.mark.filterwarnings("ignore")
CANARY = "canarysinging"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from ragkit.ui import mount

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        service = Service(ServiceSettings(home=tmp_path_factory.mktemp("home"), index="own", per_minute=0))
        service.workspace().create("own")
        yield mount(create_app(service), service, current_user)
        service.close()


@pytest.fixture(scope="module")
def client(app: Any) -> Iterator[httpx.Client]:
    with serving(app) as url, httpx.Client(base_url=url, timeout=WAIT_S) as made:
        yield made


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the server that nobody uploaded."""
    path = tmp_path_factory.mktemp("secrets") / "secret.txt"
    path.write_text(f"the {CANARY} is not for you\n")
    return path


def named(path: str) -> list[Any]:
    """The ways to name a file that Gradio knows."""
    data = {"path": path, "orig_name": "x.txt", "meta": {"_type": "gradio.FileData"}}
    return [[data], data, {"path": path}, path]


def known(app: Any) -> str:
    """Everything that any index holds."""
    here = app.state.service.workspace()
    return "\n".join(
        here.index(r.name).document(d.id).text for r in here.indexes() for d in here.index(r.name).documents()
    )


def test_a_path_offered_to_any_event_is_not_read(app: Any, client: httpx.Client, secret: Path) -> None:
    found = events(app)
    assert len({e.prefix for e in found}) == len(LANGUAGES) and len(found) > 60
    for event in found:
        session = f"s{event.prefix.strip('/')}"
        if event.name.endswith(":refresh"):  # fills the choices of this session, as every page does
            fire(client, event, [None, *[""] * (event.inputs - 1)], session=session)
        for value in named(str(secret)) if not event.prefix else named(str(secret))[:1]:
            told = {"act": "preview", "id": value, "files": value, "question": value}
            for place in range(max(1, event.inputs)):  # one value is the path, the others are what is expected
                data = ["own"] * event.inputs
                data[place : place + 1] = [value] * min(1, event.inputs)
                assert CANARY not in fire(client, event, data, told, session), event.name
    assert CANARY not in known(app)


def test_no_component_of_the_app_takes_or_gives_a_file(app: Any) -> None:
    for _, page in pages(app):
        for block in page.get_blocks().blocks.values():
            model = getattr(block, "data_model", None)
            assert model is None or "FileData" not in str(model.model_json_schema()), block


@pytest.mark.parametrize("prefix", ["", *(f"/{code}" for code in LANGUAGES if code != "en")])
def test_gradio_s_own_ways_to_files_are_closed(app: Any, client: httpx.Client, secret: Path, prefix: str) -> None:
    sent = client.post(f"{prefix}/gradio_api/upload", files={"files": ("x.txt", CANARY.encode())})
    assert sent.status_code == 404
    for path in (
        f"file={secret}",
        f"file/{secret}",
        f"proxy=file://{secret}",
        f"proxy=http://127.0.0.1{secret}",
        "upload_progress?upload_id=x",
        "custom_component/x/client/component/../../../x",
        "stream/x/x/1/playlist-file",
    ):
        reply = client.get(f"{prefix}/gradio_api/{path}")
        assert reply.status_code == 404 and CANARY not in reply.text, path
    for path in ("run/add", "api/add", "call/add", "call/v2/add", "component_server", "process_recording", "cancel"):
        assert client.post(f"{prefix}/gradio_api/{path}", json={"data": named(str(secret))}).status_code == 404, path


def test_an_event_that_no_page_has_is_one_clear_refusal(app: Any, client: httpx.Client) -> None:
    answered = {event.number for event in events(app) if not event.prefix}
    long = ["z" * 50_000] * 3
    for number in [*range(90), -1, 10**30, True, "0", None, 0.0]:
        body = {"data": long, "fn_index": number, "session_hash": "s1"}
        reply = client.post("/gradio_api/queue/join", json=body)
        if type(number) is int and number in answered:
            assert reply.status_code == 200
        else:
            assert reply.status_code == 400, number
            assert reply.json()["error"]["message"] == "there is no such event on this page; load the page again"
    for body in ({"fn_index": 0, "session_hash": "s1"}, {"fn_index": 0, "data": {"a": 1}, "session_hash": "s1"}):
        assert client.post("/gradio_api/queue/join", json=body).status_code == 400
