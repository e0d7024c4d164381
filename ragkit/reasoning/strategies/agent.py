"""A model with tools: it thinks, calls, reads what came back, and answers from the passages it has collected.

    question -> thought -> search("employer of Ann") -> [1]…[5] -> thought -> search("seat of Veltro") -> [6]…[10]
             -> thought -> "The answer is Orm [7]." -> citations checked

Every turn that retrieves costs a hop; a turn may use a part of the thought and text that are left (`turns`).
When budget, window or patience with a model in a loop is at its end, the answer is written from the passages held:
status "exhausted" where the budget ended it, with a note in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from ...citing.abstention import is_garbled
from ...citing.citations import CitationChecker
from ...engines.base import Sample
from ...errors import ToolCallError
from ...types import Done, Event, Retrieved, Thinking
from ..answering import Reading, conclude, engine_of, read, retrieve, shown, write
from ..base import Task
from ..evidence import Evidence
from ..generation import Prompt
from ..tools.desk import Desk
from ..tools.talk import Talk
from ..tools.toolbox import Calculator, OpenDocument, SearchTool, Tool, as_tools
from ..turns import last_turn, spent, thinks, turn

__all__ = ["Agent"]

TOOL_SECONDS = 30.0
BUDGET = {
    "time": "the budget's time ran out before the model was done searching",
    "hops": "the budget's hops ran out before the model was done searching; allow more with Budget(hops=…)",
    "thinking": "the thinking budget ran out before the model was done searching",
    "text": "the budget's answer tokens ran out before the model was done; allow more with Budget(answer_tokens=…)",
}
OTHER = {
    "window": "the model's window was full before it was done searching",
    "loop": "the model repeated itself and was made to answer",
    "broken": "the model's tool calls could not be read; it was made to answer",
    "unused": "the model used no tool; the question itself was searched for",
    "unusable": "the model's own last turn was no usable answer; it was asked again",
}


class Agent:
    """Answers by tools: `search`, `open_document`, `calculator`, and any others that are given.

    tools: `ragkit.reasoning.tools.Tool` or langchain-core tools. tool_seconds: how long one call may take.
    """

    name = "agent"

    def __init__(self, tools: Sequence[Any] = (), *, tool_seconds: float = TOOL_SECONDS) -> None:
        self.own = as_tools(tools)
        self.tool_seconds = tool_seconds

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Turn by turn; the last event is Done."""
        engine_of(task)
        evidence = Evidence(task)
        tools = self._tools(task, evidence)
        desk = Desk(task, tools, evidence, seconds=self.tool_seconds)
        talk = await asyncio.to_thread(Talk, task, tools)
        repaired, why = False, "loop"
        for _ in range(2 * task.budget.hops + 2):
            if (over := spent(task)) is not None:
                why = over
                break
            prompt = await asyncio.to_thread(talk.prompt)
            if prompt is None:
                why = "window"
                break
            sample: Sample | None = None
            async for item in _turn(task, prompt):
                if isinstance(item, Thinking):
                    yield item
                else:
                    sample = item
            text, calls = talk.calls(sample) if sample is not None else ("", ())
            if sample is not None and sample.finish_reason == "abort":
                why = "time"
                break
            if sample is None or (not calls and "<tool_call" in text):
                why = "broken"
                if repaired:
                    break
                repaired = True
                talk.repair(sample)
                continue
            if not calls:
                reason = _refused(task, evidence, desk, sample, text)
                if reason is not None:
                    why = reason
                    break
                task.spend.samples += 1
                async for event in _accept(task, evidence, prompt, sample, text):
                    yield event
                return
            if desk.retrieves(calls) and not task.spend.hops_left:
                why = "hops"
                break
            for call in calls:
                yield call
            served = await desk.serve(calls, lambda: talk.room(task.spend.hops_left))
            for s in served:
                if s.output.query is not None:
                    yield Retrieved(s.output.query, s.output.hits)
                yield s.result
            talk.add(sample, text, served)
            if desk.stuck:
                break
        async for event in _forced(task, evidence, desk, why):
            yield event

    def _tools(self, task: Task, evidence: Evidence) -> list[Tool]:
        """A caller's tool stands in for ragkit's of the same name."""
        tools: dict[str, Tool] = {"search": SearchTool(evidence.find)}
        if task.chunks is not None:
            tools["open_document"] = OpenDocument(task.chunks, evidence)
        tools["calculator"] = Calculator()
        return list((tools | {tool.name: tool for tool in self.own}).values())


async def _turn(task: Task, prompt: Prompt) -> AsyncIterator[Thinking | Sample]:
    """Run one turn. A call that a server sent broken gives no Sample."""
    try:
        async for item in turn(task, prompt):
            yield item
    except ToolCallError:  # what else an engine raises is not the model's fault
        return


def _refused(task: Task, evidence: Evidence, desk: Desk, sample: Sample, text: str) -> str | None:
    """Why a turn without calls is not taken for the answer, or None."""
    if not evidence.passages and not desk.told:
        return "unused"
    if is_garbled(text) or sample.finish_reason == "length":
        return "unusable"
    return None


async def _accept(task: Task, evidence: Evidence, prompt: Prompt, sample: Sample, text: str) -> AsyncIterator[Event]:
    """Check the model's own answer against the passages it has seen."""
    checker = CitationChecker(task.question, evidence.passages, task.encoder)
    for piece in (text, None):
        async for event in shown(checker, piece):
            yield event
    reading = Reading(evidence.hits, evidence.packed, prompt)
    async for event in conclude(task, reading, sample, checker.checked()):
        yield event


async def _forced(task: Task, evidence: Evidence, desk: Desk, why: str) -> AsyncIterator[Event]:
    """Answer by reading the passages held, or those of one plain search, and what tools told beside passages.

    A tool's text has no number: a sentence that rests on it alone stands in `answer.unsupported`.
    """
    hits = evidence.packed.hits
    if not hits and task.spend.hops_left:
        hits = await retrieve(task)
        yield Retrieved(task.question, hits)
    reading = await read(task, hits, thinking=thinks(task), results="\n".join(desk.told))
    reading = replace(reading, hits=evidence.hits or hits)
    note = BUDGET.get(why) or OTHER[why]
    async for event in write(task, reading, notes=(note,), runner=last_turn):
        if isinstance(event, Done) and why in BUDGET and event.answer.status == "answered":
            event = Done(replace(event.answer, status="exhausted"))
        yield event
