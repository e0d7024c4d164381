"""The terminal conversation: follow-ups, commands, errors that do not end it, Ctrl-C that stops only the answer."""

from __future__ import annotations

import io
import json
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ragkit import RAG, Index
from ragkit.cli.answering import chat
from ragkit.cli.answering.streaming import show_events
from ragkit.cli.output import Say
from ragkit.engines.base import Request
from ragkit.rag import Conversation, flush_traces
from ragkit.types import Answer, Done, Event, Retrieved, Thinking, Token, ToolCall, ToolResult
from tests.rag.scripted import ScriptedEngine

from .conftest import Run


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def lines(*texts: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{t}\n" for t in texts)))

    return lines


def test_conversation_with_commands(ragkit: Run, rules: Index, typed) -> None:  # type: ignore[no-untyped-def]
    typed(
        "/sources",
        "Who approves travel over 2,000 euros?",
        "/sources",
        "And paid leave of an employee?",
        "",
        "/budget",
        "/budget 64",
        "/budget many",
        "/history",
        "/strange",
        "/help",
        "/new",
        "/history",
        "/quit",
        "Never?",
    )
    done = ragkit("chat", "-i", "rules")
    assert done.code == 0
    assert "finance director approves travel over 2,000 euros. [1]" in done.out
    assert done.out.count("· Travel, characters 0-54") >= 1
    assert "thirty days" in done.out
    for said in (
        "nothing was answered yet",
        "understood as: And paid leave of an employee? (approves)",
        "budget: the pipeline's own",
        "budget: 64 thinking tokens",
        "'many' is no number",
        "/strange is no command",
        "/new             begin",
        "a new conversation",
        "nothing was asked yet",
    ):
        assert said in done.err, said
    assert "Never?" not in done.out + done.err


def test_earlier_conversation_goes_on(ragkit: Run, rules: Index, typed) -> None:  # type: ignore[no-untyped-def]
    typed("Who approves travel over 2,000 euros?")
    ragkit("chat", "-i", "rules")
    typed("/history")
    assert "? Who approves travel over 2,000 euros?" in ragkit("chat", "-i", "rules", "--conversation", "last").out
    missing = ragkit("chat", "-i", "rules", "--conversation", "0" * 32)
    assert (missing.code, missing.err.startswith("error: no conversation")) == (3, True)


def test_error_of_one_question_does_not_end_the_chat(ragkit: Run, rules: Index, typed) -> None:  # type: ignore[no-untyped-def]
    typed("x" * 30_000, "Who approves travel?")
    done = ragkit("chat", "-i", "rules")
    assert done.code == 0
    assert "error: the question has 30,000 characters" in done.err
    assert "finance director" in done.out


@pytest.mark.parametrize("leaving", ["quit", "exit", "Exit", "/exit", "/quit now"])
def test_words_that_leave_are_not_asked(ragkit: Run, rules: Index, typed, leaving: str) -> None:  # type: ignore[no-untyped-def]
    typed(leaving, "Who approves travel?")
    done = ragkit("chat", "-i", "rules")
    assert (done.code, done.out) == (0, "")


def test_line_that_is_not_utf8_is_refused_and_the_chat_goes_on(
    ragkit: Run, rules: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "Кто?\n".encode("cp1251") + b"Who approves travel?\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8"))
    done = ragkit("chat", "-i", "rules")
    assert done.code == 0
    assert "error: the question is not UTF-8 text" in done.err
    assert "finance director" in done.out


def test_json_chat_is_one_event_a_line(ragkit: Run, rules: Index, typed) -> None:  # type: ignore[no-untyped-def]
    typed("Who approves travel?")
    events = ragkit("chat", "-i", "rules", "--json").lines
    assert [e["event"] for e in events] == ["retrieved", "token", "cited", "done"]
    assert events[-1]["answer"]["status"] == "answered"


