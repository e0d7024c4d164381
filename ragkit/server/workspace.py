"""`Workspace`: what one user may see and do — indexes, questions, conversations, votes — all below one home.

The API and the app reach stores and pipelines through it alone, so that users are kept apart in one place. Its methods
block (call them in a thread), except `stream`, which belongs on an event loop and never holds it up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..asking import Ask, checked_question
from ..catalogue import STRATEGIES
from ..config import Settings
from ..config import settings as read_settings
from ..errors import BusyError, UsageError
from ..index import AddReport, Group, Index, ProgressCallback, open_store
from ..rag import RAG, Conversation, flush_traces
from ..reasoning.base import AS_USUAL, Drawing, closing
from ..store import ConversationRecord, IndexRecord, Store, TraceRecord, Turn, Vote
from ..types import Answer, Done, Event
from .gate import Gate
from .settings import EXTRACTIVE, MIB, ServiceSettings
from .shelf import Shelf
from .unloading import unloading
from .uploads import Inbox, Upload, sources_of

__all__ = ["Process", "Queued", "Turned", "Upload", "Workspace"]


@dataclass(frozen=True, slots=True)
class Queued:
    """All places are taken: `position` in the line, from 1. Told again whenever it changes."""

    position: int


@dataclass(frozen=True, slots=True)
class Turned:
    """The turn is stored: in which conversation, and as which turn (from 1). Comes right before `Done`."""

    conversation_id: str
    ordinal: int


class Process(Protocol):
    """What the workspaces of one process share: `Service`."""

    @property
    def config(self) -> Settings: ...
    @property
    def settings(self) -> ServiceSettings: ...
    @property
    def gate(self) -> Gate: ...
    def models(self) -> list[str]: ...
    def home_of(self, user: str) -> Path: ...
    def inbox_of(self, user: str) -> Inbox: ...
    def tell(self, answer: Answer | None) -> None: ...


class Workspace:
    """One user's indexes, conversations, traces and votes. Made by `Service.workspace`."""

    def __init__(self, service: Process, user: str = "") -> None:
        self.user, self.home = user, service.home_of(user)
        self._service = service
        self._shelf = Shelf(self.home, lambda: self.store)
        self.inbox = service.inbox_of(user)

    @property
    def store(self) -> Store:
        """The database of this home; made when there is none."""
        return open_store(read_settings(home=self.home))

    @property
    def default_index(self) -> str:
        """The index meant when none is named."""
        return self._service.config.index

    @property
    def default_strategy(self) -> str:
        """The strategy used when none is named."""
        return self._service.config.strategy

    def models(self) -> list[str]:
        """What `model` may be; the first is the default."""
        return self._service.models()

    def strategies(self) -> list[str]:
        """What `strategy` may be."""
        return list(STRATEGIES)

    # indexes

    def indexes(self) -> list[IndexRecord]:
        """The indexes, by name."""
        return sorted(self.store.indexes(), key=lambda r: r.name)

    def index(self, name: str) -> Index:
        """An existing index, kept open. Raises NotFoundError."""
        return self._shelf.index(name)

    def searchable(self, name: str) -> Index | Group:
        """An existing index, or several as one: "a+b". Raises NotFoundError."""
        return self._shelf.searchable(name)

    def create(self, name: str) -> Index:
        """Make an empty index. Raises UsageError when the name is taken or cannot be one."""
        new = Index(name, home=self.home)
        if any(r.name == new.name for r in self.store.indexes()):
            raise UsageError(f"an index named {new.name!r} exists; open it or choose another name")
        new.create()
        return self.index(new.name)

    def rename(self, old: str, new: str) -> IndexRecord:
        """Give an index another name. Raises NotFoundError, UsageError when `new` is taken."""
        record = self.store.rename_index(old, new)
        self._shelf.forget(record.id)
        return record

    def set_budget(self, name: str, thinking_tokens: int | None) -> None:
        """Thinking tokens of an index's answers unless told otherwise; None takes them back. Raises NotFoundError."""
        record = self.store.recommend_budget(name, thinking_tokens)
        self._shelf.forget(record.id)  # an open index and its pipelines know the budget of before

    def drop(self, name: str) -> None:
        """Delete an index with its documents, traces and conversations. Raises NotFoundError, IndexLockedError."""
        index = self.index(name)
        record_id = index.record.id
        index.drop()
        self._shelf.forget(record_id)

    def add(
        self,
        index: str,
        uploads: Sequence[Upload] = (),
        *,
        texts: Sequence[Mapping[str, Any]] = (),
        progress: ProgressCallback | None = None,
    ) -> AddReport:
        """Add uploaded files and records {"id","title","text","metadata"}; never a path or an address of the server.

        Raises NotFoundError, UsageError for too many files, IndexLockedError while another process writes.
        """
        limits = self._service.settings
        if len(uploads) > limits.max_uploads:
            raise UsageError(f"{len(uploads)} files at once exceed the limit of {limits.max_uploads}; send fewer")
        sources = sources_of(list(uploads), max_bytes=limits.max_upload_mb * MIB)
        return self.index(index).add(*sources, *(dict(t) for t in texts), allow_urls=False, progress=progress)

    # questions

    def depth(self, k: int) -> int:
        """The number of passages that a search shows. Raises UsageError outside the limits."""
        Ask(k=k).checked(self._service.config.limits)
        return k

    def rag(self, index: str, *, model: object = None) -> RAG:
        """The pipeline over an index, kept. Raises NotFoundError, UsageError for a model that is not served."""
        served = self.models()
        chosen = served[0] if model is None else model
        if chosen not in served or not isinstance(chosen, str):
            raise UsageError(f"model {str(chosen)[:80]!r} is not served here; there are: {', '.join(served)}")
        strategy = self.default_strategy if chosen != EXTRACTIVE or len(served) == 1 else "auto"
        return self._shelf.rag(index, chosen, strategy)

    async def stream(
        self,
        question: str,
        ask: Ask,
        *,
        conversation: str | None = None,
        remember: bool = True,
        history: Sequence[Turn] = (),
        live: bool = True,
        early: bool = False,
        seed: int | None = None,
        drawing: Drawing = AS_USUAL,
    ) -> AsyncGenerator[Event | Queued | Turned]:
        """Yield the events of one answer: `Queued` while all places are taken, `Turned` when it is stored, last `Done`.

        conversation: the id of one to go on with; without it `remember` begins one. history: earlier turns that the
        caller keeps, for an answer that is not remembered. live: stream text. seed, drawing: as in `RAG.stream`.
        Closing the iterator, or cancelling its task, takes the question out of the line or out of the engine; nothing
        is remembered then, unless `early` stores the question as it is asked: `Turned` comes first then, and what there
        was of the answer is kept. Raises BusyError with the seconds to wait, NotFoundError, UsageError.
        """
        checked_question(question)
        rag = await asyncio.to_thread(self.rag, ask.index or self.default_index, model=ask.model)
        rag.checked(ask)  # before it takes a place in the line
        try:
            ticket = self._service.gate.ask(self.user)
        except BusyError:
            self._service.tell(None)
            raise
        talk: Conversation | None = None

        def begun() -> Conversation:
            keep = remember or conversation is not None
            opened = Conversation(rag, conversation, keep=keep, early=early, history=history)
            opened.begin(question)
            return opened

        try:
            talk = await asyncio.to_thread(begun)
            if early:
                yield Turned(talk.id, talk.last)
            async for position in ticket.turn():
                yield Queued(position)
            made = talk.stream(question, ask, live=live, seed=seed, drawing=drawing)
            async with closing(made), closing(unloading(made)) as events:
                async for event in events:
                    if isinstance(event, Done):
                        self._service.tell(event.answer)
                        if talk.id and not early:
                            yield Turned(talk.id, talk.last)
                    yield event
        finally:
            ticket.leave()
            if talk is not None:
                talk.leave()

    # what was asked before

    def conversations(self, search: str = "", limit: int = 100) -> list[ConversationRecord]:
        """The conversations, newest first. search: words of a title, a question or an answer."""
        return self.store.conversations.newest(containing=search, limit=limit)

    def conversation(self, conversation_id: str) -> ConversationRecord:
        """One conversation. Raises NotFoundError."""
        return self.store.conversations.get(conversation_id)

    def turns(self, conversation_id: str) -> list[Turn]:
        """Its turns in order; `turn.details` is what `ragkit.rag.memory.details_of` keeps. Raises NotFoundError."""
        return self.store.conversations.turns(conversation_id)

    def rename_conversation(self, conversation_id: str, title: str) -> None:
        """Give it another title. Raises NotFoundError, UsageError for an empty title."""
        if not title.strip():
            raise UsageError("the title is empty; give it a word")
        self.store.conversations.rename(conversation_id, title)

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete it with its turns. Raises NotFoundError."""
        self.store.conversations.delete(conversation_id)

    def truncate(self, conversation_id: str, keep: int) -> int:
        """Forget every turn after the first `keep`; returns how many went. Raises NotFoundError."""
        return self.store.conversations.truncate(conversation_id, keep)

    def trace(self, trace_id: str) -> TraceRecord:
        """The stored record of an answer. Raises NotFoundError, UsageError for what is no id."""
        flush_traces()  # an answer is stored a moment after it was given
        return self.store.traces.get(trace_id)

    def vote(self, trace_id: str, value: int, comment: str = "") -> Vote | None:
        """Store what the user thinks of an answer: 1 good, -1 bad, 0 takes the vote back. Raises NotFoundError."""
        flush_traces()
        if value == 0:
            self.store.votes.withdraw(trace_id)
            return None
        return self.store.votes.cast(trace_id, value, comment=comment, voter=self.user)

    def vote_on(self, trace_id: str) -> Vote | None:
        """The vote on an answer, None when there is none."""
        return self.store.votes.get(trace_id)

    def close(self) -> None:
        """Release indexes and pipelines; the next use opens them again."""
        self._shelf.close()
        self.inbox.close()
