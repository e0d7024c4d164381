"""Any langchain-core chat model as an engine; what it cannot do it says, and a budget is never pretended.

Messages, tools and stop strings go to every model; a cap on tokens and the temperature to those that have fields for
them. With a cap on thinking ``ended`` is "unsupported", whatever the model did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, NoReturn, TypeVar

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, convert_to_messages

from ...errors import CapabilityError, EngineError, EngineTimeoutError
from ...types import ToolCall
from ..base import Capabilities, Deadlines, Delta, EngineBase, Request, Sample, together
from ..markers import ThoughtSplitter, scrub_strings
from .openai_chat import OPEN_THOUGHT

__all__ = ["LangChainEngine"]

T = TypeVar("T")

CAPS = ("max_tokens", "num_predict")
"""What models call the most tokens they may write; `num_predict` is ChatOllama's."""


class LangChainEngine(EngineBase):
    """Wraps a `BaseChatModel`.

    sampling: False leaves temperature and caps as the model's owner set them, for a provider that refuses others.
    `unsupported` names the fields of a request that do not reach the model. A cap that its owner set, or that its
    profile knows, is never raised. An answer that comes in one piece must come within `deadlines.first_token_s`.
    """

    def __init__(self, model: BaseChatModel, *, deadlines: Deadlines | None = None, sampling: bool = True) -> None:
        self.model = model
        self.name = f"langchain:{model._llm_type}"
        self.deadlines = deadlines or Deadlines()
        self._opened = False
        self._profile: Mapping[str, Any] = model.profile or {}
        fields = type(model).model_fields if sampling else {}
        self._cap = next((name for name in CAPS if name in fields), None)
        self._warm = "temperature" in fields and self._profile.get("temperature") is not False
        lacking = {"answer_tokens": self._cap is None, "temperature": not self._warm}
        self.unsupported = ("thinking_tokens", "top_p", *(name for name, lacks in lacking.items() if lacks))
        tools = type(model).bind_tools is not BaseChatModel.bind_tools
        self.capabilities = Capabilities(streaming=True, tools=tools)

    @property
    def tokenizer(self) -> NoReturn:
        """There is none: the provider keeps it to itself."""
        raise CapabilityError(f"the engine {self.name!r} has no tokenizer; give messages instead of ids")

    def close(self) -> None:
        """Nothing to free: the model belongs to whoever made it."""

    async def generate(self, request: Request) -> list[Sample]:
        """Ask the model `request.n` times."""
        self.check(request)
        return await together([self._one(request) for _ in range(request.n)])

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """Pass on the model's chunks; the last item is the Sample."""
        self.check(request, streaming=True)
        whole: Any = None
        parts = ThoughtSplitter(opened=self._opened)
        silence = _Silence(self.deadlines, request)
        chunks = self._bound(request).astream(_messages(request), stop=list(request.stop) or None)
        try:
            while True:
                try:
                    chunk = await self._timed(anext(chunks), silence)
                except StopAsyncIteration:
                    break
                silence.broken()
                whole = chunk if whole is None else whole + chunk
                thought, text = _texts(chunk)
                if thought:
                    parts.skip_thought()
                    yield Delta(thought, True)
                for piece, thinks in parts.push(text) if text else ():
                    if piece:
                        yield Delta(piece, thinks)
        finally:
            await chunks.aclose()
        if whole is None:
            raise EngineError(f"the engine {self.name!r} gave no answer at all")
        for piece, thinks in parts.flush(cut=_cut(whole)):
            yield Delta(piece, thinks)
        yield self._sample(request, whole, parts)

    async def _one(self, request: Request) -> Sample:
        silence = _Silence(self.deadlines, request)
        message = await self._timed(
            self._bound(request).ainvoke(
                _messages(request), config={"callbacks": [silence]}, stop=list(request.stop) or None
            ),
            silence,
        )
        parts = ThoughtSplitter(opened=self._opened)
        thought, text = _texts(message)
        if thought:
            parts.skip_thought()
        parts.push(text)
        parts.flush(cut=_cut(message))
        return self._sample(request, message, parts)

    async def _timed(self, job: Awaitable[T], silence: _Silence) -> T:
        """Await what the model gives, within the deadlines, with foreign errors translated."""
        task = asyncio.ensure_future(job)
        try:
            while not task.done():
                left = silence.left_s()
                if left <= 0:
                    raise EngineTimeoutError(f"the engine {self.name!r} {silence.reason()}")
                await asyncio.wait({task}, timeout=left)
            return task.result()
        except (EngineTimeoutError, StopAsyncIteration):
            raise
        except Exception as exc:
            raise EngineError(f"the engine {self.name!r} failed: {exc}") from exc
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _bound(self, request: Request) -> Any:
        """The model with the request's tools, cap and temperature."""
        settings: dict[str, Any] = {"temperature": request.temperature} if self._warm else {}
        if self._cap is not None:
            settings[self._cap] = self._most(request, self._cap)
        model = self.model
        if self._cap == "num_predict":  # ChatOllama reads these from its own fields and refuses them in a call
            model, settings = model.model_copy(update=settings), {}
        bound = model.bind_tools([dict(t) for t in request.tools]) if request.tools else model
        return bound.bind(**settings) if settings else bound

    def _most(self, request: Request, cap: str) -> int:
        """Tokens for thought and answer together, since models have one cap for both."""
        thought = OPEN_THOUGHT if request.thinking_tokens is None else request.thinking_tokens
        wanted = request.answer_tokens + (0 if self._profile.get("reasoning_output") is False else thought)
        limits = (getattr(self.model, cap), self._profile.get("max_output_tokens"))
        return min([wanted, *(n for n in limits if isinstance(n, int) and n > 0)])

    def _sample(self, request: Request, message: AIMessage, parts: ThoughtSplitter) -> Sample:
        self._opened = parts.opened
        usage: Mapping[str, Any] = message.usage_metadata or {}
        reasoning = int((usage.get("output_token_details") or {}).get("reasoning") or 0)
        return Sample(
            thinking=_texts(message)[0] + parts.thinking,
            answer=parts.answer,
            ended="natural" if request.thinking_tokens is None else "unsupported",
            finish_reason="length" if _cut(message) else "stop",
            thinking_tokens=reasoning,
            answer_tokens=max(0, int(usage.get("output_tokens") or 0) - reasoning),
            prompt_tokens=int(usage.get("input_tokens") or 0),
            cached_tokens=int((usage.get("input_token_details") or {}).get("cache_read") or 0),
            tool_calls=tuple(
                ToolCall(id=str(c.get("id") or f"call_{k}"), name=c["name"], arguments=scrub_strings(c["args"]))
                for k, c in enumerate(message.tool_calls, start=1)
            ),
        )


