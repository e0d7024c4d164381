"""Rounds of retrieving and reasoning: read, notice what is missing, search for that, read again.

    search("Where is the employer of Ann based?")     [1] Ann works at Veltro.
    thought: The employer of Ann is Veltro [1]. The seat of Veltro is not given.
    search("seat of Veltro")                          [1] …  [6] Veltro is based in Orm.
    thought: The employer of Ann is Veltro [1]. The seat of Veltro is Orm [6].     answer: Orm [6].

New passages are numbered on, so that the old ones keep their numbers and their place in the prefix cache. A round may
use a part of the thought and text that are left (`turns`). The last one, when hops, time, thought or text are used up,
reads with the plain prompt and ends in an answer or an abstention.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from ...citing.abstention import is_garbled
from ...citing.citations import CitationChecker
from ...engines.base import Sample
from ...types import Event, Hit, Retrieved, Thinking
from ..answering import Reading, conclude, engine_of, fill, shown, write
from ..base import Task
from ..evidence import Evidence
from ..generation import make_prompt, room_tokens
from ..turns import last_turn, spent, thinks, turn
from .missing import asks_to_search, next_query

__all__ = ["Iterative"]


class Iterative:
    """Retrieve-reason rounds, as many as the budget has hops."""

    name = "iterative"

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Round by round; the last event is Done."""
        engine_of(task)
        evidence, query = Evidence(task), task.question
        asked = {_same(query)}
        while True:
            hits = await evidence.find(query)
            task.spend.hops += 1
            yield Retrieved(query, hits)
            new = await asyncio.to_thread(_add, task, evidence, hits)
            if not evidence.passages or not new or not task.spend.hops_left or spent(task):
                break
            reading = await asyncio.to_thread(_reading, task, evidence, "iterative")
            sample: Sample | None = None
            async for item in turn(task, reading.prompt):
                if isinstance(item, Thinking):
                    yield item
                else:
                    sample = item
            if sample is None or sample.finish_reason in ("abort", "length"):
                break
            wanted = next_query(task.question, sample.thinking, sample.answer)
            if wanted is None or _same(wanted) in asked:
                if asks_to_search(sample.answer) is not None or is_garbled(sample.answer):
                    break  # no answer in it: read once more, without the choice to search
                task.spend.samples += 1
                async for event in _accept(task, evidence, reading, sample):
                    yield event
                return
            query = wanted
            asked.add(_same(wanted))
        reading = await asyncio.to_thread(_reading, task, evidence, "answer")
        async for event in write(task, reading, runner=last_turn):
            yield event


def _add(task: Task, evidence: Evidence, hits: Sequence[Hit]) -> int:
    """Keep what is new and fits; what room there is, is shared with the rounds that may follow."""
    frame = fill(task, "iterative", evidence.packed.text)
    room = room_tokens(task, engine_of(task), frame, thinking=thinks(task))
    packed = evidence.add(hits, room // (task.spend.hops_left + 1))
    return len(packed.passages)


def _reading(task: Task, evidence: Evidence, template: str) -> Reading:
    packed = evidence.packed
    prompt = make_prompt(engine_of(task), fill(task, template, packed.text), thinking=thinks(task))
    return Reading(evidence.hits, packed, prompt)


async def _accept(task: Task, evidence: Evidence, reading: Reading, sample: Sample) -> AsyncIterator[Event]:
    """Check the answer of a round that lacked nothing, or that could not be helped."""
    checker = CitationChecker(task.question, evidence.passages, task.encoder)
    for piece in (sample.answer, None):
        async for event in shown(checker, piece):
            yield event
    async for event in conclude(task, reading, sample, checker.checked()):
        yield event


def _same(query: str) -> str:
    return " ".join(query.casefold().split())
