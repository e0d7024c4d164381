"""The drawn page behind a citation: for whoever asked the question alone, and only for pages that are there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.access import auth as auth_module
from ragkit.server.access import passwords
from ragkit.server.access.auth import Auth, add_user, current_user
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder
from tests.loaders.test_pdf import make_pdf
from tests.server.conftest import ask
from tests.server.events import WAIT_S
from tests.server.live import serving

pytestmark = pytest.mark.filterwarnings("ignore")
ANN, BOB = ({"authorization": f"Bearer {name}:correct horse"} for name in ("ann", "bob"))
RULE = "The canarysinging director approves travel over 2,000 euros."


@dataclass
class Site:
    """The running app; `pages` is the address of those behind ann's answer."""

    url: str
    service: Service
    pages: str

    def get(self, rest: str, who: dict[str, str]) -> httpx.Response:
        return httpx.get(self.url + self.pages + rest, headers=who, timeout=WAIT_S)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    pytest.importorskip("gradio")
    from ragkit.ui import mount

    folder = tmp_path_factory.mktemp("sheets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        real = passwords.hash_password
        patch.setattr(auth_module, "hash_password", lambda p: real(p, cost=2**4, parallel=1))
        for name in ("ann", "bob"):
            add_user(folder / "users", name, "correct horse")
        service = Service(ServiceSettings(home=folder / "home", users=True, per_minute=0))
        service.workspace("ann").create("papers")
        app = mount(create_app(service, auth=Auth(users=folder / "users")), service, current_user)
        with serving(app) as url:
            sent = {"files": ("rules.pdf", make_pdf([["Contents"], ["Rules of travel", RULE]]), "application/pdf")}
            added = httpx.post(f"{url}/api/indexes/papers/documents", files=sent, headers=ANN, timeout=WAIT_S)
            assert added.json()["added"] == 1
            asked = ask("Who approves travel over 2,000 euros?", "papers", ragkit={"remember": True})
            reply = httpx.post(f"{url}/v1/chat/completions", json=asked, headers=ANN, timeout=WAIT_S).json()
            yield Site(url, service, f"/app/en/conversations/{reply['ragkit']['conversation']}/turns/1/pages")
        service.close()


def test_whoever_asked_gets_the_page_and_nobody_else(site: Site) -> None:
    told = site.get("?n=1", ANN).json()["pages"]
    assert [(one["number"], one["label"]) for one in told] == [(2, "Page 2")] and "rules" in told[0]["alt"].lower()
    sheet = site.get("/2?n=1", ANN).json()
    assert base64.b64decode(sheet["png"]).startswith(b"\x89PNG") and len(sheet["marks"]) == 1
    for rest in ("?n=1", "/2?n=1"):
        assert site.get(rest, BOB).status_code == 404
        assert site.get(rest, {}).status_code in (401, 303)
    assert "canarysinging" not in site.get("/2?n=1", BOB).text


@pytest.mark.parametrize(
    "rest", ["/3?n=1", "/0?n=1", "/-1?n=1", "/99999999999?n=1", "/x?n=1", "/2?n=9", "/2?n=0", "/2", "/..%2f..?n=1"]
)
def test_what_is_not_there_is_refused_in_words(site: Site, rest: str) -> None:
    reply = site.get(rest, ANN)
    assert reply.status_code in (400, 404, 422) and "png" not in reply.json()
    assert str(site.service.workspace("ann").home) not in reply.text


def test_a_turn_that_is_not_there_is_refused(site: Site) -> None:
    other = Site(site.url, site.service, site.pages.replace("turns/1", "turns/2"))
    assert other.get("?n=1", ANN).status_code == 404


def test_a_damaged_original_is_told_without_the_server_s_path_and_one_not_kept_shows_nothing(site: Site) -> None:
    index = site.service.workspace("ann").index("papers")
    kept = index.original("rules.pdf")
    assert kept is not None
    kept.write_bytes(b"%PDF-1.4 broken")
    reply = site.get("/2?n=1", ANN)
    assert reply.status_code == 400 and "cannot be read" in reply.text and str(kept.parent) not in reply.text
    kept.unlink()
    assert site.get("?n=1", ANN).json() == {"pages": []}
    assert site.get("/2?n=1", ANN).status_code == 404
