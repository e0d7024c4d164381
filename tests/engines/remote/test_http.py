"""Addresses that are none, and servers that list no models: one line each, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from ragkit.engines.remote.openai import open_server
from ragkit.errors import EngineError, UsageError

from ..scripted_server import serving


def unasked(handler: Any, payload: dict[str, Any]) -> None:
    raise AssertionError(f"no request should come: {payload}")


LISTS = [
    (200, b"<!doctype html>\n<html></html>", "answered /models with HTML.*lack /v1"),
    (200, b"7", r"answered /models with '7'.*lack /v1"),
    (200, b"\xff\xfe", "answered /models with.*lack /v1"),
    (404, b'{"detail": "Not Found"}', "has no /models .*lack /v1"),
    (502, b"<html>\n<h1>Bad gateway</h1>\n</html>", "HTTP 502: <html> <h1>Bad gateway</h1> </html>"),
    (200, b'{"data": ["m"]}', "does not serve None"),
    (200, b'{"data": {"id": "m"}}', "does not serve None"),
]


@pytest.mark.parametrize(("status", "body", "text"), LISTS, ids=[f"{s} {b!r:.14}" for s, b, _ in LISTS])
def test_a_server_that_lists_no_models_gets_one_line_with_the_remedy(status: int, body: bytes, text: str) -> None:
    with serving(unasked, listed=(status, body)) as url, pytest.raises((EngineError, UsageError), match=text) as caught:
        open_server(url.removesuffix("/v1"))
    assert "\n" not in str(caught.value)


def test_the_remedy_is_not_what_the_address_has_already() -> None:
    with serving(unasked, listed=(200, b"<html>")) as url, pytest.raises(EngineError, match="is it OpenAI-compatible"):
        open_server(url)


@pytest.mark.parametrize("host", ["localhost:80a0", "localhost:99999", "localhost:0", "[::1", "ho\nst", "xn--", ""])
def test_an_address_that_cannot_be_one_gets_one_line_with_the_remedy(host: str) -> None:
    with pytest.raises(UsageError, match="is no address of a server; write openai:http://host:port/v1") as caught:
        open_server(f"http://{host}/v1", "m")
    assert "\n" not in str(caught.value)
