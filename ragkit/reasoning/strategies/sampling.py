"""Several answers to one prompt, drawn in one request: they share the prompt's cache and the thinking budget."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...citing.citations import Checked
from ...engines.base import Sample, together
from ...errors import EngineError
from ...types import Event, Retrieved, Thinking
from ..answering import NO_TIME, Reading, engine_of, exhausted, nothing_found, read, retrieve
from ..base import Task
from ..generation import Prompt, draw, tokenizer_of
from .aloud import reason_aloud, split_reasoning
from .cot import plan

__all__ = ["ONE_SAMPLE", "Candidate", "Drawing", "draw_candidates"]

ONE_SAMPLE = "only one sample was allowed, so there was nothing to choose from; give Budget(samples=8)"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One drawn answer with its checked citations, and the key it votes with."""

    sample: Sample
    checked: Checked
    key: str


@dataclass(slots=True)
class Drawing:
    """What came of it: the reading and the samples. `ended`: there were none and the answer is already given."""

    reading: Reading | None = None
    samples: tuple[Sample, ...] = ()


async def draw_candidates(task: Task, drawing: Drawing, *, logprobs: bool = False) -> AsyncIterator[Event]:
    """Search, read and draw `budget.samples` answers into `drawing`; yields Retrieved and each Thinking.

    Where nothing can be drawn the answer is concluded here: the last event is then a Done and `drawing` stays empty.
    A single sample is greedy, more are drawn at the task's temperature.
    """
    hits = await retrieve(task)
    yield Retrieved(task.question, hits)
    template, native, more = await plan(task)
    reading = await read(task, hits, template=template, thinking=native, **more)
    if not reading.packed.passages:
        async for event in nothing_found(task, hits):
            yield event
        return
    engine = engine_of(task)
    n = task.budget.samples
    options = {
        "temperature": task.temperature if n > 1 else 0.0,
        "logprobs": int(logprobs and engine.capabilities.logprobs),
    }
    if native or tokenizer_of(engine) is None:
        samples = await draw(task, reading.prompt, n, **options)
        samples = samples if native and not task.shots else [_apart(s) for s in samples]
    else:
        samples = await together([_aloud(task, reading.prompt, n, options) for _ in range(n)])
        samples = [s for s in samples if s.finish_reason != "abort"]
    if not samples:
        async for event in exhausted(task, hits, NO_TIME):
            yield event
        return
    for number, sample in enumerate(samples):
        if sample.thinking:
            yield Thinking(sample.thinking, sample.thinking_tokens, number)
    drawing.reading, drawing.samples = reading, tuple(samples)


async def _aloud(task: Task, prompt: Prompt, n: int, options: Mapping[str, Any]) -> Sample:
    async for item in reason_aloud(replace(task, live=False), prompt, share=n, **options):
        if isinstance(item, Sample):
            return item
    raise EngineError(f"the engine {engine_of(task).name!r} ended without a sample")


def _apart(sample: Sample) -> Sample:
    thinking, answer = split_reasoning(sample.answer)
    return replace(sample, thinking="\n".join(t for t in (sample.thinking, thinking) if t), answer=answer)
