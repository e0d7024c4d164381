"""A server that is asked and attacked for long holds no more memory at the end than early on, and hangs on nothing."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.live import served

pytestmark = pytest.mark.slow
EARLY, MOST = 0.4, 1.1  # the share of the run that warms everything up; what it may grow by from then on
DEADLINE_S = 60.0


def memory_mb(process: int) -> float:
    """What the process holds in memory of its own, in MB; pages of mapped files are the system's to take back."""
    found = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[httpx.Client, int]]:
    with (
        served(tmp_path, *request.param) as (url, process),
        httpx.Client(base_url=url, timeout=DEADLINE_S, transport=httpx.HTTPTransport(retries=9)) as client,
    ):
        rows = [
            {
                "id": f"d{i}",
                "text": f"Report {i}. The pump of plant {i} was checked by engineer {i * 7 % 97} in {1990 + i % 30}.",
                "metadata": {"team": f"t{i % 9}"},
            }
            for i in range(200)
        ]
        assert client.post("/api/indexes", json={"name": "x"}).status_code == 201
        assert client.post("/api/indexes/x/texts", json={"documents": rows}).json()["added"] == 200
        yield client, process


def hold(process: int, total: int, number: int, seen: dict[int, float]) -> None:
    """Note the memory at the early point and at the end, and print it now and then."""
    if number in (int(EARLY * total), total) or number % (total // 10) == 0:
        seen[number] = memory_mb(process)


@pytest.mark.parametrize("server", [["--no-ui"]], indirect=True)
def test_two_thousand_questions_leave_memory_flat(server: tuple[httpx.Client, int]) -> None:
    client, process = server
    total, seen = 2000, dict[int, float]()
    for n in range(1, total + 1):
        question = f"Who checked the pump of plant {n % 200} in {1990 + n % 30}, asked {n} times?"
        reply = client.post("/api/ask", json={"index": "x", "question": question})
        assert reply.status_code == 200, reply.text
        hold(process, total, n, seen)
    print({n: round(mb) for n, mb in seen.items()})
    assert seen[total] <= MOST * seen[int(EARLY * total)]


def hostile(n: int, r: random.Random) -> tuple[str, str, dict[str, object]]:
    """One request of nine kinds: method, path, what is sent."""
    ask: dict[str, object] = {"index": "x", "query": f"pump {n}"}
    event = {"fn_index": r.randrange(99), "session_hash": f"s{n}"}
    said = [{"role": "user", "content": "pump"}] * 500
    kinds: list[tuple[str, str, dict[str, object]]] = [
        ("POST", "/api/search", {"json": {**ask, "where": {"team": [f"v{i}" for i in range(2000)]}}}),
        ("POST", "/api/search", {"json": {**ask, "where": {"team": [f"v{i}" for i in range(40_000)]}}}),
        ("POST", "/api/search", {"content": "[" * 5000 + "]" * 5000, "headers": {"content-type": "application/json"}}),
        ("POST", "/api/search", {"json": {**ask, "query": "x" * 20_001}}),
        ("POST", "/gradio_api/queue/join", {"json": {"data": [{"path": "/etc/passwd"}], **event}}),
        ("POST", "/gradio_api/queue/join", {"json": {"data": ["z" * 50_000] * 3, **event}}),
        ("GET", f"/x{n}" + "/y" * 50, {}),
        ("POST", "/v1/chat/completions", {"json": {"model": "x", "messages": said, "ragkit": {"k": 10**6}}}),
        ("POST", f"/api/uploads?name=../../etc/passwd%00{n}", {"content": b"x" * 1000}),
    ]
    return kinds[n % len(kinds)]


@pytest.mark.parametrize("server", [[]], indirect=True)
def test_five_thousand_hostile_requests_leave_memory_flat_and_none_hangs_or_fails(
    server: tuple[httpx.Client, int],
) -> None:
    client, process = server
    total, seen, slowest, r = 5000, dict[int, float](), 0.0, random.Random(1)
    for n in range(1, total + 1):
        method, path, sent = hostile(n, r)
        began = time.monotonic()
        reply = client.request(method, path, **sent)  # type: ignore[arg-type]
        slowest = max(slowest, time.monotonic() - began)
        assert reply.status_code < 500, (path, reply.text)
        hold(process, total, n, seen)
    print({n: round(mb) for n, mb in seen.items()}, f"slowest {slowest:.1f} s")
    assert slowest < DEADLINE_S / 2
    assert seen[total] <= MOST * seen[int(EARLY * total)]
