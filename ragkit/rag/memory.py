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
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engines.base import Sample
from ..reasoning.base import closing
from ..store import ConversationRecord, Turn
from ..types import Answer, Budget, Done, Event
from . import loop
from .followups import rewrite

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

    async def stream(self, question: str, **options: Any) -> AsyncGenerator[Event]:
        """Yield the events of one answer, as `RAG.stream` does; the turn is stored before the last one."""
        start = time.perf_counter()
        turns = await asyncio.to_thread(self._recent)
        engine = await asyncio.to_thread(lambda: self.rag.engine) if turns else None  # it may be loaded here
        understood, sample = await rewrite(question, turns, engine=engine, prompts=self.rag.prompts)
        seconds = time.perf_counter() - start
        async with closing(self.rag.stream(understood, **options)) as events:
            async for event in events:
                if isinstance(event, Done):
                    answer = _accounted(event.answer, question, understood, sample, seconds)
                    asked = options.get("budget")
                    cap = (self.rag.budget if asked is None else Budget.of(asked)).thinking_tokens
                    await asyncio.to_thread(self._remember, question, understood, answer, cap)
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
            return self._history[-REMEMBERED_TURNS:]
        return self.rag.store.conversations.turns(self._record.id, last=REMEMBERED_TURNS)

    def _remember(self, asked: str, understood: str, answer: Answer, cap: int | None) -> None:
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