def test_ctrl_c_stops_the_answer_and_not_the_chat(
    rules: Index,
    typed: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with Ctrl-C ignored
    cancelled = threading.Event()

    class Endless(ScriptedEngine):
        async def stream(self, request: Request) -> AsyncIterator[Any]:
            import asyncio

            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            try:
                await asyncio.sleep(60)
                yield None
            finally:
                cancelled.set()

    typed("Who approves travel?", "/history")
    talk = Conversation(RAG(rules, model=Endless("x"), strategy="direct"))
    try:
        chat._Chat(Say(), talk, None).run()
    finally:
        signal.signal(signal.SIGINT, before)
    assert cancelled.wait(5)
    said = capsys.readouterr().err
    assert "stopped; ask on" in said
    assert "nothing was asked yet" in said


def answer(text: str) -> Answer:
    return Answer("?", text, "answered")


def test_thought_goes_to_stderr_and_the_answer_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    events: list[Event] = [
        Retrieved("travel", ()),
        ToolCall("1", "search", {"query": "x"}),
        ToolResult("1", "search", "no\nluck", True),
        Thinking("Let me ", 2),
        Thinking("see.", 1),
        Token("The di"),
        Token("rector."),
        Done(answer("The director.")),
    ]
    assert show_events(Say(), iter(events)) == answer("The director.")
    shown = capsys.readouterr()
    assert shown.out == "The director.\n"
    assert shown.err.splitlines() == [
        "searched: travel (0 passages)",
        "-> search(query='x')",
        "<- search failed: no luck",
        "Let me see.",
    ]


def test_final_answer_is_shown_when_it_is_not_what_was_streamed(capsys: pytest.CaptureFixture[str]) -> None:
    show_events(Say(), iter([Token("It is 5 [9]."), Done(answer("Not in these documents."))]))
    shown = capsys.readouterr()
    assert shown.out.splitlines() == ["It is 5 [9].", "Not in these documents."]
    assert "the answer:" in shown.err


def test_no_escape_sequence_of_a_document_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "a\x1b]0;owned\x07b\x1b[2Jc\x9b31m"
    show_events(Say(), iter([Thinking(evil, 1), Token(evil), Done(answer(evil))]))
    show_events(Say(), iter([Done(answer(evil))]))
    shown = capsys.readouterr()
    for character in "\x1b\x07\x9b":
        assert character not in shown.out + shown.err


def test_streamed_ask_shows_answer_and_sources(ragkit: Run, rules: Index) -> None:
    done = ragkit("ask", "Who approves travel over 2,000 euros?", "-i", "rules", "--stream")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "Probably: The finance director approves travel over 2,000 euros. [1]"
    assert lines[1].startswith("  [1] Travel, characters 0-54")
    assert "searched:" in done.err
    as_json = ragkit("ask", "Who approves travel over 2,000 euros?", "-i", "rules", "--stream", "--json")
    assert json.loads(as_json.out.splitlines()[-1])["event"] == "done"
    assert ragkit("ask", "x", "-i", "nowhere", "--stream").code == 3


HOSTILE = (
    "Moorings over ten metres \x1b]0;owned\x07\x1b[2J\x9b31m\u202eback\u202c \u2066iso\u2069 are approved by the "
    "harbour master ![p](http://evil.example/p.png) <img src=http://evil.example/x>."
)
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def test_a_hostile_document_does_nothing_to_the_terminal_in_any_command(ragkit: Run, rules: Index, typed) -> None:  # type: ignore[no-untyped-def]
    rules.add({"id": f"h{HOSTILE[:60]}", "title": HOSTILE, "text": HOSTILE, "metadata": {"team\x1b[5m": HOSTILE}})
    question = "Who approves moorings\x1b[1m over ten metres?\u202e"
    seen = [
        ragkit("search", question, "-i", "rules"),
        ragkit("ask", question, "-i", "rules"),
        ragkit("ask", question, "-i", "rules", "--stream"),
        ragkit("ls", "rules"),
    ]
    typed(question, "/sources", "/history", "/quit")
    seen.append(ragkit("chat", "-i", "rules"))
    flush_traces()
    (first, *_) = ragkit("trace", "ls", "--json").data
    seen += [ragkit("trace", "ls"), ragkit("trace", "show", first["id"][:12]), ragkit("trace", "replay", first["id"])]
    for done in seen:
        assert done.code == 0
        assert not OBEYED.search(done.out + done.err)
    assert sum("harbour" in done.out for done in seen) >= 5
