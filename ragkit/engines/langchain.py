"""Any langchain-core chat model as an engine; what it cannot do it says, and a budget is never pretended.

Sampling (temperature, top_p, caps on tokens) is that of the model as its owner configured it: providers do not share
names for these, so nothing is passed but messages, tools and stop strings. With a cap on thinking ``ended`` is
"unsupported", whatever the model did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import CapabilityError, EngineError, EngineTimeoutError
from ..types import ToolCall
from .base import Capabilities, Deadlines, Delta, EngineBase, Request, Sample, together

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage

__all__ = ["LangChainEngine"]


class LangChainEngine(EngineBase):
    """Wraps a `BaseChatModel`."""

    def __init__(self, model: BaseChatModel, *, deadlines: Deadlines | None = None) -> None:
        from langchain_core.language_models.chat_models import BaseChatModel

        self.model = model
        self.name = f"langchain:{model._llm_type}"
        self.deadlines = deadlines or Deadlines()
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
        chunks = self._bound(request).astream(self._messages(request), stop=list(request.stop) or None)
        first = True
        try:
            while True:
                limit = self.deadlines.first_token_s if first else self.deadlines.between_tokens_s
                try:
                    chunk = await asyncio.wait_for(anext(chunks), limit)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    raise EngineTimeoutError(f"the engine {self.name!r} was silent for {limit:g} s") from None
                except Exception as exc:
                    raise self._failed(exc) from exc
                first = False
                whole = chunk if whole is None else whole + chunk
                thought, text = _texts(chunk)
                if thought:
                    yield Delta(thought, True)
                if text:
                    yield Delta(text, False)
        finally:
            await chunks.aclose()
        if whole is None:
            raise EngineError(f"the engine {self.name!r} gave no answer at all")
        yield self._sample(request, whole)

    async def _one(self, request: Request) -> Sample:
        limit = min(t for t in (request.seconds, self.deadlines.total_s, float("inf")) if t is not None)
        call = self._bound(request).ainvoke(self._messages(request), stop=list(request.stop) or None)
        try:
            message = await asyncio.wait_for(call, None if limit == float("inf") else limit)
        except TimeoutError:
            raise EngineTimeoutError(f"the engine {self.name!r} did not answer within {limit:g} s") from None
        except Exception as exc:
            raise self._failed(exc) from exc
        return self._sample(request, message)

    def _failed(self, exc: Exception) -> EngineError:
        return EngineError(f"the engine {self.name!r} failed: {exc}")

    def _bound(self, request: Request) -> Any:
        return self.model.bind_tools([dict(t) for t in request.tools]) if request.tools else self.model

    @staticmethod
    def _messages(request: Request) -> list[Any]:
        from langchain_core.messages import convert_to_messages

        return convert_to_messages([dict(m) for m in request.messages])

    @staticmethod
    def _sample(request: Request, message: AIMessage) -> Sample:
        thought, text = _texts(message)
        usage: Mapping[str, Any] = message.usage_metadata or {}
        reasoning = int((usage.get("output_token_details") or {}).get("reasoning") or 0)
        cut = (message.response_metadata or {}).get("finish_reason") in ("length", "max_tokens")
        return Sample(
            thinking=thought,
            answer=text,
            ended="natural" if request.thinking_tokens is None else "unsupported",
            finish_reason="length" if cut else "stop",
            thinking_tokens=reasoning,
            answer_tokens=max(0, int(usage.get("output_tokens") or 0) - reasoning),
            prompt_tokens=int(usage.get("input_tokens") or 0),
            cached_tokens=int((usage.get("input_token_details") or {}).get("cache_read") or 0),
            tool_calls=tuple(
                ToolCall(id=str(c.get("id") or f"call_{k}"), name=c["name"], arguments=c["args"])
                for k, c in enumerate(message.tool_calls, start=1)
            ),
        )


def _texts(message: Any) -> tuple[str, str]:
    """Return the reasoning and the text of a message, from its standard content blocks."""
    blocks = message.content_blocks
    thought = "".join(str(b.get("reasoning") or "") for b in blocks if b["type"] == "reasoning")
    return thought, "".join(str(b.get("text") or "") for b in blocks if b["type"] == "text")
