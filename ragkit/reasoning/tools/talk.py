"""The tool-calling transcript: what an agent and its tools said, as messages in the form that the engine takes.

Engines with tools get them declared; the others are told in the prompt how to write a call, and read by the same
parser. Only what the model itself wrote after its thought is ever read as a call, never a document and never a thought.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...augment.packing import clean_line
from ...engines.base import Message, Sample
from ...engines.toolcalls import read_tool_calls
from ...errors import UsageError
from ...types import ToolCall
from ..answering import engine_of, fill
from ..base import Task
from ..generation import Prompt, count_tokens, make_prompt, room_tokens, tokenizer_of
from ..turns import thinks
from .desk import Served
from .toolbox import Tool, declare

__all__ = ["Talk"]

REPAIR = (
    "The tool call could not be read. Write it as one JSON object with name and arguments, or answer the question "
    "from what you have."
)


class Talk:
    """Messages so far, and how to go on from them."""

    def __init__(self, task: Task, tools: Sequence[Tool]) -> None:
        self._task = task
        self._engine = engine_of(task)
        self._declared = tuple(declare(tool) for tool in tools)
        self._native = self._engine.capabilities.tools
        self._ids = tokenizer_of(self._engine) is not None
        self._calls = 0
        protocol = "" if self._native else "\n".join(json.dumps(d["function"]) for d in self._declared)
        self.messages: list[Message] = list(fill(task, "agent", "", protocol=protocol))

    def prompt(self) -> Prompt | None:
        """The prompt of the next turn, or None when the conversation fills the window."""
        if self.room(0) <= 0:
            return None
        tools = self._declared if self._native else ()
        try:
            return make_prompt(self._engine, self.messages, thinking=thinks(self._task), tools=tools)
        except UsageError:
            return None

    def room(self, rounds_after: int) -> int:
        """Tokens that the next results may take, when as many rounds may still follow."""
        declared = count_tokens(self._engine, json.dumps(self._declared)) if self._native else 0
        left = room_tokens(self._task, self._engine, self.messages, thinking=thinks(self._task)) - declared
        return max(0, left) // (rounds_after + 1)

    def calls(self, sample: Sample) -> tuple[str, tuple[ToolCall, ...]]:
        """The text of a turn and its calls, each with an id of its own."""
        text, calls = sample.answer, sample.tool_calls
        if not self._native and not calls:
            text, calls = read_tool_calls(sample.answer)
        named = []
        for call in calls:
            self._calls += 1
            named.append(ToolCall(f"call_{self._calls}", call.name, call.arguments))
        return text, tuple(named)

    def add(self, sample: Sample, text: str, served: Sequence[Served]) -> None:
        """Append a turn with its results."""
        if self._native:
            self.messages.append(
                self._assistant(sample, text) | {"tool_calls": [self._written(s.call) for s in served]}
            )
            self.messages += [
                {"role": "tool", "tool_call_id": s.call.id, "name": s.call.name, "content": s.result.text}
                for s in served
            ]
            return
        results = "\n\n".join(f"Result of {s.call.name}:\n{s.result.text}" for s in served)
        made = [json.dumps({"name": s.call.name, "arguments": s.call.arguments}, ensure_ascii=False) for s in served]
        said = "\n".join([text, *(f"<tool_call>{call}</tool_call>" for call in made)]).strip()
        self.messages.append(self._assistant(sample, said))
        self.messages.append({"role": "user", "content": f"{results}\n\nGo on."})

    def repair(self, sample: Sample | None) -> None:
        """Ask once more after a call that could not be read."""
        if sample is not None:
            self.messages.append(self._assistant(sample, clean_line(sample.answer)))
        self.messages.append({"role": "user", "content": REPAIR})

    def _assistant(self, sample: Sample, text: str) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if self._ids and sample.thinking:
            message["reasoning_content"] = sample.thinking
        return message

    def _written(self, call: ToolCall) -> Mapping[str, Any]:
        """The call as templates (a mapping) and servers (a string) take it."""
        arguments = {clean_line(str(k)): v for k, v in call.arguments.items()}
        given = arguments if self._ids else json.dumps(arguments, ensure_ascii=False)
        return {"id": call.id, "type": "function", "function": {"name": clean_line(call.name), "arguments": given}}
