"""A server that speaks messages only: text out, thinking measured where the server tells, budgets "unsupported"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, NoReturn

from ...errors import CapabilityError, EngineDeadError, EngineError
from ..base import Capabilities, Delta, EngineBase, FinishReason, Request, Sample, together
from ..markers import ThoughtSplitter
from ..toolcalls import calls_in
from .callparts import CallParts
from .http import Server
from .replies import text_of

__all__ = ["OpenAIChatEngine"]

OPEN_THOUGHT = 4096
THOUGHT_FIELDS = ("reasoning", "reasoning_content", "reasoning_text", "thinking")
FINISHES: Mapping[str, FinishReason] = {
    "stop": "stop",
    "tool_calls": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
}
UNPARTED = "the server did not part thought and answer; what it sent as a thought is given as the answer"


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
        calls = CallParts()
        events = self._server.events("/chat/completions", self._payload(request, ordinal), deadline=deadline)
        try:
            async for event in events:
                usage = _mapping(event.get("usage")) or usage
                for choice in _choices(event, self.name):
                    delta = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
                    told, said = _said(delta)
                    if told:
                        thought, chunks = thought + told, chunks + 1
                        parts.skip_thought()
                        yield Delta(told, True, tokens=1)
                    if said:
                        for k, (text, thinks) in enumerate(parts.push(said)):
                            yield Delta(text, thinks, tokens=int(k == 0))
                    calls.add(delta.get("tool_calls"))
                    finish = FINISHES.get(str(choice.get("finish_reason")), finish)
        finally:
            await events.aclose()
        for text, thinks in parts.flush(cut=finish == "length"):
            yield Delta(text, thinks)
        self._opened = parts.opened
        thinking, answer, remarks = thought + parts.thinking, parts.answer, self._server.dialect.remarks
        made = calls.calls()
        if not made and request.tools:
            answer, thinking, made = calls_in(answer, thinking)
        if not answer.strip() and not made and finish == "stop" and thinking.strip():
            # a server that takes the whole answer for a thought, or a thought that was never closed
            answer, thinking, remarks = thinking, "", (*remarks, UNPARTED)
            yield Delta(answer, False)
        counted = _count(_mapping(usage.get("completion_tokens_details")).get("reasoning_tokens"))
        thinking_tokens = (counted or chunks + parts.thought_pieces) if thinking else 0
        yield Sample(
            thinking=thinking,
            answer=answer,
            ended="natural" if request.thinking_tokens is None else "unsupported",
            finish_reason=finish,
            thinking_tokens=thinking_tokens,
            answer_tokens=max(0, _count(usage.get("completion_tokens")) - thinking_tokens),
            prompt_tokens=_count(usage.get("prompt_tokens")),
            cached_tokens=_count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens")),
            tool_calls=made,
            remarks=remarks,
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


def _said(delta: Mapping[str, Any]) -> tuple[str, str]:
    """What a chunk adds to the thought and to the answer: fields of their own, or a list of typed parts (Mistral)."""
    thought = next((text for name in THOUGHT_FIELDS if (text := text_of(delta.get(name)))), "")
    content = delta.get("content")
    if not isinstance(content, list):
        return thought, text_of(content)
    said = ""
    for part in (_mapping(p) for p in content):
        if part.get("type") in ("thinking", "reasoning"):
            thought += _words(part.get("thinking") or part.get("reasoning") or part.get("text"))
        else:
            said += _words(part.get("text"))
    return thought, said


def _words(value: Any) -> str:
    """The text of a part, which may be parts itself."""
    return "".join(_words(_mapping(v).get("text")) for v in value) if isinstance(value, list) else text_of(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int:
    return max(0, int(value)) if isinstance(value, (int, float)) else 0
