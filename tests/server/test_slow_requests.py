"""Requests that are sent half, slowly or not at all silence nobody; a slow but steady upload goes through."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from ragkit.server.connections import Patience, watched
from tests.server.live import served, serving

HALF = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: "
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"


async def counting(scope: Any, receive: Any, send: Any) -> None:
    """Says how long the body was; knows nothing of lifespans."""
    if scope["type"] == "http":
        body = await Request(scope, receive).body()
        await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    patience = Patience(most=20, header_s=0.4, grace_s=0.4)
    with serving(counting, http=watched(patience), lifespan="off") as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def closed(peer: socket.socket) -> bool:
    """Whether the server ends the connection, sooner or later."""
    peer.settimeout(30)
    try:
        return peer.recv(1) == b""
    except ConnectionError:
        return True


def told(peer: socket.socket) -> bytes:
    """One whole response."""
    peer.settimeout(30)
    found = b""
    while b"\r\n\r\n" not in found or found.endswith(b"\r\n\r\n"):
        found += peer.recv(4096)
    return found


@pytest.mark.parametrize("begun", [b"", HALF, POST % 100, POST % 10**6 + b"x"])
def test_what_is_sent_half_is_closed(address: tuple[str, int], begun: bytes) -> None:
    with socket.create_connection(address) as peer:
        peer.sendall(begun)
        assert closed(peer)


def test_a_second_request_on_a_kept_connection_is_served_and_may_not_stay_half(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as peer:
        for _ in range(2):
            peer.sendall(POST % 3 + b"abc")
            assert told(peer).endswith(b"3")
        peer.sendall(HALF)
        assert closed(peer)


def test_a_slow_but_steady_body_goes_through(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as peer:
        peer.sendall(POST % 30_000)
        for _ in range(30):  # longer than a body may take that brings nothing
            peer.sendall(b"x" * 1000)
            time.sleep(0.03)
        assert told(peer).endswith(b"30000")


def test_new_connections_push_out_the_half_sent_ones(address: tuple[str, int]) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            peer = stack.enter_context(socket.create_connection(address))
            peer.sendall(HALF)
        assert httpx.post(f"http://127.0.0.1:{address[1]}/", content=b"four", timeout=30).text == "4"


def test_eleven_hundred_half_sent_requests_do_not_silence_the_server(tmp_path: Path) -> None:
    with served(tmp_path, "--no-ui") as (url, _), contextlib.ExitStack() as stack:
        took = []
        for number in range(1100):
            with contextlib.suppress(OSError):
                peer = stack.enter_context(socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5))
                peer.sendall(HALF)
            if number % 100 == 99:
                began = time.monotonic()
                assert httpx.get(f"{url}/health", timeout=20).status_code == 200
                took.append(time.monotonic() - began)
        assert sorted(took)[len(took) // 2] < 5


def test_a_forwarded_address_is_believed_of_a_named_proxy_alone(tmp_path: Path) -> None:
    def tried(*options: str) -> int:
        with served(tmp_path, "--no-ui", "--api-key", "the-key", *options) as (url, _):
            replies = [
                httpx.get(
                    f"{url}/v1/models",
                    headers={"authorization": "Bearer wrong", "x-forwarded-for": f"9.9.{n}.9"},
                    timeout=60,
                )
                for n in range(14)
            ]
            return sum(reply.status_code == 401 for reply in replies)

    assert tried() == 10
    assert tried("--trusted-proxy", "127.0.0.1") == 14
