"""The vLLM engine: its native cap, structured output, aborting, and coming back from the dead."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import Deadlines, Sample
from ragkit.engines.draws import Draw
from ragkit.errors import CapabilityError, EngineDeadError, EngineTimeoutError

from ..conftest import ask, prompt


@pytest.mark.parametrize("cap", [0, 1, 7, 30])
def test_the_native_cap_and_the_fork_think_the_same(vllm_engine: Any, cap: int) -> None:
    request = ask(vllm_engine, thinking_tokens=cap)
    (split,) = asyncio.run(vllm_engine.generate(request))
    vllm_engine.single_pass = True
    try:
        (native,) = asyncio.run(vllm_engine.generate(request))
    finally:
        vllm_engine.single_pass = False
    assert native.thinking_ids == split.thinking_ids
    assert native.cut == 0
    assert len(native.answer_ids) <= 8


def test_structured_output_is_valid_after_a_thought(vllm_engine: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"score": {"type": "integer", "minimum": 1, "maximum": 5}},
        "required": ["score"],
        "additionalProperties": False,
    }
    request = ask(vllm_engine, thinking_tokens=4, answer_tokens=40, json_schema=schema, n=4, temperature=1)
    for sample in asyncio.run(vllm_engine.generate(request)):
        assert 1 <= json.loads(sample.answer)["score"] <= 5


def test_a_seed_is_refused_where_it_would_crash(vllm_engine: Any) -> None:
    if vllm_engine.capabilities.seed:
        pytest.skip("the CUDA build takes seeds")
    with pytest.raises(CapabilityError, match="seed"):
        asyncio.run(vllm_engine.generate(ask(vllm_engine, seed=1)))


def test_closing_a_stream_leaves_nothing_running(vllm_engine: Any) -> None:
    async def run() -> None:
        for k in range(50):
            stream = vllm_engine.stream(ask(vllm_engine, f"{k}", thinking_tokens=900))
            await anext(stream)
            await stream.aclose()
        await _idle(vllm_engine)

    asyncio.run(run())


def test_cancelling_a_task_leaves_nothing_running(vllm_engine: Any) -> None:
    async def run() -> None:
        tasks = [asyncio.create_task(vllm_engine.generate(ask(vllm_engine, thinking_tokens=900))) for _ in range(8)]
        while vllm_engine.running < 8:
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _idle(vllm_engine)

    asyncio.run(run())


async def _idle(engine: Any) -> None:
    """Wait, at most 3 s, until vLLM itself has nothing left to do."""
    end = time.monotonic() + 3
    while engine.running or engine.llm.llm_engine.has_unfinished_requests():
        assert time.monotonic() < end, "requests left running"
        await asyncio.sleep(0.01)


def test_a_dead_engine_fails_its_requests_and_is_started_again(vllm_engine: Any, monkeypatch: Any) -> None:
    def die() -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(vllm_engine._stepper.engine, "step", die)
    with pytest.raises(EngineDeadError, match="boom"):
        asyncio.run(vllm_engine.generate(ask(vllm_engine)))
    (sample,) = asyncio.run(vllm_engine.generate(ask(vllm_engine, thinking_tokens=4)))
    assert isinstance(sample, Sample)


def test_a_hung_engine_fails_its_requests_in_time_and_is_started_again(vllm_engine: Any, monkeypatch: Any) -> None:
    release = threading.Event()
    monkeypatch.setattr(vllm_engine._stepper.engine, "step", lambda: release.wait(30) and [])
    monkeypatch.setattr(vllm_engine, "deadlines", Deadlines(first_token_s=0.5, between_tokens_s=0.5))
    began = time.monotonic()
    with pytest.raises(EngineTimeoutError, match="silent"):
        asyncio.run(vllm_engine.generate(ask(vllm_engine)))
    assert time.monotonic() - began < 20, "long before the engine would have come back"
    monkeypatch.setattr(vllm_engine, "deadlines", Deadlines())
    (sample,) = asyncio.run(vllm_engine.generate(ask(vllm_engine, thinking_tokens=4)))
    assert isinstance(sample, Sample)
    release.set()


def test_a_long_answer_is_no_fault_while_the_engine_steps(vllm_engine: Any, monkeypatch: Any) -> None:
    tok = vllm_engine.tokenizer
    draw = Draw(prompt(vllm_engine), 700, banned_ids=(tok.think_end_id, *tok.stop_ids))
    began = time.monotonic()
    asyncio.run(vllm_engine.draw(draw))
    half = (time.monotonic() - began) / 2  # shorter than the answer takes, on any machine
    monkeypatch.setattr(vllm_engine, "deadlines", Deadlines(first_token_s=half, between_tokens_s=half))
    assert len(asyncio.run(vllm_engine.draw(draw)).ids) == 700


def test_an_engine_that_keeps_dying_is_given_up(vllm_engine: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(vllm_engine, "_deaths", [time.monotonic()] * 3)
    monkeypatch.setattr(vllm_engine._stepper, "dead", EngineDeadError("boom"))
    with pytest.raises(EngineDeadError, match="not started again"):
        asyncio.run(vllm_engine.generate(ask(vllm_engine)))


@pytest.mark.slow
def test_a_fresh_process_survives_a_first_prompt_of_one_token(tiny: Path) -> None:
    code = (
        "import asyncio, sys; from ragkit.engines.vllm.engine import VLLMEngine; from ragkit.engines.draws import Draw;"
        "engine = VLLMEngine(sys.argv[1]); print(len(asyncio.run(engine.draw(Draw((5,), 3))).ids))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tiny)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
