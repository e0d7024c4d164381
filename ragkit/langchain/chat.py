"""A ragkit engine as a LangChain chat model: thinking under a hard budget, streamed as reasoning blocks, and counted.

The thought comes as ``{"type": "reasoning", "reasoning": …, "index": 0}``, the answer as a text block with index 1 (as
plain text where there was no thought); the last chunk carries tool calls, usage and how the thought ended.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, PrivateAttr

from ..engines import Engine
from ..engines.base import Delta, Request, Sample
from ..errors import UsageError
from ..rag import loop
from ..rag.engines import Held, hold
from .messages import message, plain, response, usage

__all__ = ["ChatRagkit"]

_guard = threading.Lock()  # first calls come side by side


class ChatRagkit(BaseChatModel):
    """Chats with a model that ragkit runs; ``ChatRagkit(model="Qwen/Qwen3-30B-A3B", budget=1024)``.

    model: as for `ragkit.RAG`; loaded on first use and shared with whatever names it in this process. engine: an opened
    engine instead. budget: thinking tokens, a hard cap; None leaves the thought to the model, 0 answers at once.
    max_tokens: of the answer. A tool can be offered alone by its name as `tool_choice`, but no engine can force a call.
    `model` given to `invoke` or `bind` is only a label.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, populate_by_name=True)

    model: str = "nano"
    engine: Any = Field(default=None, exclude=True, repr=False)
    budget: int | None = Field(default=None, ge=0)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = 1.0
    max_tokens: int = Field(default=512, ge=1)
    stop: list[str] | None = None
    timeout: float | None = None
    seed: int | None = None
    _held: Held | None = PrivateAttr(default=None)

    @property
    def _llm_type(self) -> str:
        return "ragkit"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "budget": self.budget, "temperature": self.temperature}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        found = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        found["ls_provider"] = "ragkit"
        found["ls_max_tokens"] = kwargs.get("max_tokens", self.max_tokens)
        return found

    def _running(self) -> Engine:
        if self.engine is not None:
            given: Engine = self.engine
            return given
        with _guard:
            held = self._held = self._held or hold(self.model)
        engine = held.get()
        if engine is None:
            raise UsageError('ChatRagkit needs a language model; name one, as in ChatRagkit(model="nano")')
        return engine

    def close(self) -> None:
        """Give the engine back; the last of its users in this process frees the model. A later call loads it again."""
        if self._held is not None:
            self._held.close()

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | Any],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools. tool_choice: "none" offers none, a tool's name that one alone; "any" cannot be forced."""
        formatted = [convert_to_openai_tool(tool) for tool in tools]
        if isinstance(tool_choice, dict):
            tool_choice = tool_choice.get("function", {}).get("name")
        if tool_choice == "none":
            formatted = []
        elif isinstance(tool_choice, str) and tool_choice not in ("auto", "any", "required"):
            names = [t["function"]["name"] for t in formatted]
            if tool_choice not in names:
                raise UsageError(
                    f"tool_choice={tool_choice!r} is none of the tools: {', '.join(names) or 'none given'}"
                )
            formatted = [t for t in formatted if t["function"]["name"] == tool_choice]
        return self.bind(tools=formatted, **{k: v for k, v in kwargs.items() if k != "strict"})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return loop.run(self._agenerate(messages, stop, None, **kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        engine = await asyncio.to_thread(self._running)
        samples = await engine.generate(self._request(messages, stop, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=message(s, self.model, engine.name)) for s in samples])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in loop.iterate(self._astream(messages, stop, None, **kwargs)):
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        engine = await asyncio.to_thread(self._running)
        request = self._request(messages, stop, **kwargs)
        writer = _Writer(self.model, engine.name)
        items = engine.stream(request) if engine.capabilities.streaming else _whole(engine, request)
        try:
            async for item in items:
                for part in writer.end(item) if isinstance(item, Sample) else writer.piece(item):
                    chunk = ChatGenerationChunk(message=part)
                    if run_manager is not None:
                        await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
        finally:
            close = getattr(items, "aclose", None)
            if close is not None:
                await close()

    def _request(self, messages: Sequence[BaseMessage], stop: list[str] | None, **kwargs: Any) -> Request:
        return Request(
            messages=tuple(plain(m) for m in messages),
            tools=tuple(kwargs.get("tools") or ()),
            thinking_tokens=kwargs.get("budget", self.budget),
            answer_tokens=kwargs.get("max_tokens") or self.max_tokens,
            temperature=kwargs.get("temperature", self.temperature),
            top_p=kwargs.get("top_p", self.top_p),
            stop=tuple(stop or self.stop or ()),
            seconds=self.timeout,
            seed=kwargs.get("seed", self.seed),
            json_schema=kwargs.get("json_schema"),
        )


async def _whole(engine: Engine, request: Request) -> AsyncIterator[Delta | Sample]:
    """An engine that cannot stream, as a stream of one piece."""
    (sample,) = await engine.generate(request)
    if sample.thinking:
        yield Delta(sample.thinking, True)
    if sample.answer:
        yield Delta(sample.answer, False)
    yield sample


class _Writer:
    """Turns pieces into chunks."""

    def __init__(self, model: str, engine: str) -> None:
        self._model, self._engine = model, engine
        self._thought = False
        self._sent = ""

    def piece(self, delta: Delta) -> Iterator[AIMessageChunk]:
        if delta.thinking:
            self._thought = True
            yield AIMessageChunk(content=[{"type": "reasoning", "reasoning": delta.text, "index": 0}])
        elif delta.text:
            self._sent += delta.text
            yield self._text(delta.text)

    def end(self, sample: Sample) -> Iterator[AIMessageChunk]:
        if sample.answer.startswith(self._sent) and (rest := sample.answer[len(self._sent) :]):
            yield self._text(rest)
        yield AIMessageChunk(
            content=[] if self._thought else "",
            tool_call_chunks=[
                tool_call_chunk(name=c.name, args=json.dumps(dict(c.arguments), ensure_ascii=False), id=c.id, index=n)
                for n, c in enumerate(sample.tool_calls)
            ],
            usage_metadata=usage(sample),
            response_metadata=response(sample, self._model, self._engine),
            chunk_position="last",
        )

    def _text(self, text: str) -> AIMessageChunk:
        return AIMessageChunk(content=[{"type": "text", "text": text, "index": 1}] if self._thought else text)
