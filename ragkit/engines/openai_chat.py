"""A server that speaks messages only: text out, thinking measured where the server tells, budgets "unsupported"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, NoReturn

from ..errors import CapabilityError, EngineDeadError
from ..types import ToolCall
from .base import Capabilities, Delta, EngineBase, FinishReason, Request, Sample, together
from .http import Server
from .toolcalls import parse_arguments

__all__ = ["OpenAIChatEngine"]

OPEN_THOUGHT = 8192


class OpenAIChatEngine(EngineBase):
    """A server that speaks messages only. `thinking_tokens` is the server's count, else the number of its chunks."""

    def __init__(self, server: Server, name: str) -> None:
        self.name = f"openai:{server.url}#{name}"
        self._server, self._served = server, name
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
        thought, text, chunks = "", "", 0
        finish: FinishReason = "stop"
        usage: Mapping[str, Any] = {}
        calls: dict[int, dict[str, str]] = {}
        events = self._server.events("/chat/completions", self._payload(request, ordinal), deadline=deadline)
        try:
            async for event in events:
                usage = event.get("usage") or usage
                for choice in event.get("choices") or ():
                    delta = choice.get("delta") or {}
                    piece = delta.get("reasoning") or delta.get("reasoning_content") or ""
                    if piece:
                        thought, chunks = thought + piece, chunks + 1
                        yield Delta(piece, True, tokens=1)
                    if delta.get("content"):
                        text += delta["content"]
                        yield Delta(delta["content"], False, tokens=1)
                    for call in delta.get("tool_calls") or ():
                        _add_call(calls, call)
                    if choice.get("finish_reason") == "length":
                        finish = "length"
        finally:
            await events.aclose()
        reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        thinking = int(reasoning) if reasoning is not None else chunks
        yield Sample(
            thinking=thought,
            answer=text,
            ended="natural" if request.thinking_tokens is None else "unsupported",
            finish_reason=finish,
            thinking_tokens=thinking,
            answer_tokens=max(0, int(usage.get("completion_tokens") or 0) - thinking),
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            cached_tokens=int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0),
            tool_calls=tuple(
                ToolCall(id=c["id"] or f"call_{k + 1}", name=c["name"], arguments=parse_arguments(c["arguments"]))
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


def _add_call(calls: dict[int, dict[str, str]], part: Mapping[str, Any]) -> None:
    """Put the parts of a streamed tool call together."""
    call = calls.setdefault(int(part.get("index") or 0), {"id": "", "name": "", "arguments": ""})
    call["id"] = part.get("id") or call["id"]
    function = part.get("function") or {}
    call["name"] += function.get("name") or ""
    call["arguments"] += function.get("arguments") or ""
