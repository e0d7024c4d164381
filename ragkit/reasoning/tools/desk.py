"""The tool executor: an agent's calls are served together, within limits, guarded against going in circles.

Calls of one turn run at once; their results are numbered in the order of the calls. A call made twice is told so once;
a third time the desk is `stuck`, and so it is after two turns in a row that brought nothing new.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...augment.packing import clean_line
from ...types import ToolCall, ToolResult
from ..answering import engine_of, specials
from ..base import Task
from ..evidence import Evidence
from ..generation import count_tokens
from .toolbox import Output, Tool, call_tool, clean_text

__all__ = ["Desk", "Served"]

MAX_CALLS = 8  # in one turn
BARREN_TURNS = 2
AGAIN = "this call was made before and its result stands above; use it, call something else, or answer"
NOTHING = "No passage was found."


@dataclass(frozen=True, slots=True)
class Served:
    """A call, what its tool gave, and what the model is shown of it."""

    call: ToolCall
    output: Output
    result: ToolResult


class Desk:
    """Serves the calls of one answer. `told`: what tools gave that was text and no passage, "name: text" each."""

    def __init__(self, task: Task, tools: Sequence[Tool], evidence: Evidence, *, seconds: float) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self.stuck = False
        self.told: list[str] = []
        self._task, self._evidence, self._seconds = task, evidence, seconds
        self._asked: Counter[str] = Counter()
        self._barren = 0

    def retrieves(self, calls: Sequence[ToolCall]) -> bool:
        """Whether any of `calls` costs a hop."""
        return any(c.name in self.tools and self.tools[c.name].retrieves for c in calls)

    async def serve(self, calls: Sequence[ToolCall], room: Callable[[], int]) -> list[Served]:
        """Run the calls of one turn and book them; `room` tells how many tokens all results may take."""
        self._task.spend.tool_calls += len(calls)
        if self.retrieves(calls):
            self._task.spend.hops += 1
        outputs = await asyncio.gather(*(self._run(call, k) for k, call in enumerate(calls)))
        held = len(self._evidence.passages)

        def show() -> list[str]:
            share = room() // max(1, len(calls))
            return [self._shown(output, share) for output in outputs]

        texts = await asyncio.to_thread(show)
        told = [
            f"{call.name}: {text}"
            for call, output, text in zip(calls, outputs, texts, strict=True)
            if output.text and not output.error
        ]
        self.told += told
        self._barren = 0 if told or len(self._evidence.passages) > held else self._barren + 1
        self.stuck = self.stuck or self._barren >= BARREN_TURNS
        return [
            Served(call, output, ToolResult(call.id, call.name, text, output.error))
            for call, output, text in zip(calls, outputs, texts, strict=True)
        ]

    async def _run(self, call: ToolCall, place: int) -> Output:
        tool = self.tools.get(call.name)
        if tool is None:
            return Output(
                f"there is no tool {clean_line(call.name)[:64]!r}; known: {', '.join(self.tools)}", error=True
            )
        if place >= MAX_CALLS:
            return Output(f"at most {MAX_CALLS} calls are served in one turn; this one was not", error=True)
        key = _key(call)
        self._asked[key] += 1
        if self._asked[key] > 1:
            self.stuck = self.stuck or self._asked[key] > 2
            return Output(AGAIN, error=True)
        left = self._task.spend.seconds_to_think
        seconds = self._seconds if left is None else min(self._seconds, left)
        return await call_tool(tool, call.arguments, seconds=seconds)

    def _shown(self, output: Output, room_tokens: int) -> str:
        if output.hits:
            packed = self._evidence.add(output.hits, room_tokens)
            seen = self._evidence.shown([h for h in output.hits if h not in packed.hits])
            if packed.passages:
                return packed.text
            if seen:
                return f"Nothing new: see {' '.join(f'[{n}]' for n in seen)}."
            return "What was found does not fit; ask for something more special."
        if not output.text:
            return NOTHING
        engine = engine_of(self._task)
        text = clean_text(output.text, specials(engine))
        while text and count_tokens(engine, text) > max(room_tokens, 64):
            text = clean_text(text[: len(text) * 2 // 3]) + "\n(the rest is left out)"
        return text or NOTHING


def _key(call: ToolCall) -> str:
    """What two equal calls have in common: case and white space do not count."""
    written = json.dumps([call.name, call.arguments], sort_keys=True, ensure_ascii=False, default=str)
    return " ".join(written.casefold().split())
