"""Show the events of one answer as they come: searches and the thought dimmed, then the answer, then its sources.

The answer and its sources are data and go to stdout; everything before them is progress and goes to stderr. Under
--json each event is one line.
"""

from __future__ import annotations

from collections.abc import Iterator

import typer

from ...types import Answer, Done, Event, Retrieved, Thinking, Token, ToolCall, ToolResult, to_plain
from ..output import Say, counted, json_text, printable
from .showing import show_answer, show_sources

__all__ = ["show_events"]

SHOWN_CHARACTERS = 160


def show_events(speak: Say, events: Iterator[Event]) -> Answer | None:
    """Print events until the last; returns the answer."""
    if speak.as_json:
        return _as_lines(events)
    out, err = speak.out, speak.err
    written, thinking = "", False
    answer: Answer | None = None
    for event in events:
        if thinking and not isinstance(event, Thinking):
            thinking = False
            err.print()
        if isinstance(event, Thinking):
            thinking = True
            err.print(printable(event.text), style="dim", end="", markup=False, soft_wrap=True)
        elif isinstance(event, Token):
            written += event.text
            out.print(printable(event.text), style="bold", end="", markup=False, soft_wrap=True)
        elif isinstance(event, Done):
            answer = event.answer
        elif (line := _progress(event)) is not None:
            if written:
                out.print()
                written = ""
            err.print(printable(line), style="dim", markup=False, soft_wrap=True)
    if answer is None:
        return None
    if written:
        out.print()
    if " ".join(written.split()) == " ".join(answer.text.split()):
        show_sources(speak, answer)
    else:  # what was streamed is not what the answer came to: a vote was taken, or citations did not hold
        if written:
            err.print("the answer:", style="dim")
        show_answer(speak, answer)
    return answer


def _progress(event: Event) -> str | None:
    if isinstance(event, Retrieved):
        return f"searched: {_short(event.query)} ({counted(len(event.hits), 'passage')})"
    if isinstance(event, ToolCall):
        arguments = ", ".join(f"{k}={v!r}" for k, v in event.arguments.items())
        return f"-> {event.name}({_short(arguments)})"
    if isinstance(event, ToolResult) and event.error:
        return f"<- {event.name} failed: {_short(event.text)}"
    return None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN_CHARACTERS else flat[:SHOWN_CHARACTERS] + "…"


def _as_lines(events: Iterator[Event]) -> Answer | None:
    answer: Answer | None = None
    for event in events:
        if isinstance(event, Done):
            answer = event.answer
        typer.echo(json_text({"event": type(event).__name__.lower(), **to_plain(event)}))
    return answer
