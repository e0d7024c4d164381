"""The events of one answer, told to the page as they come."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ragkit.errors import RagkitError
from ragkit.rag.memory import STOPPED, Sofar
from ragkit.server.workspace import Queued, Turned
from ragkit.types import Cited, Done, Retrieved, Thinking, Token, ToolCall, ToolResult

from ..names import source_name
from ..safe_html import plain
from ..told import detail, sentence
from ..words import Words
from .feed import Feed, Stopped
from .view import answer_blocks, step, thought, thought_label, view_of_answer, whole

__all__ = ["Telling"]

log = logging.getLogger(__name__)
SHOWN_CHARACTERS = 160
SEARCH = "search"  # the tool of ragkit's own whose results come as `Retrieved`


class Telling:
    """Turns events into operations on the page: which block of the answer changed, which step was added.

    turn: id of the turn's element in the page. budget: thinking tokens allowed, None for no cap.
    """

    def __init__(self, feed: Feed, t: Words, *, turn: str, budget: int | None) -> None:
        self._feed, self._t, self._turn, self._budget = feed, t, turn, budget
        self._text, self._blocks, self._markers = "", [], set()  # type: tuple[str, list[str], set[int]]
        self._so_far = Sofar("")
        self._steps = 0
        self._thoughts: dict[int, tuple[int, int]] = {}  # sample -> its open thought: step, tokens
        self._closed: list[int] = []  # tokens of the thoughts that are over
        self._turned: Turned | None = None
        self._found = False  # whether the search that the model called for has told what it found

    def tell(self, events: Iterable[Any]) -> None:
        """Tell what a bundle of events changes."""
        thoughts: dict[int, str] = {}
        before = self._text, len(self._markers)
        for event in events:
            self._so_far.hear(event)
            if isinstance(event, Thinking):
                thoughts[event.sample] = thoughts.get(event.sample, "") + event.text
                self._think(event)
                continue
            self._flush(thoughts)
            if isinstance(event, Token):
                self._text += event.text
            elif isinstance(event, Cited):
                self._markers.add(event.citation.marker)
            else:
                self._other(event)
        self._flush(thoughts)
        if (self._text, len(self._markers)) != before:
            self._answer()

    def _say(self, op: str, **content: Any) -> None:
        self._feed.tell(op, turn=self._turn, **content)

    def _think(self, event: Thinking) -> None:
        if event.sample not in self._thoughts:
            self._thoughts[event.sample] = (self._steps, 0)
            label = thought_label(self._t, 0, self._budget)
            self._say("step", html=thought("", label, self._steps, live=True))
            self._steps += 1
        key, tokens = self._thoughts[event.sample]
        self._thoughts[event.sample] = key, tokens + event.tokens

    def _flush(self, thoughts: dict[int, str]) -> None:
        for sample, text in thoughts.items():
            key, tokens = self._thoughts[sample]
            label = thought_label(self._t, tokens, self._budget)
            self._say("think", step=key, text=plain(text), label=label)
        thoughts.clear()

    def _answer(self) -> None:
        """Send the blocks from the first one that changed."""
        if self._thoughts:
            self._close_thoughts()
        blocks = answer_blocks(self._text, self._t, markers=self._markers)
        same = 0
        while same < min(len(blocks), len(self._blocks)) and blocks[same] == self._blocks[same]:
            same += 1
        self._blocks = blocks
        self._say("answer", keep=same, blocks=blocks[same:])

    def _close_thoughts(self) -> None:
        for key, tokens in self._thoughts.values():
            self._say("thought", step=key, label=thought_label(self._t, tokens, None, "over"))
            self._closed.append(tokens)
        self._thoughts.clear()

    def _step(self, label: str, *, lines: list[str] | None = None, failed: bool = False) -> None:
        self._close_thoughts()
        self._say("step", html=step(label, self._steps, lines=lines, failed=failed))
        self._steps += 1

    def _other(self, event: Any) -> None:
        t = self._t
        if isinstance(event, Queued):
            self._say("wait", text=t("chat.waiting", place=event.position))
        elif isinstance(event, Retrieved):
            self._found = True
            titles = list(dict.fromkeys(hit.chunk.title or source_name(hit.chunk.source) for hit in event.hits))
            self._step(
                f"{t('step.searched', query=_short(event.query))} · {t.count('step.found', len(event.hits))}",
                lines=titles,
            )
        elif isinstance(event, ToolCall) and event.name == SEARCH:
            self._found = False  # what it finds is the step
        elif isinstance(event, ToolResult) and event.name == SEARCH and self._found and not event.error:
            pass
        elif isinstance(event, ToolCall):
            arguments = ", ".join(f"{k}: {v}" for k, v in event.arguments.items())
            self._step(t("step.called", name=event.name), lines=[_short(arguments)] if arguments else None)
        elif isinstance(event, ToolResult):
            label = t("step.failed" if event.error else "step.returned", name=event.name)
            self._step(label, lines=[_short(event.text)] if event.text else None, failed=event.error)
        elif isinstance(event, Turned):
            self._turned = event
            self._feed.tell("conversation", id=event.conversation_id, turn=self._turn, ordinal=event.ordinal)
        elif isinstance(event, Done):
            self._done(event)
        elif isinstance(event, Stopped):
            view = replace(view_of_answer(self._so_far.answer(), budget=self._budget), status=STOPPED)
            self._close_thoughts()
            self._say("stopped", **whole(view, t, turn=self._turn))
        elif isinstance(event, Exception):
            if not isinstance(event, RagkitError):
                log.error("an answer failed", exc_info=event)
            self._say("failed", text=sentence(event, t), detail=detail(event))

    def _done(self, event: Done) -> None:
        answer = event.answer
        view = view_of_answer(answer, budget=self._budget)
        labels = {}
        spent = answer.ledger
        if len(self._closed) > 1:  # the account of them all stands below the answer
            labels["thought"] = thought_label(self._t, self._closed[-1], None, spent.ended)
        elif spent.thinking_tokens:
            labels["thought"] = thought_label(self._t, spent.thinking_tokens, self._budget, spent.ended)
        ordinal = 0 if self._turned is None else self._turned.ordinal
        self._say("done", ordinal=ordinal, **labels, **whole(view, self._t, turn=self._turn))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN_CHARACTERS else flat[:SHOWN_CHARACTERS] + "…"
