"""What every request passes: host, origin, headers, policy."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.testclient import TestClient

from ragkit.server import create_app
from ragkit.server.access.csp import policy_of
from ragkit.server.service import Service
from tests.server.conftest import BASE


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "10.0.0.1:8000", "[::2]"]
)
def test_on_loopback_other_names_are_refused(shared: TestClient, host: str) -> None:
    reply = shared.get("/api/indexes", headers={"host": host})
    assert reply.status_code == 403 and "localhost" in reply.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_loopback_s_own_names_are_served(shared: TestClient, host: str) -> None:
    assert shared.get("/api/indexes", headers={"host": host}).status_code == 200


def test_bound_elsewhere_any_name_is_served(service: Service) -> None:
    with TestClient(create_app(service, loopback=False), base_url="http://rag.example") as client:
        assert client.get("/api/indexes").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_can_change_nothing(shared: TestClient, headers: dict[str, str]) -> None:
    for method, path in (
        ("POST", "/api/indexes"),
        ("DELETE", "/api/indexes/rules"),
        ("POST", "/mcp"),
        ("POST", "/login"),
    ):
        assert shared.request(method, path, headers=headers, json={"name": "x"}).status_code == 403
    assert [i["name"] for i in shared.get("/api/indexes").json()] == ["rules"]


def test_the_own_page_may_send_and_nobody_else_may_read(shared: TestClient) -> None:
    reply = shared.post("/api/indexes", json={"name": "x"}, headers={"origin": BASE, "sec-fetch-site": "same-origin"})
    assert reply.status_code == 201
    shared.delete("/api/indexes/x")
    form = {"origin": "null", "sec-fetch-site": "same-origin"}  # what a form of a page without referrers sends
    assert shared.post("/logout", headers=form, follow_redirects=False).status_code == 303
    reply = shared.get("/api/indexes", headers={"origin": "https://evil.example"})
    assert not any(name.startswith("access-control") for name in reply.headers)
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/health", "/docs", "/nothing", "/login"])
def test_every_response_carries_the_headers(shared: TestClient, path: str) -> None:
    headers = shared.get(path, headers={"accept": "text/html"}).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "object-src 'none'" in policy
    assert "img-src 'self' data: blob:" in policy and "http" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"


def test_scripts_of_the_page_are_allowed_by_their_hashes_and_no_others() -> None:
    page = (
        b'<p onclick="x()"></p><script>one()</script><script src="/a.js"></script><script type="module">two()</script>'
    )
    policy = policy_of(page)
    for body in (b"one()", b"two()"):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'" in policy
    scripts = policy.partition("script-src")[2]
    assert scripts.count("sha256-") == 2 and "'unsafe-inline'" not in scripts


def test_websockets_are_closed(shared: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), shared.websocket_connect("/x"):
        raise AssertionError("it was opened")


def test_a_page_comes_compressed_to_whoever_can_read_that_with_the_policy_of_its_scripts(shared: TestClient) -> None:
    html = {"accept": "text/html"}
    small = shared.get("/docs", headers={**html, "accept-encoding": "gzip"})
    whole = shared.get("/docs", headers={**html, "accept-encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip" and "content-encoding" not in whole.headers
    assert small.text == whole.text and int(small.headers["content-length"]) < len(whole.content) / 3
    assert small.headers["content-security-policy"] == whole.headers["content-security-policy"]
