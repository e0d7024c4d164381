"""A real vLLM server on loopback: the same contract as in process, and what happens when it dies, hangs or is left."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import Deadlines, Request, Sample
from ragkit.engines.fork import fork
from ragkit.engines.remote.http import Server
from ragkit.engines.remote.openai import OpenAIEngine, open_server
from ragkit.engines.remote.openai_chat import OpenAIChatEngine
from ragkit.errors import EngineDeadError, EngineTimeoutError

from ..conftest import ask
from .vllm_server import Served, vllm_server

pytestmark = pytest.mark.slow

SILENCE_S = 10.0
"""Above what a busy machine takes for a token; a thought that ends asks anew, so for the first one too."""


@pytest.fixture(scope="module")
def served(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    pytest.importorskip("vllm", exc_type=ImportError)
    with vllm_server(tiny, tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[OpenAIEngine]:
    engine = open_server(served.url)
    assert isinstance(engine, OpenAIEngine)
    yield engine
    engine.close()


def test_no_thought_exceeds_its_cap(client: OpenAIEngine) -> None:
    requests = [
        ask(client, f"{k}", thinking_tokens=c, temperature=t) for c in (0, 1, 16) for k in range(4) for t in (0, 1)
    ]
    for request, (sample,) in zip(requests, asyncio.run(client.generate_many(requests)), strict=True):
        assert request.thinking_tokens is not None
        assert len(sample.thinking_ids) <= request.thinking_tokens
        assert sample.cut == 0


def test_the_server_answers_as_the_engine_in_process(client: OpenAIEngine, vllm_engine: Any) -> None:
    request = ask(client, thinking_tokens=6)
    (there,) = asyncio.run(client.generate(request))
    (here,) = asyncio.run(vllm_engine.generate(request))
    assert (there.thinking_ids, there.answer_ids) == (here.thinking_ids, here.answer_ids)


def test_forks_find_their_prompts_in_the_servers_cache(client: OpenAIEngine) -> None:
    async def run() -> None:
        request = ask(client, "passage " * 60, thinking_tokens=40)
        (natural,) = await client.generate(request)
        forked = await fork(client, request, natural, (8, 16, 32))
        assert forked.cost.cached_tokens >= 0.9 * forked.cost.prompt_tokens

    asyncio.run(run())


def test_logprobs_structure_and_streams_come_through(client: OpenAIEngine) -> None:
    async def run() -> None:
        (sample,) = await client.generate(ask(client, thinking_tokens=2, logprobs=3))
        assert len(sample.logprobs) == len(sample.top_logprobs) == len(sample.answer_ids)
        schema = {
            "type": "object",
            "properties": {"a": {"enum": [1, 2]}},
            "required": ["a"],
            "additionalProperties": False,
        }
        (sample,) = await client.generate(ask(client, thinking_tokens=2, answer_tokens=30, json_schema=schema))
        assert json.loads(sample.answer)["a"] in (1, 2)
        *deltas, last = [item async for item in client.stream(ask(client, thinking_tokens=4))]
        assert isinstance(last, Sample)
        assert sum(d.tokens for d in deltas if not isinstance(d, Sample)) == last.thinking_tokens + last.answer_tokens

    asyncio.run(run())


def test_chat_without_ids_works_too(served: Served) -> None:
    engine = OpenAIChatEngine(Server(served.url, deadlines=Deadlines()), "tiny")
    request = Request(messages=({"role": "user", "content": "hi"},), thinking_tokens=16, answer_tokens=8)
    (sample,) = asyncio.run(engine.generate(request))
    assert sample.ended == "unsupported"
    assert 0 < sample.thinking_tokens + sample.answer_tokens <= 24
    engine.close()


def test_closing_50_streams_leaves_nothing_running(served: Served, client: OpenAIEngine) -> None:
    async def run() -> None:
        for k in range(50):
            stream = client.stream(ask(client, f"{k}", thinking_tokens=900))
            await anext(stream)
            await stream.aclose()

    asyncio.run(run())
    end = time.monotonic() + 3
    while served.running():
        assert time.monotonic() < end, "requests left running"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("sig", "error"),
    [(signal.SIGSTOP, EngineTimeoutError), (signal.SIGKILL, EngineDeadError)],
    ids=["stopped", "killed"],
)
def test_a_lost_server_gives_a_clear_error_in_time(
    tiny: Path, tmp_path: Path, sig: signal.Signals, error: type[Exception]
) -> None:
    with vllm_server(tiny, tmp_path / "log") as server:
        engine = open_server(server.url, deadlines=Deadlines(first_token_s=SILENCE_S, between_tokens_s=SILENCE_S))
        assert isinstance(engine, OpenAIEngine)

        async def run() -> float:
            streams = [engine.stream(ask(engine, f"{k}", thinking_tokens=900, temperature=1)) for k in range(4)]
            for stream in streams:
                await anext(stream)
            server.kill(sig)
            began = time.monotonic()
            results = await asyncio.gather(*map(_drain, streams), return_exceptions=True)
            assert [type(r) for r in results] == [error] * 4
            return time.monotonic() - began

        assert asyncio.run(run()) < SILENCE_S + 2
        engine.close()


async def _drain(stream: Any) -> None:
    async for _ in stream:
        pass
