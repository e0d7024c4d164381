"""Logging in and out in a real browser, over the real server: right, wrong, too often, expired, after a logout."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.access import auth as auth_module
from ragkit.server.access import passwords
from ragkit.server.access.auth import COOKIE, Auth, add_user, current_user
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.conftest import need
from tests.fakes import WordEncoder
from tests.server.conftest import filled
from tests.server.live import serving

pytestmark = pytest.mark.filterwarnings("ignore")
PASSWORD = "correct horse"
WAIT_MS = 60_000


@dataclass
class Site:
    """The app with users, and a clock of its own."""

    url: str
    auth: Auth
    ahead_s: float = 0.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from ragkit.ui import mount

    folder = tmp_path_factory.mktemp("site")
    made = Site("", None)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        real = passwords.hash_password
        patch.setattr(auth_module, "hash_password", lambda p: real(p, cost=2**4, parallel=1))
        add_user(folder / "users", "ann", PASSWORD)
        service = filled(Service(ServiceSettings(home=folder / "home", users=True)), "ann")
        made.auth = Auth(users=folder / "users", clock=lambda: 1e9 + made.ahead_s)
        app = mount(create_app(service, auth=made.auth), service, current_user)
        with serving(app) as made.url:
            yield made
        service.close()
        made.auth.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=need("chromium"), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(locale="en-US")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def enter(page: Any, password: str, name: str = "ann") -> None:
    if page.locator("#name").input_value() != name:
        page.fill("#name", name)
    page.fill("#password", password)
    page.click("button")


def test_who_knows_the_password_gets_in_works_and_leaves(page: Any, site: Site) -> None:
    page.goto(site.url + "/")
    assert page.url == f"{site.url}/login?next=/"
    enter(page, "not the password")
    assert page.get_by_role("alert").inner_text() == "That is not right; try again."
    assert page.locator("#password").input_value() == "" and page.locator("#name").input_value() == "ann"
    enter(page, PASSWORD)
    page.wait_for_selector("#rk-hero > *")  # the app, and its events answer
    assert page.url == site.url + "/"
    page.wait_for_selector("#rk-index option[value=rules]", state="attached")
    token = next(c["value"] for c in page.context.cookies() if c["name"] == COOKIE)
    assert page.evaluate("document.cookie").find(token) == -1

    other = page.context.new_page()
    other.goto(site.url + "/")
    other.wait_for_selector("#rk-hero > *")
    page.click("#rk-leave")
    page.wait_for_selector("#password")
    assert site.auth.user_of_session(token) is None
    page.go_back()
    page.wait_for_selector("#password")  # what was there is not shown again
    other.get_by_role("tab", name="History").click()  # another tab notices with its next request
    other.wait_for_selector("#password")
    assert "/login?next=" in other.url


def test_a_session_that_ended_by_its_time_leads_to_the_login_and_back(page: Any, site: Site) -> None:
    page.goto(site.url + "/ru/")
    enter(page, PASSWORD)
    page.wait_for_selector("#rk-hero > *")
    site.ahead_s += 15 * 24 * 3600
    with contextlib.suppress(Exception):  # a request of the page's own may have led it away already
        page.evaluate("() => { fetch('/v1/models').then((reply) => reply.text()); }")
    page.wait_for_selector("#password")
    enter(page, PASSWORD)
    page.wait_for_selector("#rk-hero > *")
    assert page.url.startswith(site.url + "/ru/")


def test_who_tries_too_often_is_told_so_on_the_page(page: Any, site: Site) -> None:
    site.ahead_s += 3600
    page.goto(site.url + "/login")
    for number in range(11):
        enter(page, f"guess number {number}", "nobody")
    assert "Too many failed logins" in page.get_by_role("alert").inner_text()
    assert page.locator("form #password").count() == 1
