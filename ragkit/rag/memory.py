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
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..asking import OPEN, Ask
from ..reasoning.base import closing
from ..store import ConversationRecord, Turn
from ..types import Answer, Done, Event
from . import loop

if TYPE_CHECKING:
    from .core import RAG

__all__ = ["Conversation", "details_of"]

REMEMBERED_TURNS = 50
_KEPT = ("citations", "ledger", "thinking", "unsupported", "confidence", "notes", "model", "strategy")


class Conversation:
    """One conversation with a pipeline. id: an earlier one's; without it a new one begins with the first question.

    keep: whether turns are stored. history: turns before the first question, where the caller keeps them.
    Only answers that came to their end are remembered; one that was stopped leaves no turn. Raises NotFoundError for an
    unknown id.
    """

    def __init__(
        self, rag: RAG, id: str | None = None, *, title: str = "", keep: bool = True, history: Sequence[Turn] = ()
    ) -> None:
        self.rag = rag
        self._title, self._keep, self._history = title, keep, list(history)
        self._last = 0
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
        async with closing(self.rag.stream(question, ask, history=turns, **options)) as events:
            async for event in events:
                if isinstance(event, Done):
                    told = self.rag.checked(replace(ask, budget=options.get("budget", ask.budget)))
                    cap = told.allowance().thinking_tokens
                    await asyncio.to_thread(self._remember, event.answer, cap)
                yield event

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
        return self.rag.store.conversations.turns(self._record.id, last=REMEMBERED_TURNS)

    def _remember(self, answer: Answer, cap: int | None) -> None:
        asked, understood = answer.question, answer.understood or answer.question
        if not self._keep:
            self._history.append(Turn(asked, understood, answer.text, answer.status, answer.trace_id))
            return
        stored = self.rag.store.conversations
        if self._record is None:
            index = getattr(self.rag.index, "record", None)
            self._record = stored.create(index_id=getattr(index, "id", None), title=self._title)
        turn = Turn(asked, understood, answer.text, answer.status, answer.trace_id, details_of(answer, cap))
        self._last = stored.append(self._record.id, turn).ordinal


def details_of(answer: Answer, cap: int | None = None) -> dict[str, Any]:
    """What a turn keeps so that it can be shown again as it was: evidence, thought and account, but no passages' text.

    cap: the thinking tokens that were allowed, kept as "budget"; None is no cap. A citation holds every field of
    `Citation`; a hit its document, place and scores, by which its text is found.
    """
    plain = answer.to_dict()
    kept = {name: plain[name] for name in _KEPT}
    kept["hits"] = [
        {
            "document_id": hit.document_id,
            "title": hit.chunk.title,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "page": hit.chunk.page,
            "score": float(hit.score),
            "scores": {name: float(value) for name, value in hit.scores.items()},
        }
        for hit in answer.hits
    ]
    if cap is not None:
        kept["budget"] = cap
    return kept
