"""ChatRagkit: LangChain's standard suites where they apply, then budgets, reasoning blocks, tools and usage."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from ragkit.engines.base import Capabilities, Request, Sample
from ragkit.errors import CapabilityError, UsageError
from ragkit.langchain import ChatRagkit
from ragkit.types import ToolCall
from tests.rag.scripted import ScriptedEngine


class ToolEngine(ScriptedEngine):
    """Calls the first tool that it is offered, unless the last message is a tool's result.

    Numbers are 3; a text is what the question holds of another script, else "some".
    """

    async def generate(self, request: Request) -> list[Sample]:
        (sample, *_) = await super().generate(request)
        if not request.tools or request.messages[-1]["role"] == "tool":
            return [sample]
        function = request.tools[0]["function"]
        strange = re.search(r"[\u4e00-\u9fff]+", str(request.messages[-1]["content"]))
        words = strange[0] if strange else "some"
        fields = function["parameters"].get("properties", {})
        arguments = {name: 3 if field.get("type") == "integer" else words for name, field in fields.items()}
        call = ToolCall("call_1", str(function["name"]), arguments)
        return [Sample("hm", "", "natural", "stop", thinking_tokens=1, answer_tokens=5, tool_calls=(call,))]


class _Params:
    @property
    def chat_model_class(self) -> type[ChatRagkit]:
        return ChatRagkit

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "scripted", "engine": ToolEngine("Hello there."), "budget": 2}

    @property
    def has_tool_choice(self) -> bool:
        return False


class TestStandardUnit(_Params, ChatModelUnitTests):
    """LangChain's own."""


class TestStandardIntegration(_Params, ChatModelIntegrationTests):
    """LangChain's own. `model` names what is loaded, so a call cannot change it; no engine can be made to call."""

    @property
    def supports_model_override(self) -> bool:
        return False


def test_first_calls_side_by_side_open_one_engine_and_closing_frees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[ScriptedEngine] = []

    def slowly(model: str, **more: Any) -> ScriptedEngine:
        time.sleep(0.05)
        opened.append(ScriptedEngine("Hello."))
        return opened[-1]

    monkeypatch.setattr("ragkit.rag.engines._shared", {})  # another test's server may hold the engine
    monkeypatch.setattr("ragkit.rag.engines.open_engine", slowly)
    model = ChatRagkit(model="nano")
    assert [m.text for m in model.batch(["a", "b", "c", "d"])] == ["Hello."] * 4
    assert len(opened) == 1
    closed: list[bool] = []
    opened[0].close = lambda: closed.append(True)  # type: ignore[method-assign]
    model.close()
    assert closed == [True]


@tool
def search(query: str) -> str:
    """Search the documents."""
    return query


@tool
def open_page(number: int) -> str:
    """Open a page."""
    return str(number)


def chat(*lines: str, **options: Any) -> ChatRagkit:
    return ChatRagkit(model="scripted", engine=ScriptedEngine(*lines), **options)


def test_thought_is_a_reasoning_block_under_the_budget_and_counted() -> None:
    model = chat("Paris", budget=2)
    answer = model.invoke("capital?")
    assert answer.content == [
        {"type": "reasoning", "reasoning": "hm hm", "index": 0},
        {"type": "text", "text": "Paris", "index": 1},
    ]
    usage = answer.usage_metadata
    assert usage is not None
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (1, 3, 4)
    assert usage["output_token_details"] == {"reasoning": 2}
    assert answer.response_metadata["thinking_ended"] == "natural"
    assert model.engine.asked[0].thinking_tokens == 2
    assert chat("Paris", budget=0).invoke("capital?").content == "Paris"


async def test_stream_adds_up_to_the_answer() -> None:
    for budget, blocks in ((2, ["reasoning", "text"]), (0, ["text"])):
        whole: AIMessageChunk | None = None
        async for chunk in chat("The capital is Paris", budget=budget).astream("?"):
            whole = chunk if whole is None else whole + chunk
        assert whole is not None
        assert whole.text == "The capital is Paris"
        assert [b["type"] for b in whole.content_blocks] == blocks
        assert whole.usage_metadata is not None
        assert whole.usage_metadata["output_tokens"] == 4 + budget
        assert whole.chunk_position == "last"


def test_messages_reach_the_engine_as_it_takes_them() -> None:
    model = chat("ok")
    past = AIMessage(
        content=[{"type": "reasoning", "reasoning": "secret"}, {"type": "text", "text": "Let me look."}],
        tool_calls=[{"name": "search", "args": {"query": "ключ"}, "id": "c1"}],
    )
    model.invoke(
        [
            SystemMessage("be short"),
            HumanMessage("who?"),
            past,
            ToolMessage("Orm", tool_call_id="c1", name="search"),
        ]
    )
    assert model.engine.asked[0].messages == (
        {"role": "system", "content": "be short"},
        {"role": "user", "content": "who?"},
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"query": "ключ"}'}}
            ],
        },
        {"role": "tool", "content": "Orm", "tool_call_id": "c1", "name": "search"},
    )
    with pytest.raises(UsageError, match="image_url"):
        model.invoke([HumanMessage([{"type": "image_url", "image_url": {"url": "https://x"}}])])


def test_tools_are_offered_as_chosen() -> None:
    model = ChatRagkit(model="scripted", engine=ToolEngine("x"))
    answer = model.bind_tools([search, open_page]).invoke("?")
    assert answer.tool_calls == [{"name": "search", "args": {"query": "some"}, "id": "call_1", "type": "tool_call"}]
    assert answer.response_metadata["finish_reason"] == "tool_calls"
    one = model.bind_tools([search, open_page], tool_choice="open_page").invoke("?")
    assert one.tool_calls[0]["name"] == "open_page"
    assert model.bind_tools([search], tool_choice="none").invoke("?").tool_calls == []
    with pytest.raises(UsageError, match="none of the tools"):
        model.bind_tools([search], tool_choice="fly")


def test_engine_that_lacks_tools_says_so() -> None:
    class Plain(ScriptedEngine):
        capabilities = Capabilities(streaming=True)

    with pytest.raises(CapabilityError, match="tools"):
        ChatRagkit(engine=Plain("x")).bind_tools([search]).invoke("?")


def test_engine_that_cannot_stream_gives_one_piece() -> None:
    class Whole(ScriptedEngine):
        capabilities = Capabilities(budget=True)

    pieces = list(ChatRagkit(engine=Whole("The capital is Paris"), budget=1).stream("?"))
    assert [p.text for p in pieces if p.text] == ["The capital is Paris"]
    assert pieces[-1].chunk_position == "last"
