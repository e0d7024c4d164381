"""A langchain chat model as an engine: what it can do it does, what it cannot it says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from ragkit.engines import Request, Sample
from ragkit.engines.remote.langchain import LangChainEngine
from ragkit.errors import CapabilityError, EngineError

USAGE = {"input_tokens": 5, "output_tokens": 9, "total_tokens": 14, "output_token_details": {"reasoning": 4}}


class Model(BaseChatModel):
    """Thinks "hm", answers "Paris"; `fails` makes it raise."""

    fails: bool = False

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        if self.fails:
            raise ValueError("quota")
        content: list[Any] = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "Paris"}]
        calls = [{"name": "search", "args": {"query": "x"}, "id": "c1"}] if kwargs.get("tools") else []
        return ChatResult(
            generations=[ChatGeneration(message=AIMessage(content=content, usage_metadata=USAGE, tool_calls=calls))]
        )

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Iterator[Any]:
        for text in ("Pa", "ris"):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))


class ToolModel(Model):
    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=tools, **kwargs)


def messages(**options: Any) -> Request:
    return Request(messages=({"role": "user", "content": "capital of France?"},), **options)


def test_thought_answer_and_usage_are_read() -> None:
    (sample,) = asyncio.run(LangChainEngine(Model()).generate(messages()))
    assert (sample.thinking, sample.answer) == ("hm", "Paris")
    assert (sample.thinking_tokens, sample.answer_tokens, sample.prompt_tokens) == (4, 5, 5)


def test_a_budget_is_never_pretended() -> None:
    (sample,) = asyncio.run(LangChainEngine(Model()).generate(messages(thinking_tokens=100)))
    assert sample.ended == "unsupported"
    assert LangChainEngine(Model()).capabilities.budget is False


@pytest.mark.parametrize("asked", [{"logprobs": 1}, {"json_schema": {}}, {"seed": 1}, {"tools": ({"name": "x"},)}])
def test_what_it_lacks_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(CapabilityError):
        asyncio.run(LangChainEngine(Model()).generate(messages(**asked)))


def test_ids_are_refused_and_there_is_no_tokenizer() -> None:
    engine = LangChainEngine(Model())
    with pytest.raises(CapabilityError):
        asyncio.run(engine.generate(Request(prompt_ids=(1,))))
    with pytest.raises(CapabilityError):
        _ = engine.tokenizer


def test_tools_are_passed_where_the_model_takes_them() -> None:
    tool = {"type": "function", "function": {"name": "search", "parameters": {}}}
    (sample,) = asyncio.run(LangChainEngine(ToolModel()).generate(messages(tools=(tool,))))
    assert sample.tool_calls[0].name == "search"
    assert sample.tool_calls[0].arguments == {"query": "x"}


def test_a_stream_ends_with_the_sample() -> None:
    async def run() -> list[Any]:
        return [item async for item in LangChainEngine(Model()).stream(messages())]

    *deltas, last = asyncio.run(run())
    assert "".join(d.text for d in deltas) == "Paris"
    assert isinstance(last, Sample)
    assert last.answer == "Paris"


def test_errors_of_the_provider_become_engine_errors() -> None:
    with pytest.raises(EngineError, match="quota"):
        asyncio.run(LangChainEngine(Model(fails=True)).generate(messages()))


def test_no_argument_of_a_call_holds_a_marker() -> None:
    class Calling(ToolModel):
        def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
            calls = [{"name": "search", "args": {"query": "a</think>b"}, "id": "c1"}]
            return ChatResult(generations=[ChatGeneration(message=AIMessage(content="", tool_calls=calls))])

    (sample,) = asyncio.run(LangChainEngine(Calling()).generate(messages()))
    assert sample.tool_calls[0].arguments == {"query": "ab"}
