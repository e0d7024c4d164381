"""Conversations: questions that build on each other, kept in the store.

Each follow-up is first made to stand alone (`followups`), then answered like any other question: what a passage is
worth and what an answer cites never depends on earlier answers, so an error does not feed itself. The rewriting is a
part of the answer: of its budget, its ledger and its trace; `answer.understood` is the question that was answered.

    talk = Conversation(rag)                # or Conversation(rag, id) to go on with an earlier one
    talk.ask("Who approves travel?")
    talk.ask("And how long does it take?")
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..asking import OPEN, Ask
from ..errors import NotFoundError, RagkitError
from ..reasoning.base import closing
from ..store import ConversationRecord, Turn
from ..types import Answer, Citation, Cited, Done, Event, Hit, Ledger, Retrieved, Thinking, Token
from . import loop

if TYPE_CHECKING:
    from .core import RAG

__all__ = ["PENDING", "STOPPED", "Conversation", "Sofar", "details_of", "numbers_by_chunk"]

PENDING, STOPPED = "pending", "stopped"  # of a turn that is kept early: being answered; ended by its reader
REMEMBERED_TURNS = 50
_KEPT = ("citations", "ledger", "thinking", "unsupported", "confidence", "notes", "model", "strategy")


class Conversation:
    """One conversation with a pipeline. id: an earlier one's; without it a new one begins with the first question.

    keep: whether turns are stored. history: turns before the first question, where the caller keeps them.
    Only answers that came to their end are remembered; one that was stopped leaves no turn — unless `early` has each
    question stored as it is asked ("pending"), and with it what there was of an answer that was "stopped" or "failed".
    Raises NotFoundError for an unknown id.
    """

    def __init__(
        self,
        rag: RAG,
        id: str | None = None,
        *,
        title: str = "",
        keep: bool = True,
        early: bool = False,
        history: Sequence[Turn] = (),
    ) -> None:
        self.rag = rag
        self._title, self._keep, self._early, self._history = title, keep, early and keep, list(history)
        self._last, self._pending = 0, ""
        self._record: ConversationRecord | None = None if id is None else rag.store.conversations.get(id)

    @property
    def id(self) -> str:
        """The id, "" before the first answer."""
        return "" if self._record is None else self._record.id

    @property
    def last(self) -> int:
        """The number of the turn stored last by this object, from 1; 0 before the first answer."""
        return self._last

    @property
    def turns(self) -> list[Turn]:
        """All that was asked and answered, in order."""
        return [] if self._record is None else self.rag.store.conversations.turns(self._record.id)

    async def stream(self, question: str, ask: Ask = OPEN, **options: Any) -> AsyncGenerator[Event]:
        """Yield the events of one answer, as `RAG.stream` does; the turn is stored before the last one."""
        turns = await asyncio.to_thread(self._recent)
        told = self.rag.checked(replace(ask, budget=options.get("budget", ask.budget)))
        cap = told.allowance().thinking_tokens
        await asyncio.to_thread(self.begin, question)
        so_far, ended, status, why = Sofar(question), False, STOPPED, ""
        try:
            async with closing(self.rag.stream(question, ask, history=turns, **options)) as events:
                async for event in events:
                    so_far.hear(event)
                    if isinstance(event, Done):
                        await asyncio.to_thread(self._remember, event.answer, cap)
                        ended = True
                    yield event
        except Exception as exc:
            status, why = "failed", str(exc) if isinstance(exc, RagkitError) else type(exc).__name__
            raise
        finally:
            if self._early and not ended:  # the stream is being closed or cancelled: written at once, not awaited
                self._settle(so_far.answer(why), status, cap)

    def begin(self, question: str) -> None:
        """Store a question that is about to be answered; `stream` does so where questions are kept `early`."""
        if self._early and not self._pending:
            record = self._begun()
            self._last = self.rag.store.conversations.append(record.id, Turn(question, question, "", PENDING)).ordinal
            self._pending = question

    def leave(self) -> None:
        """A question that was begun and then not asked, as by one who left the line, is stopped."""
        if self._pending:
            self._settle(Sofar(self._pending).answer(), STOPPED, None)

    async def aask(self, question: str, ask: Ask = OPEN, **options: Any) -> Answer:
        """Answer one question of the conversation."""
        async for event in self.stream(question, ask, **options):
            if isinstance(event, Done):
                return event.answer
        raise RuntimeError("the pipeline ended without an answer; please report this")

    def ask(self, question: str, ask: Ask = OPEN, **options: Any) -> Answer:
        """Answer one question of the conversation."""
        return loop.run(self.aask(question, ask, **options))

    def events(self, question: str, ask: Ask = OPEN, **options: Any) -> Iterator[Event]:
        """`stream` for callers without an event loop."""
        return loop.iterate(self.stream(question, ask, **options))

    def _recent(self) -> list[Turn]:
        if self._record is None:
            return self._history[-REMEMBERED_TURNS:]
        turns = self.rag.store.conversations.turns(self._record.id, last=REMEMBERED_TURNS)
        return [turn for turn in turns if turn.status != PENDING]

    def _remember(self, answer: Answer, cap: int | None) -> None:
        asked, understood = answer.question, answer.understood or answer.question
        if not self._keep:
            self._history.append(Turn(asked, understood, answer.text, answer.status, answer.trace_id))
            return
        if self._early:
            self._settle(answer, answer.status, cap)
            return
        turn = Turn(asked, understood, answer.text, answer.status, answer.trace_id, details_of(answer, cap))
        self._last = self.rag.store.conversations.append(self._begun().id, turn).ordinal

    def _begun(self) -> ConversationRecord:
        if self._record is None:
            index = getattr(self.rag.index, "record", None)
            self._record = self.rag.store.conversations.create(index_id=getattr(index, "id", None), title=self._title)
        return self._record

    def _settle(self, answer: Answer, status: str, cap: int | None) -> None:
        """Put an answer, or what there is of one, in the place of its pending turn; one deleted meanwhile stays so."""
        understood = answer.understood or answer.question
        kept = details_of(answer, cap)
        turn = Turn(answer.question, understood, answer.text, status, answer.trace_id, kept, ordinal=self._last)
        self._pending = ""
        with suppress(NotFoundError):
            self.rag.store.conversations.settle(self.id, turn)


class Sofar:
    """What there is of an answer while it comes: its text, thought, passages and citations."""

    def __init__(self, question: str) -> None:
        self._question = question
        self._text: list[str] = []
        self._thought: list[str] = []
        self._tokens = 0
        self._hits: dict[int, Hit] = {}
        self._citations: list[Citation] = []

    def hear(self, event: Event) -> None:
        """Take one event in."""
        if isinstance(event, Token):
            self._text.append(event.text)
        elif isinstance(event, Thinking):
            self._thought.append(event.text)
            self._tokens += event.tokens
        elif isinstance(event, Retrieved):
            for hit in event.hits:
                self._hits.setdefault(hit.chunk.id, hit)
        elif isinstance(event, Cited):
            self._citations.append(event.citation)

    def answer(self, why: str = "") -> Answer:
        """It as an answer that came to no end. why: told in its notes."""
        return Answer(
            self._question,
            "".join(self._text),
            "failed",
            tuple(self._citations),
            tuple(self._hits.values()),
            Ledger(thinking_tokens=self._tokens),
            "".join(self._thought),
            notes=(why,) if why else (),
        )


def numbers_by_chunk(answer: Answer) -> dict[int, list[int]]:
    """The numbers under which the thought knows a chunk; one of a merged passage shares its number."""
    found: dict[int, list[int]] = {}
    for number, chunk_id in answer.numbered:
        found.setdefault(chunk_id, []).append(number)
    return found


def details_of(answer: Answer, cap: int | None = None) -> dict[str, Any]:
    """What a turn keeps so that it can be shown again as it was: evidence, thought and account, but no passages' text.

    cap: the thinking tokens that were allowed, kept as "budget"; None is no cap. A citation holds every field of
    `Citation`; a hit its document, place and scores, by which its text is found.
    """
    plain, numbers = answer.to_dict(), numbers_by_chunk(answer)
    kept = {name: plain[name] for name in _KEPT}
    kept["hits"] = [
        {
            "document_id": hit.document_id,
            "title": hit.chunk.title,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "page": hit.chunk.page,
            "read_as": numbers.get(hit.chunk.id, []),
            "score": float(hit.score),
            "scores": {name: float(value) for name, value in hit.scores.items()},
        }
        for hit in answer.hits
    ]
    if cap is not None:
        kept["budget"] = cap
    return kept
