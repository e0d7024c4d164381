"""Who gets in: passwords, keys, cookies — and that nobody learns which names exist."""

from __future__ import annotations

import base64
import hmac
import secrets
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ragkit.errors import BusyError, ConfigError, UsageError
from ragkit.server import create_app
from ragkit.server.access import auth as auth_module
from ragkit.server.access import passwords
from ragkit.server.access.auth import COOKIE, Auth, add_user
from ragkit.server.access.guessing import OF_ACCOUNT, OF_ADDRESS, OF_BOTH
from ragkit.server.access.sessions import Sessions
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.server.conftest import BASE, ask, filled

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real scrypt at little cost; what it costs in earnest is held by one test."""
    real = passwords.hash_password
    monkeypatch.setattr(auth_module, "hash_password", lambda p: real(p, cost=2**4, parallel=1))


@pytest.fixture
def users(tmp_path: Path, cheap: None) -> Path:
    path = tmp_path / "users"
    add_user(path, "ann", PASSWORD)
    add_user(path, "bob", "battery staple")
    return path


@pytest.fixture
def browser(home: Path, words: None, users: Path):  # type: ignore[no-untyped-def]
    service = filled(Service(ServiceSettings(home=home, users=True)), "ann")
    app = create_app(service, auth=Auth(users=users, api_key="the-key"))
    with TestClient(app, base_url=BASE, follow_redirects=False) as made:
        yield made
    service.close()


def test_the_file_holds_no_password_and_is_its_owner_s_alone(users: Path) -> None:
    text = users.read_text()
    assert PASSWORD not in text and text.count("scrypt$") == 2
    assert stat.S_IMODE(users.stat().st_mode) == 0o600
    add_user(users, "ann", "another password")
    assert users.read_text().count("ann:") == 1


def test_the_stored_cost_is_owasp_s() -> None:
    stored = passwords.hash_password(PASSWORD)
    assert stored.startswith("scrypt$16384$8$5$")
    assert passwords.matches(PASSWORD, stored) and not passwords.matches(PASSWORD + "x", stored)


def test_unknown_names_cost_the_same_and_are_compared_in_constant_time(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = Auth(users=users)
    derived: list[Any] = []
    compared: list[int] = []
    real_key, real_compare = passwords._key, hmac.compare_digest
    monkeypatch.setattr(passwords, "_key", lambda *a: derived.append(a[2:]) or real_key(*a))
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append(1) or real_compare(a, b))
    assert auth.check("ann", PASSWORD) == "ann"
    assert auth.check("ann", "wrong") is None
    assert auth.check("nobody", "wrong") is None
    assert len(set(derived)) == 1 and len(derived) == len(compared) == 3


@pytest.mark.parametrize("name", ["", " ann", "a:b", "a\nb", "../x", "x" * 80])
def test_names_that_would_break_the_file_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        add_user(tmp_path / "users", name, PASSWORD)


def test_short_passwords_and_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="8 or more"):
        passwords.hash_password("short")
    (tmp_path / "users").write_text("ann:plain")
    with pytest.raises(ConfigError, match="line 1"):
        Auth(users=tmp_path / "users")
    with pytest.raises(ConfigError, match="--auth FILE or --api-key"):
        Auth()


def test_sessions_are_good_for_their_time_and_password_and_end_with_a_logout(users: Path, tmp_path: Path) -> None:
    now = 1_000_000.0

    def made() -> Auth:
        kept = Sessions(tmp_path / "home" / "sessions.db", clock=lambda: now)
        return Auth(users=users, sessions=kept, clock=lambda: now)

    auth = made()
    token, other = auth.begin_session("ann"), auth.begin_session("ann")
    assert auth.user_of_session(token) == "ann"
    assert made().user_of_session(token) == "ann"  # a restart
    assert Auth(users=users).user_of_session(token) is None
    assert [auth.user_of_session(f) for f in (token[:-1], token + "x", "", "é" * 10, "x" * 10**6)] == [None] * 5
    assert token not in (tmp_path / "home" / "sessions.db").read_bytes().decode("latin-1")
    assert stat.S_IMODE((tmp_path / "home" / "sessions.db").stat().st_mode) == 0o600
    made().end_session(token)  # any process
    assert auth.user_of_session(token) is None and auth.user_of_session(other) == "ann"
    now += auth_module.SESSION_S + 1
    assert auth.user_of_session(other) is None
    last = auth.begin_session("ann")
    add_user(users, "ann", "a new password")
    assert auth.user_of_session(last) is None


def refused(auth: Auth, name: str, address: str) -> bool:
    try:
        assert auth.log_in(name, f"wrong {address}{name}{secrets.token_hex(4)}", address) is None
    except BusyError:
        return True
    return False


def test_guessing_is_slowed_down_for_the_account_and_for_the_address(users: Path) -> None:
    auth = Auth(users=users, clock=lambda: 5.0)
    assert auth.log_in("ann", PASSWORD, "5.6.7.8") == "ann"  # where ann usually is
    tried = [refused(auth, "ann", "1.2.3.4") for _ in range(20)]
    assert tried.count(False) == OF_BOTH
    tried = [refused(auth, "ann", f"9.9.{n}.1") for n in range(60)]  # from everywhere
    assert tried.count(False) == OF_ACCOUNT - OF_BOTH
    tried = [refused(auth, f"user{n}", "6.6.6.6") for n in range(60)]  # at everybody
    assert tried.count(False) == OF_ADDRESS
    assert auth.log_in("ann", PASSWORD, "5.6.7.8") == "ann"
    assert auth.log_in("bob", "battery staple", "1.2.3.4") == "bob"  # another one behind the same address
    assert [refused(auth, "carl", f"2001:db8::{n:x}") for n in range(20)].count(False) == OF_BOTH  # one network


def test_guesses_sent_at_once_count_as_if_one_came_after_the_other(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth, checked = Auth(users=users), []
    monkeypatch.setattr(Auth, "check", lambda *a: checked.append(a) or time.sleep(0.01))
    with ThreadPoolExecutor(80) as pool:
        told = list(pool.map(lambda n: refused(auth, "ann", "1.2.3.4"), range(80)))
    assert len(checked) == told.count(False) == OF_BOTH


def test_the_right_password_sent_many_times_at_once_is_checked_once_and_counts_for_nothing(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth, checked, real = Auth(users=users), [], Auth.check
    monkeypatch.setattr(Auth, "check", lambda *a: checked.append(a) or real(*a))
    with ThreadPoolExecutor(40) as pool:
        told = list(pool.map(lambda _: auth.log_in("ann", PASSWORD, "1.2.3.4"), range(200)))
    assert set(told) == {"ann"} and len(checked) == 1


def test_nobody_gets_in_without_a_login(browser: TestClient) -> None:
    for path in ("/v1/models", "/api/indexes", "/metrics", "/openapi.json", "/docs", "/mcp"):
        reply = browser.get(path)
        assert reply.status_code == 401, path
        assert reply.json()["error"]["type"] == "authentication_error"
    assert browser.get("/health").status_code == 200
    page = browser.get("/docs", headers={"accept": "text/html"})
    assert page.status_code == 303 and page.headers["location"] == "/login?next=/docs"


def test_a_browser_logs_in_and_out(browser: TestClient) -> None:
    assert "Log in" in browser.get("/login?next=/docs").text
    wrong = browser.post("/login", data={"name": "ann", "password": "wrong guess"})
    assert wrong.status_code == 401 and COOKIE not in wrong.cookies
    right = browser.post("/login", data={"name": "ann", "password": PASSWORD, "next": "/docs"})
    assert right.status_code == 303 and right.headers["location"] == "/docs"
    kept = right.headers["set-cookie"].lower()
    assert "httponly" in kept and "samesite=lax" in kept
    assert [i["name"] for i in browser.get("/api/indexes").json()] == ["rules"]
    assert "no-store" in browser.get("/api/indexes").headers["cache-control"]
    taken = browser.cookies[COOKIE]
    browser.post("/logout")
    assert browser.get("/api/indexes").status_code == 401
    assert browser.get("/api/indexes", headers={"cookie": f"{COOKIE}={taken}"}).status_code == 401


@pytest.mark.parametrize("sent", [{}, {"name": "ann"}, {"name": "x" * 5000, "password": "y"}, {"password": "z" * 5000}])
def test_whatever_is_wrong_with_a_login_is_a_page_with_the_form(browser: TestClient, sent: dict[str, str]) -> None:
    reply = browser.post("/login", data=sent, headers={"accept": "text/html", "accept-language": "uk"})
    assert reply.status_code == 400 and "Неправильно" in reply.text and "<form" in reply.text
    refused = browser.post("/login", data=sent, headers={"accept": "text/html", "origin": "http://evil.example"})
    assert refused.status_code == 403 and refused.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("after", ["https://evil.example", "//evil.example", "/\\evil.example", "/\tx", "javascript:x"])
def test_a_login_leads_to_no_other_site(browser: TestClient, after: str) -> None:
    reply = browser.post("/login", data={"name": "ann", "password": PASSWORD, "next": after})
    assert reply.headers["location"] == "/"


def test_programs_send_keys_or_names_and_each_has_indexes_of_its_own(browser: TestClient) -> None:
    def names(**headers: str) -> list[str]:
        return [i["name"] for i in browser.get("/api/indexes", headers=headers).json()]

    basic = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    assert names(authorization=f"Bearer ann:{PASSWORD}") == names(authorization=f"Basic {basic}") == ["rules"]
    assert names(authorization="Bearer bob:battery staple") == names(authorization="Bearer the-key") == []
    for wrong in ("Bearer nonsense", "Bearer ann:nonsense", "Basic x", "Basic ////", "Bearer", "Digest x"):
        assert browser.get("/api/indexes", headers={"authorization": wrong}).status_code == 401, wrong


def test_one_user_s_traces_and_answers_are_not_another_s(browser: TestClient) -> None:
    ann, bob = ({"authorization": f"Bearer {who}"} for who in (f"ann:{PASSWORD}", "bob:battery staple"))
    told = browser.post("/v1/chat/completions", json=ask(ragkit={"remember": True}), headers=ann).json()["ragkit"]
    assert browser.post("/v1/chat/completions", json=ask(), headers=bob).status_code == 404
    for path in (f"/api/traces/{told['trace_id']}", f"/api/conversations/{told['conversation']}"):
        assert browser.get(path, headers=ann).status_code == 200
        assert browser.get(path, headers=bob).status_code == 404


def test_with_a_key_alone_everybody_who_knows_it_is_one(home: Path, words: None) -> None:
    service = filled(Service(ServiceSettings(home=home)))
    with TestClient(create_app(service, auth=Auth(api_key="the-key")), base_url=BASE, follow_redirects=False) as client:
        assert client.get("/api/indexes").status_code == 401
        assert client.get("/api/indexes", headers={"authorization": "Bearer the-key"}).status_code == 200
        assert client.post("/login", data={"password": "not the key"}).status_code == 401
        assert client.post("/login", data={"password": "the-key"}).status_code == 303
        assert client.get("/api/indexes").json()[0]["name"] == "rules"
    service.close()
