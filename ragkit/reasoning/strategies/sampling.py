"""Several answers to one prompt, which share its cache and the thinking budget; drawn at once, or in waves.

Sample number i has the seed `task.seed` + i and its share of the budget whichever wave it comes in: drawing in waves
and stopping early gives the first samples of what drawing at once would have given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
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
from .cot import plan_prompt

__all__ = ["ONE_SAMPLE", "Candidate", "Drawing", "Wanted", "draw_candidates"]

Wanted = Callable[[list[str], int], int]
"""``wanted(answers, left)``: how many of the samples that are left to draw next, seen from the answers so far."""

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


async def draw_candidates(
    task: Task, drawing: Drawing, *, logprobs: bool = False, wanted: Wanted | None = None
) -> AsyncIterator[Event]:
    """Search, read and draw `budget.samples` answers into `drawing`; yields Retrieved and each Thinking.

    Where nothing can be drawn the answer is concluded here: the last event is then a Done and `drawing` stays empty.
    A single sample is greedy, more are drawn at the task's temperature. wanted: how many more are needed after those
    that are drawn; fewer than all, or none, ends it early.
    """
    hits = await retrieve(task)
    yield Retrieved(task.question, hits)
    template, native, more = await plan_prompt(task)
    reading = await read(task, hits, template=template, thinking=native, **more)
    if not reading.packed.passages:
        async for event in nothing_found(task, hits):
            yield event
        return
    engine, n = engine_of(task), task.budget.samples
    options: dict[str, Any] = {
        "temperature": task.temperature if n > 1 else 0.0,
        "logprobs": int(logprobs and engine.capabilities.logprobs),
    }
    if engine.capabilities.budget:
        options["thinking_tokens"] = task.spend.thinking_left(n)  # of every wave, whatever those before it took
    together_or_not = _natively if native or tokenizer_of(engine) is None else _aloud
    samples: list[Sample] = []
    while (left := n - len(samples)) > 0:
        count = left if wanted is None else min(left, wanted([s.answer for s in samples], left))
        if count < 1:
            break
        first = len(samples)
        wave = await together_or_not(task, reading.prompt, first, count, options)
        for number, sample in enumerate(wave, first):
            told = sample if native and not task.shots else _apart(sample)
            samples.append(told)
            if told.thinking:
                yield Thinking(told.thinking, told.thinking_tokens, number)
        if len(wave) < count:  # out of time
            break
    if not samples:
        async for event in exhausted(task, hits, NO_TIME):
            yield event
        return
    drawing.reading, drawing.samples = reading, tuple(samples)


async def _natively(task: Task, prompt: Prompt, first: int, count: int, options: Mapping[str, Any]) -> list[Sample]:
    """Samples number `first` and on, by the model's own thoughts or in its one text."""
    return await draw(_numbered(task, first), prompt, count, **options)


async def _aloud(task: Task, prompt: Prompt, first: int, count: int, options: Mapping[str, Any]) -> list[Sample]:
    """Samples number `first` and on, of a model that reasons by prompt."""
    jobs = [_one_aloud(_numbered(task, first + i), prompt, options) for i in range(count)]
    return [s for s in await together(jobs) if s.finish_reason != "abort"]


async def _one_aloud(task: Task, prompt: Prompt, options: Mapping[str, Any]) -> Sample:
    async for item in reason_aloud(replace(task, live=False), prompt, share=task.budget.samples, **options):
        if isinstance(item, Sample):
            return item
    raise EngineError(f"the engine {engine_of(task).name!r} ended without a sample")


def _numbered(task: Task, number: int) -> Task:
    return task if task.seed is None else replace(task, seed=task.seed + number)


def _apart(sample: Sample) -> Sample:
    thinking, answer = split_reasoning(sample.answer)
    return replace(sample, thinking="\n".join(t for t in (sample.thinking, thinking) if t), answer=answer)
