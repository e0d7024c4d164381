"""Conversations: questions that build on each other, kept in the store.

Each follow-up is first made to stand alone (`followups`), then answered like any other question: what a passage is
worth and what an answer cites never depends on earlier answers, so an error does not feed itself. What the rewriting
spent is in the answer's ledger, and `answer.notes` says how the question was understood.

    talk = Conversation(rag)                # or Conversation(rag, id) to go on with an earlier one
    talk.ask("Who approves travel?")
    talk.ask("And how long does it take?")
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engines.base import Sample
from ..store import ConversationRecord, Turn
from ..types import Answer, Done, Event
from . import loop
from .followups import rewrite

if TYPE_CHECKING:
    from .core import RAG

__all__ = ["Conversation"]

REMEMBERED_TURNS = 50


class Conversation:
    """One conversation with a pipeline. id: an earlier one's; without it a new one begins with the first question.

    Only answers that came to their end are remembered; one that was stopped leaves no turn. Raises NotFoundError for an
    unknown id.
    """

    def __init__(self, rag: RAG, id: str | None = None, *, title: str = "") -> None:
        self.rag = rag
        self._title = title
        self._record: ConversationRecord | None = None if id is None else rag.store.conversations.get(id)

    @property
    def id(self) -> str:
        """The id, "" before the first answer."""
        return "" if self._record is None else self._record.id

    @property
    def turns(self) -> list[Turn]:
        """All that was asked and answered, in order."""
        return [] if self._record is None else self.rag.store.conversations.turns(self._record.id)

    async def stream(self, question: str, **options: Any) -> AsyncIterator[Event]:
        """Yield the events of one answer, as `RAG.stream` does; the turn is stored before the last one."""
        start = time.perf_counter()
        turns = await asyncio.to_thread(self._recent)
        engine = await asyncio.to_thread(lambda: self.rag.engine) if turns else None  # it may be loaded here
        understood, sample = await rewrite(question, turns, engine=engine, prompts=self.rag.prompts)
        seconds = time.perf_counter() - start
        async for event in self.rag.stream(understood, **options):
            if isinstance(event, Done):
                answer = _accounted(event.answer, question, understood, sample, seconds)
                await asyncio.to_thread(self._remember, question, understood, answer)
                event = Done(answer)
            yield event

    async def aask(self, question: str, **options: Any) -> Answer:
        """Answer one question of the conversation."""
        async for event in self.stream(question, **options):
            if isinstance(event, Done):
                return event.answer
        raise RuntimeError("the pipeline ended without an answer; please report this")

    def ask(self, question: str, **options: Any) -> Answer:
        """Answer one question of the conversation."""
        return loop.run(self.aask(question, **options))

    def events(self, question: str, **options: Any) -> Iterator[Event]:
        """`stream` for callers without an event loop."""
        return loop.iterate(self.stream(question, **options))

    def _recent(self) -> list[Turn]:
        if self._record is None:
            return []
        return self.rag.store.conversations.turns(self._record.id, last=REMEMBERED_TURNS)

    def _remember(self, asked: str, understood: str, answer: Answer) -> None:
        stored = self.rag.store.conversations
        if self._record is None:
            index = getattr(self.rag.index, "record", None)
            self._record = stored.create(index_id=getattr(index, "id", None), title=self._title)
        cited = [{"marker": c.marker, "document": c.document, "quote": c.quote} for c in answer.citations]
        stored.append(
            self._record.id,
            Turn(asked, understood, answer.text, answer.status, answer.trace_id, {"citations": cited}),
        )


def _accounted(answer: Answer, asked: str, understood: str, sample: Sample | None, seconds: float) -> Answer:
    """The answer under the question as asked, with what the rewriting spent in its ledger."""
    notes = answer.notes if asked == understood else (f"understood as: {understood}", *answer.notes)
    ledger = replace(answer.ledger, seconds=answer.ledger.seconds + seconds)
    if sample is not None:
        ledger = replace(
            ledger,
            thinking_tokens=ledger.thinking_tokens + sample.thinking_tokens,
            answer_tokens=ledger.answer_tokens + sample.answer_tokens,
            prompt_tokens=ledger.prompt_tokens + sample.prompt_tokens,
            cached_tokens=ledger.cached_tokens + sample.cached_tokens,
        )
    return replace(answer, question=asked, ledger=ledger, notes=notes)
