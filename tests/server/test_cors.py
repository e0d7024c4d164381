"""A page of another site calls `/v1` where the server names its origin, and nothing else; no cookie counts there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ragkit.errors import UsageError
from ragkit.server import create_app
from ragkit.server.access.auth import Auth
from ragkit.server.access.cors import CrossOrigin
from ragkit.server.service import Service
from tests.server.conftest import BASE, ask

NAMED, OTHER = "https://app.example", "https://evil.example"
KEY = {"authorization": "Bearer the-key"}


@pytest.fixture
def site(service: Service) -> Iterator[TestClient]:
    app = create_app(service, auth=Auth(api_key="the-key"), cors=[NAMED])
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as made:
        yield made


def from_(origin: str) -> dict[str, str]:
    return {"origin": origin, "sec-fetch-site": "cross-site"}


def test_a_named_origin_asks_first_and_then_reads_the_answer(site: TestClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    first = site.options("/v1/chat/completions", headers={**from_(NAMED), **asked})
    assert first.status_code == 204
    assert first.headers["access-control-allow-origin"] == NAMED
    assert "authorization" in first.headers["access-control-allow-headers"]
    reply = site.post("/v1/chat/completions", json=ask(), headers={**from_(NAMED), **KEY})
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == NAMED and "origin" in reply.headers["vary"].lower()
    refused = site.post("/v1/chat/completions", json=ask(), headers=from_(NAMED))
    assert refused.status_code == 401 and refused.headers["access-control-allow-origin"] == NAMED


def test_another_origin_and_another_path_are_as_closed_as_before(site: TestClient) -> None:
    for origin, path in ((OTHER, "/v1/chat/completions"), (NAMED, "/api/ask"), ("null", "/v1/chat/completions")):
        headers = {**from_(origin), **KEY}
        reply = site.post(path, json=ask(), headers=headers)
        assert reply.status_code == 403
        assert "access-control-allow-origin" not in reply.headers
        asked = site.options(path, headers={**from_(origin), "access-control-request-method": "POST"})
        assert "access-control-allow-origin" not in asked.headers


def test_a_login_does_not_count_for_another_site_s_page(site: TestClient) -> None:
    site.post("/login", data={"name": "", "password": "the-key"}, headers={"origin": BASE})
    assert site.get("/v1/models").status_code == 200
    assert site.get("/v1/models", headers=from_(NAMED)).status_code == 401


def test_nothing_is_named_unless_told(service: Service) -> None:
    with TestClient(create_app(service), base_url=BASE) as client:
        assert "access-control-allow-origin" not in client.get("/v1/models", headers=from_(NAMED)).headers


@pytest.mark.parametrize("origin", ["*", "app.example", "https://app.example/", "file:///x", "https://"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(UsageError, match="no origin"):
        CrossOrigin([origin])
