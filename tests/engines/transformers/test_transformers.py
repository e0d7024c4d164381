"""The transformers engine alone: what it takes from a model's folder, how it closes, and what it says when it hangs."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import Deadlines, find_model
from ragkit.engines.draws import Draw
from ragkit.errors import EngineDeadError, EngineTimeoutError, NotFoundError

from ..conftest import ask, prompt

Open = Callable[..., Any]


@pytest.fixture
def opened(tiny: Path) -> Iterator[Open]:
    """Opens engines, on the tiny model if no other is named, and closes them at the end."""
    from ragkit.engines.transformers.engine import TransformersEngine

    engines: list[TransformersEngine] = []

    def open_one(folder: Path = tiny, **options: Any) -> TransformersEngine:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            engines.append(TransformersEngine(folder, **options))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.close()


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """Copies the shipped model with other fields in its generation_config.json."""
    try:
        source = find_model("nano")
    except NotFoundError as missing:
        pytest.skip(str(missing))

    def edit(**fields: Any) -> Path:
        folder = tmp_path / "_".join(fields)
        shutil.copytree(source, folder)
        path = folder / "generation_config.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}))
        return folder

    return edit


def test_a_models_own_sampling_settings_change_nothing(opened: Open, edited: Callable[..., Path]) -> None:
    plain = opened(find_model("nano"))
    other = opened(
        edited(repetition_penalty=9.0, no_repeat_ngram_size=1, suppress_tokens=list(range(3, 400)), num_beams=2)
    )
    request = ask(plain, thinking_tokens=12, answer_tokens=12)
    (expected,), (sample,) = (asyncio.run(e.generate(request)) for e in (plain, other))
    assert (sample.thinking_ids, sample.answer_ids) == (expected.thinking_ids, expected.answer_ids)


def test_every_end_that_a_model_names_ends_an_answer(opened: Open, edited: Callable[..., Path]) -> None:
    plain = opened(find_model("nano"))
    request = ask(plain, thinking_tokens=0, answer_tokens=12)
    (free,) = asyncio.run(plain.generate(request))
    end = free.answer_ids[3]
    other = opened(edited(eos_token_id=[*plain.tokenizer.stop_ids, end]))
    (sample,) = asyncio.run(other.generate(request))
    assert sample.answer_ids == free.answer_ids[: free.answer_ids.index(end)]
    assert sample.finish_reason == "stop"


def endless(engine: Any, tokens: int) -> Draw:
    """A draw that nothing ends before its cap."""
    tok = engine.tokenizer
    return Draw(prompt(engine), tokens, banned_ids=(tok.think_end_id, *tok.stop_ids))


def test_closing_fails_what_runs_and_what_waits(opened: Open) -> None:
    engine = opened(batch_size=1)

    async def run() -> list[Any]:
        first = engine.draw_stream(endless(engine, 900))
        await anext(first)
        others = [asyncio.ensure_future(engine.draw(endless(engine, 900))) for _ in range(3)]
        await asyncio.sleep(0)
        engine.close()
        results = await asyncio.gather(_drain(first), *others, return_exceptions=True)
        return [*results, *await asyncio.gather(engine.draw(endless(engine, 1)), return_exceptions=True)]

    results = asyncio.run(run())
    assert [type(r) for r in results] == [EngineDeadError] * 5
    assert all("was closed" in str(r) for r in results)
    engine._thread.join(30)
    assert not engine._thread.is_alive()


async def _drain(stream: Any) -> None:
    async for _ in stream:
        pass


def test_a_hung_batch_fails_its_rows_and_those_behind_it_in_time(opened: Open, monkeypatch: Any) -> None:
    engine = opened(batch_size=1, deadlines=Deadlines(first_token_s=0.5, between_tokens_s=0.5))
    release = threading.Event()
    monkeypatch.setattr(engine._model, "generate", lambda **_: release.wait(30))
    began = time.monotonic()

    async def run() -> list[Any]:
        return await asyncio.gather(*(engine.draw(endless(engine, 9)) for _ in range(3)), return_exceptions=True)

    results = asyncio.run(run())
    release.set()
    assert time.monotonic() - began < 20, "long before the batch would have come back"
    assert [type(r) for r in results] == [EngineTimeoutError] * 3
    assert all("silent for 0.5 s" in str(r) for r in results)


def test_a_long_queue_is_no_fault_while_batches_step(opened: Open) -> None:
    engine = opened(batch_size=2)
    began = time.monotonic()
    asyncio.run(engine.draw(endless(engine, 250)))
    half = (time.monotonic() - began) / 2  # shorter than the first batch takes, on any machine
    engine.deadlines = Deadlines(first_token_s=half, between_tokens_s=half)

    async def run() -> list[Any]:
        return await asyncio.gather(*(engine.draw(endless(engine, n)) for n in (250, 5, 5)))

    assert [len(drawn.ids) for drawn in asyncio.run(run())] == [250, 5, 5]
