"""Servers that speak OpenAI's API with an accent: each is answered, and what it does not take is asked once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest

from ragkit.engines import Deadlines, Request, Sample
from ragkit.engines.remote.http import Server
from ragkit.engines.remote.openai import open_server
from ragkit.engines.remote.openai_chat import OpenAIChatEngine
from ragkit.errors import EngineDeadError, EngineError, UsageError

from ..scripted_server import Script, events, send, send_bytes, serving

SYSTEM_AND_USER = ({"role": "system", "content": "Be short."}, {"role": "user", "content": "Who approves it?"})
ANSWER = "Ann approves it [1]."


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def answering(handler: Any) -> None:
    events(handler, chunk(content=ANSWER), chunk("stop"), "[DONE]")


def ask(script: Script, *, times: int = 1, deadlines: Deadlines | None = None, **options: Any) -> list[Sample]:
    """Ask the scripted server so many times, one after the other."""
    request = Request(messages=SYSTEM_AND_USER, **options)

    async def run(url: str) -> list[Sample]:
        engine = OpenAIChatEngine(Server(url, deadlines=deadlines or Deadlines()), "m")
        return [(await engine.generate(request))[0] for _ in range(times)]

    with serving(script) as url:
        return asyncio.run(run(url))


def refusing(when: Callable[[dict[str, Any]], bool], status: int, body: Any) -> tuple[Script, list[dict[str, Any]]]:
    """A server that refuses some payloads with `body` and answers the others; and what it was asked."""
    asked: list[dict[str, Any]] = []

    def script(handler: Any, payload: dict[str, Any]) -> None:
        if "messages" in payload:
            asked.append(payload)
        if when(payload):
            send(handler, status, body)
        else:
            answering(handler)

    return script, asked


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


REFUSALS = {
    "a reasoning model has its own temperature": (
        lambda p: "temperature" in p or "top_p" in p,
        400,
        error("Unsupported value: 'temperature' does not support 0 with this model.", param="temperature"),
    ),
    "an older server caps max_tokens": (
        lambda p: "max_completion_tokens" in p,
        422,
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "not permitted"}]},
    ),
    "no stream options": (lambda p: "stream_options" in p, 400, error("unknown field stream_options")),
    "no seed": (lambda p: "seed" in p, 400, {"message": "seed: Extra inputs are not permitted"}),
    "no system role": (
        lambda p: any(m["role"] == "system" for m in p["messages"]),
        400,
        error("System role not supported"),
    ),
    "no system role, told as a failure of the template": (
        lambda p: any(m["role"] == "system" for m in p["messages"]),
        500,
        error("Conversation roles must alternate user/assistant/user/assistant/..."),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_a_server_refuses_is_left_out_or_said_otherwise_and_that_is_remembered(name: str) -> None:
    script, asked = refusing(*REFUSALS[name])
    first, second = ask(script, times=2, seed=7)
    assert first.answer == second.answer == ANSWER
    assert len(asked) == 3, "one refusal teaches it"
    assert "Be short." in str(asked[-1]["messages"])
    if "max_tokens" in name:
        assert asked[-1]["max_tokens"] == asked[0]["max_completion_tokens"]


def test_an_answer_tells_what_was_not_done_as_asked() -> None:
    told, _ = refusing(*REFUSALS["a reasoning model has its own temperature"])
    plain, _ = refusing(*REFUSALS["no stream options"])
    assert "takes no temperature" in ask(told)[0].remarks[0]
    assert ask(plain)[0].remarks == ()


def test_what_the_answer_depends_on_is_never_left_out() -> None:
    script, asked = refusing(lambda p: "response_format" in p, 400, error("response_format is not supported"))
    with pytest.raises(UsageError, match="response_format is not supported"):
        ask(script, json_schema={"type": "object"})
    assert len(asked) == 1


def test_a_value_that_is_too_large_gives_the_servers_first_words() -> None:
    def script(handler: Any, payload: dict[str, Any]) -> None:
        name = "max_tokens" if "max_tokens" in payload else "max_completion_tokens"
        send(handler, 400, error(f"{name} is too large: at most 64"))

    with pytest.raises(UsageError, match="max_completion_tokens is too large: at most 64"):
        ask(script)


@pytest.mark.parametrize("after", ["0", "0.01", "date", "nonsense", None])
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says_so(status: int, after: str | None) -> None:
    asked = []

    def script(handler: Any, payload: dict[str, Any]) -> None:
        asked.append(payload)
        if len(asked) > 1:
            return answering(handler)
        headers = {} if after is None else {"Retry-After": formatdate(usegmt=True) if after == "date" else after}
        return send_bytes(handler, status, b'{"error": {"message": "busy"}}', headers)

    assert ask(script)[0].answer == ANSWER
    assert len(asked) == 2


def test_a_server_that_is_busy_longer_than_there_is_time_is_one_clear_line() -> None:
    def script(handler: Any, payload: dict[str, Any]) -> None:
        send_bytes(handler, 429, b'{"error": {"message": "Rate limit reached"}}', {"Retry-After": "3600"})

    with pytest.raises(EngineError, match=r"busy \(HTTP 429: Rate limit reached\).*3600.0 s; ask fewer") as caught:
        ask(script)
    assert "\n" not in str(caught.value)


def raw(*parts: str, kind: str = "text/event-stream") -> Script:
    """A server that sends these bytes and closes."""

    def script(handler: Any, payload: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("content-type", kind)
        handler.end_headers()
        for part in parts:
            handler.wfile.write(part.encode())
            handler.wfile.flush()

    return script


def said(content: str, finish: str | None = "stop") -> str:
    return "data: " + json.dumps(chunk(finish, content=content), ensure_ascii=False)


OVER = "data: [DONE]"
STREAMS = {
    "no [DONE]": (raw(said(ANSWER, None) + "\n\n", said("") + "\n\n"), ANSWER),
    "no last blank line": (raw(said(ANSWER) + "\n"), ANSWER),
    "an error that is none": (raw(said(ANSWER).replace("{", '{"error": null, ', 1) + "\n\n"), ANSWER),
    "no space after the colon": (raw(said(ANSWER).replace("data: ", "data:") + "\n\n"), ANSWER),
    "lines end with CRLF": (raw(f"{said(ANSWER)}\r\n\r\n{OVER}\r\n\r\n"), ANSWER),
    "lines end with CR": (raw(f"{said(ANSWER)}\r\r{OVER}\r\r"), ANSWER),
    "CR and LF come apart": (raw(f"{said(ANSWER)}\r", "\n\r", "\n"), ANSWER),
    "one event over two lines": (raw(said(ANSWER).replace('"delta"', '\ndata: "delta"') + "\n\n"), ANSWER),
    "keep-alives": (raw(": alive\n\n: alive\n\n", said(ANSWER) + "\n\n"), ANSWER),
    "a byte order mark": (raw(f"\ufeff{said(ANSWER)}\n\n"), ANSWER),
    "U+2028 in a string": (raw(said("Ann\u2028approves") + "\n\n"), "Ann\u2028approves"),
    "U+0085 in a string": (raw(said("Ann\u0085approves") + "\n\n"), "Ann\u0085approves"),
    "no stream at all": (
        raw('{"choices": [{"message": {"content": "Ann"}, "finish_reason": "stop"}]}', kind="application/json"),
        "Ann",
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams_are_read_as_they_are_sent(name: str) -> None:
    script, answer = STREAMS[name]
    assert ask(script)[0].answer == answer


@pytest.mark.parametrize(
    ("script", "kind", "text"),
    [
        (raw('{"error": {"message": "Model overloaded"}}', kind="application/json"), EngineError, "Model overloaded"),
        (raw("event: error\ndata: overloaded\n\n"), EngineError, "failed: overloaded"),
        (raw(said(ANSWER, None) + "\n\n"), EngineDeadError, "broke off"),
    ],
    ids=["json", "event", "cut"],
)
def test_a_failure_under_status_200_is_told(script: Script, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        ask(script)


def part(kind: str, text: Any) -> dict[str, Any]:
    return {"type": kind, kind: text}


def test_content_in_parts_is_parted_into_thought_and_answer() -> None:
    def script(handler: Any, payload: dict[str, Any]) -> None:
        thought = part("thinking", [part("text", "It names "), part("text", "Ann.")])
        events(handler, chunk(content=[thought]), chunk(content=[part("text", ANSWER)]), chunk("stop"), "[DONE]")

    (sample,) = ask(script)
    assert (sample.thinking, sample.answer) == ("It names Ann.", ANSWER)


def listing(status: int, body: bytes, name: str | None) -> str:
    """The name under which the opened engine asks."""
    asked: list[str] = []

    def script(handler: Any, payload: dict[str, Any]) -> None:
        if "messages" not in payload:
            return send(handler, 404, error("no completions"))
        asked.append(payload["model"])
        return answering(handler)

    with serving(script, listed=(status, body)) as url:
        asyncio.run(open_server(url, name).generate(Request(messages=SYSTEM_AND_USER)))
    return asked[0]


@pytest.mark.parametrize(
    ("status", "body", "name", "asked"),
    [
        (404, b"{}", "m", "m"),
        (405, b'{"errors": [{"message": "GET not supported"}]}', "m", "m"),
        (200, b'[{"id": "m"}]', "m", "m"),
        (200, b'[{"id": "m"}]', None, "m"),
        (200, b'{"data": []}', "m", "m"),
        (200, b'{"data": [{"id": "models/m"}]}', "m", "models/m"),
        (200, b'{"data": [{"id": "m:latest"}]}', "m", "m:latest"),
    ],
)
def test_a_model_that_is_named_needs_no_list(status: int, body: bytes, name: str | None, asked: str) -> None:
    assert listing(status, body, name) == asked