class _Silence(AsyncCallbackHandler):
    """How long a model may still be silent. One that streams inside `ainvoke` breaks the silence with each token."""

    def __init__(self, deadlines: Deadlines, request: Request) -> None:
        self._loop = asyncio.get_running_loop()
        self._between_s, self._limit_s = deadlines.between_tokens_s, deadlines.first_token_s
        now = self._loop.time()
        self._until = now + self._limit_s
        self._end = now + min(t for t in (request.seconds, deadlines.total_s, float("inf")) if t is not None)

    def broken(self) -> None:
        """Something was heard."""
        self._limit_s, self._until = self._between_s, self._loop.time() + self._between_s

    async def on_llm_new_token(self, token: Any, **kwargs: Any) -> None:
        """Called by the model."""
        self.broken()

    def left_s(self) -> float:
        """Seconds until the first of the deadlines."""
        return min(self._until, self._end) - self._loop.time()

    def reason(self) -> str:
        """Which deadline passed."""
        if self._end <= self._until:
            return "was not done with the answer in its time; allow more seconds"
        return f"was silent for {self._limit_s:g} s; allow it more in its Deadlines"


def _messages(request: Request) -> list[Any]:
    return convert_to_messages([dict(m) for m in request.messages])


def _texts(message: Any) -> tuple[str, str]:
    """Return the reasoning and the text of a message, from its standard content blocks."""
    blocks = message.content_blocks
    thought = "".join(str(b.get("reasoning") or "") for b in blocks if b["type"] == "reasoning")
    return thought, "".join(str(b.get("text") or "") for b in blocks if b["type"] == "text")


def _cut(message: Any) -> bool:
    """Whether the message broke off at a cap on tokens, in the words of OpenAI, Anthropic, Ollama and Google."""
    told = message.response_metadata or {}
    reasons = {str(told.get(key)).lower() for key in ("finish_reason", "stop_reason", "done_reason")}
    return not reasons.isdisjoint({"length", "max_tokens"})
