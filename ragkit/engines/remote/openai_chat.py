"""A server that speaks messages only: text out, thinking measured where the server tells, budgets "unsupported"."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, NoReturn

from ...errors import CapabilityError, EngineDeadError, EngineError, ToolCallError
from ...types import ToolCall
from ..base import Capabilities, Delta, EngineBase, FinishReason, Request, Sample, together
from ..markers import ThoughtSplitter
from ..toolcalls import parse_arguments
from .http import Server

__all__ = ["OpenAIChatEngine"]

OPEN_THOUGHT = 4096


class OpenAIChatEngine(EngineBase):
    """A server that speaks messages only. `thinking_tokens` is the server's count, else the number of its chunks.

    A server without a reasoning parser sends the thought as part of the text; it is parted from the answer here. Where
    the server's chat template opens the thought, the first answer tells so, and later ones are streamed accordingly.
    """

    def __init__(self, server: Server, name: str) -> None:
        self.name = f"openai:{server.url}#{name}"
        self._server, self._served = server, name
        self._opened = False
        self.capabilities = Capabilities(streaming=True, tools=True, structured=True, seed=True)

    @property
    def tokenizer(self) -> NoReturn:
        """There is none on this side."""
        raise CapabilityError(f"the engine {self.name!r} has no tokenizer here; give messages instead of ids")

    def close(self) -> None:
        """Drop the connections; the server runs on."""
        self._server.close()

    async def generate(self, request: Request) -> list[Sample]:
        """Ask `request.n` times."""
        self.check(request)

        async def one(ordinal: int) -> Sample:
            async for item in self._run(request, ordinal):
                if isinstance(item, Sample):
                    return item
            raise EngineDeadError(f"the engine {self.name!r} gave no answer at all")

        return await together([one(k) for k in range(request.n)])

    def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """Pass on the server's chunks; the last item is the Sample."""
        self.check(request, streaming=True)
        return self._run(request, 0)

    async def _run(self, request: Request, ordinal: int) -> AsyncGenerator[Delta | Sample, None]:
        deadline = None if request.seconds is None else asyncio.get_running_loop().time() + request.seconds
        thought, chunks = "", 0
        parts = ThoughtSplitter(opened=self._opened)
        finish: FinishReason = "stop"
        usage: Mapping[str, Any] = {}
        calls: dict[int, dict[str, str]] = {}
        events = self._server.events("/chat/completions", self._payload(request, ordinal), deadline=deadline)
        try:
            async for event in events:
                usage = _mapping(event.get("usage")) or usage
                for choice in _choices(event, self.name):
                    delta = _mapping(choice.get("delta"))
                    piece = _text(delta.get("reasoning")) or _text(delta.get("reasoning_content"))
                    if piece:
                        thought, chunks = thought + piece, chunks + 1
                        parts.skip_thought()
                        yield Delta(piece, True, tokens=1)
                    if said := _text(delta.get("content")):
                        for k, (text, thinks) in enumerate(parts.push(said)):
                            yield Delta(text, thinks, tokens=int(k == 0))
                    _add_calls(calls, delta.get("tool_calls"))
                    if choice.get("finish_reason") == "length":
                        finish = "length"
        finally:
            await events.aclose()
        for text, thinks in parts.flush(cut=finish == "length"):
            yield Delta(text, thinks)
        self._opened = parts.opened
        told = _mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")
        thinking = _count(told) or chunks + parts.thought_pieces
        yield Sample(
            thinking=thought + parts.thinking,
            answer=parts.answer,
            ended="natural" if request.thinking_tokens is None else "unsupported",
            finish_reason=finish,
            thinking_tokens=thinking,
            answer_tokens=max(0, _count(usage.get("completion_tokens")) - thinking),
            prompt_tokens=_count(usage.get("prompt_tokens")),
            cached_tokens=_count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens")),
            tool_calls=tuple(
                ToolCall(id=c["id"] or f"call_{k + 1}", name=_named(c), arguments=parse_arguments(c["arguments"]))
                for k, c in sorted(calls.items())
            ),
        )

    def _payload(self, request: Request, ordinal: int) -> dict[str, Any]:
        schema, thinking = request.json_schema, request.thinking_tokens
        optional: dict[str, Any] = {
            "tools": [dict(t) for t in request.tools] or None,
            "stop": list(request.stop) or None,
            "seed": None if request.seed is None else request.seed + ordinal,
            "response_format": None
            if schema is None
            else {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema), "strict": True}},
        }
        return {
            "model": self._served,
            "messages": [dict(m) for m in request.messages],
            # one cap for both is all there is: without a budget the thought gets a generous share
            "max_completion_tokens": (OPEN_THOUGHT if thinking is None else thinking) + request.answer_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stream_options": {"include_usage": True},
        } | {k: v for k, v in optional.items() if v is not None}


def _choices(event: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The choices of a chunk; a chunk without any (usage, keep-alive) gives none."""
    choices = event.get("choices") or []
    if not isinstance(choices, list) or not all(isinstance(c, Mapping) for c in choices):
        raise EngineError(f"the engine {name!r} sent a chunk that cannot be read: {str(event)[:80]!r}")
    return choices


def _add_calls(calls: dict[int, dict[str, str]], parts: Any) -> None:
    """Put the parts of streamed tool calls together. Raises ToolCallError for what is no part of a call."""
    for part in parts if isinstance(parts, list) else [parts] if parts else []:
        function = part.get("function") if isinstance(part, Mapping) else None
        place = part.get("index") or 0 if isinstance(part, Mapping) else None
        if not (function is None or isinstance(function, Mapping)) or not isinstance(place, int):
            raise ToolCallError(f"the server sent a tool call that cannot be read: {str(part)[:80]!r}; see its log")
        call = calls.setdefault(place, {"id": "", "name": "", "arguments": ""})
        function = function or {}
        call["id"] = _text(part.get("id")) or call["id"]
        call["name"] += _text(function.get("name"))
        arguments = function.get("arguments")  # a string by the standard; some servers send the object
        call["arguments"] += json.dumps(dict(arguments)) if isinstance(arguments, Mapping) else _text(arguments)


def _named(call: Mapping[str, str]) -> str:
    if not call["name"]:
        raise ToolCallError(f"the model called a tool without a name, with {call['arguments'][:80]!r}")
    return call["name"]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return max(0, int(value)) if isinstance(value, (int, float)) else 0
