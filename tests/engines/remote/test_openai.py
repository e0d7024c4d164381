"""OpenAI-compatible servers: a scripted one for each fault, so that deadlines and errors are exact."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import Deadlines, Request, Sample
from ragkit.engines.remote.openai import OpenAIEngine, open_server
from ragkit.engines.remote.openai_chat import OpenAIChatEngine
from ragkit.errors import CapabilityError, EngineDeadError, EngineError, EngineTimeoutError, ToolCallError, UsageError

from ..scripted_server import Script, events, send, serving

OVER = threading.Event()  # set when a server that says nothing may go


def tool_part(call: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": [call]}}]}


def chat(handler: Any, payload: dict[str, Any]) -> None:
    """A chat server without token ids that thinks two chunks and answers."""
    if "messages" not in payload:
        return send(handler, 404, {"error": {"message": "no completions here"}})
    return events(
        handler,
        {"choices": [{"delta": {"reasoning": "hm "}}]},
        {"choices": [{"delta": {"reasoning_content": "ok"}}]},
        {"choices": [{"delta": {"content": "Paris"}}]},
        {
            "choices": [
                {"delta": {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a"'}}]}}
            ]
        },
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}},
        "[DONE]",
    )


def ask(**options: Any) -> Request:
    return Request(messages=({"role": "user", "content": "hi"},), **options)


def test_a_chat_server_is_measured_and_its_budget_is_unsupported() -> None:
    with serving(chat) as url:
        engine = open_server(url)
        assert isinstance(engine, OpenAIChatEngine)
        (sample,) = asyncio.run(engine.generate(ask(thinking_tokens=1)))
        engine.close()
    assert (sample.thinking, sample.answer, sample.ended) == ("hm ok", "Paris", "unsupported")
    assert (sample.thinking_tokens, sample.answer_tokens, sample.prompt_tokens) == (2, 3, 3)
    assert (sample.tool_calls[0].name, sample.tool_calls[0].arguments) == ("f", {"a": 1})


def test_a_chat_server_streams() -> None:
    async def run(url: str) -> list[Any]:
        return [item async for item in open_server(url).stream(ask())]

    with serving(chat) as url:
        *deltas, last = asyncio.run(run(url))
    assert [d.thinking for d in deltas] == [True, True, False]
    assert isinstance(last, Sample)


def test_a_chat_server_has_no_ids() -> None:
    with serving(chat) as url:
        engine = open_server(url)
        with pytest.raises(CapabilityError, match="messages"):
            asyncio.run(engine.generate(Request(prompt_ids=(1, 2))))


def completions(handler: Any, payload: dict[str, Any]) -> None:
    """A server with token ids: draws 7s up to the cap; the answer is one 65 and the end."""
    if not payload.get("stream"):
        return send(handler, 200, {"choices": [{"text": "x", "token_ids": [7]}]})
    end = payload["stop_token_ids"]
    if 260 in end:  # the thought: never ends by itself, and overshoots the cap by two
        ids = [7] * (payload["max_tokens"] + 2)
        return events(handler, {"choices": [{"token_ids": ids, "finish_reason": "length"}]}, "[DONE]")
    assert payload["logit_bias"] == {"259": -100.0, "260": -100.0}
    return events(
        handler,
        {"choices": [{"token_ids": [65]}]},
        {"choices": [{"token_ids": [258], "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens_details": {"cached_tokens": 32}}},
        "[DONE]",
    )


def test_a_server_that_overshoots_the_cap_is_cut_and_reported(tiny: Path) -> None:
    with serving(completions, root=str(tiny)) as url:
        engine = open_server(url)
        assert isinstance(engine, OpenAIEngine)
        (sample,) = asyncio.run(engine.generate(ask(thinking_tokens=5)))
    assert sample.thinking_ids == (7,) * 5
    assert sample.cut == 2
    assert sample.answer_ids == (65,)
    assert sample.ended == "forced"


def test_an_end_of_the_models_own_is_no_part_of_the_answer_and_no_default_of_its_own_is_used(tiny: Path) -> None:
    asked: list[dict[str, Any]] = []

    def ends_its_own_way(handler: Any, payload: dict[str, Any]) -> None:
        if not payload.get("stream"):
            return send(handler, 200, {"choices": [{"text": "x", "token_ids": [7]}]})
        asked.append(payload)
        last = {"token_ids": [65, 66], "finish_reason": "stop", "stop_reason": 66}
        return events(handler, {"choices": [last]}, "[DONE]")

    with serving(ends_its_own_way, root=str(tiny)) as url:
        (sample,) = asyncio.run(open_server(url).generate(ask(thinking_tokens=0)))
    assert sample.answer_ids == (65,)
    assert {(p["repetition_penalty"], p["top_k"], p["min_p"]) for p in asked} == {(1.0, 0, 0.0)}


def test_an_unknown_model_is_told_with_the_known_ones() -> None:
    with serving(chat, names=("a", "b")) as url, pytest.raises(UsageError, match="'a', 'b'"):
        open_server(url, "c")


def silent(handler: Any, payload: dict[str, Any]) -> None:
    OVER.wait(30)


def stuck(handler: Any, payload: dict[str, Any]) -> None:
    events(handler, {"choices": [{"delta": {"content": "Pa"}}]})
    OVER.wait(30)


def broken(handler: Any, payload: dict[str, Any]) -> None:
    events(handler, {"choices": [{"delta": {"content": "Pa"}}]})
    handler.connection.close()


def refusing(handler: Any, payload: dict[str, Any]) -> None:
    send(handler, 400, {"error": {"message": "too long"}})


def failing(handler: Any, payload: dict[str, Any]) -> None:
    send(handler, 500, {"error": {"message": "out of memory"}})


def locked(handler: Any, payload: dict[str, Any]) -> None:
    send(handler, 401, {})


@pytest.mark.parametrize(
    ("script", "error", "text"),
    [
        (silent, EngineTimeoutError, "silent for 1 s"),
        (stuck, EngineTimeoutError, "silent for 1 s"),
        (broken, EngineDeadError, "broke off|went away"),
        (refusing, UsageError, "too long"),
        (failing, EngineError, "out of memory"),
        (locked, EngineError, "RAGKIT_MODEL_KEYS='127.0.0.1:"),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_each_fault_gives_its_own_clear_error_in_time(script: Script, error: type[Exception], text: str) -> None:
    with serving(script) as url:
        from ragkit.engines.remote.http import Server

        waits = script in (silent, stuck)  # the others say something, however busy the machine
        engine = OpenAIChatEngine(Server(url, deadlines=Deadlines(1.0, 1.0) if waits else Deadlines()), "m")
        OVER.clear()
        began = time.monotonic()
        with pytest.raises(error, match=text):
            asyncio.run(engine.generate(ask()))
        assert time.monotonic() - began < 20, "well before the server would have said a word"
        OVER.set()


BROKEN_CALLS: list[tuple[Any, str]] = [
    ([{"index": 0, "function": {"name": "f", "arguments": '{"a": '}}], "no JSON"),
    ([{"index": 0, "function": {"name": "f", "arguments": "[1]"}}], "no object"),
    ([{"index": 0, "function": {"arguments": "{}"}}], "without a name"),
    ([{"index": "x", "function": {"name": "f"}}], "cannot be read"),
    ([{"index": 0, "function": "f"}], "cannot be read"),
    (["search"], "cannot be read"),
    ("search", "cannot be read"),
    ([{"index": 0, "function": {"name": ["f"], "arguments": 7}}], "without a name"),
]


def ask_scripted(*items: Any) -> Sample:
    with serving(lambda handler, payload: events(handler, *items, "[DONE]")) as url:
        from ragkit.engines.remote.http import Server

        (sample,) = asyncio.run(OpenAIChatEngine(Server(url, deadlines=Deadlines()), "m").generate(ask()))
        return sample


@pytest.mark.parametrize(("call", "text"), BROKEN_CALLS, ids=range(len(BROKEN_CALLS)))
def test_a_broken_tool_call_is_one_clear_line(call: Any, text: str) -> None:
    with pytest.raises(ToolCallError, match=text) as caught:
        ask_scripted({"choices": [{"delta": {"tool_calls": call}}]})
    assert isinstance(caught.value, EngineError) and "\n" not in str(caught.value)


@pytest.mark.parametrize("event", ["{not json", "[1]", {"choices": "x"}, {"choices": [1]}], ids=str)
def test_an_event_that_is_no_chunk_is_the_servers_failure_not_the_models(event: Any) -> None:
    with pytest.raises(EngineError, match=r"sent an event that is no JSON object|cannot be read") as caught:
        ask_scripted(event)
    assert not isinstance(caught.value, ToolCallError) and "\n" not in str(caught.value)


def test_arguments_sent_as_an_object_and_odd_counts_are_taken() -> None:
    part = {"function": {"name": "f", "arguments": {"a": 1}}}
    sample = ask_scripted(
        {"choices": [{"delta": {"tool_calls": [part]}}]}, {"choices": None, "usage": {"prompt_tokens": "x"}}
    )
    assert (sample.tool_calls[0].arguments, sample.prompt_tokens) == ({"a": 1}, 0)


def test_the_total_deadline_holds_though_tokens_keep_coming() -> None:
    def dripping(handler: Any, payload: dict[str, Any]) -> None:
        events(handler)
        for _ in range(40):
            handler.wfile.write(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
            handler.wfile.flush()
            time.sleep(0.05)

    with serving(dripping) as url:
        from ragkit.engines.remote.http import Server

        engine = OpenAIChatEngine(Server(url, deadlines=Deadlines()), "m")
        with pytest.raises(EngineTimeoutError, match="not done in its time"):
            asyncio.run(engine.generate(ask(seconds=0.3)))


def test_no_key_of_another_service_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    seen: list[str | None] = []

    def look(handler: Any, payload: dict[str, Any]) -> None:
        seen.append(handler.headers.get("authorization"))
        chat(handler, payload)

    with serving(look) as url:
        asyncio.run(open_server(url).generate(ask()))
    assert set(seen) <= {None}
