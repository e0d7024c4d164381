"""Conversations and their messages: what was asked and answered, in order, each message with its trace."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Index, Integer, String, Text, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from ...errors import NotFoundError, UsageError
from ..connect import Database
from ..schema import Base, Json, table_of
from .traces import moment, storable

__all__ = ["ConversationRecord", "Conversations", "Turn"]

MAX_TITLE_CHARACTERS = 120


class ConversationTable(Base):
    """One conversation over one index; it goes with the index."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_index_id", "index_id", "updated_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    index_id: Mapped[str | None] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MessageTable(Base):
    """One turn: the question as asked, as understood (standalone), and the answer given."""

    __tablename__ = "messages"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    asked: Mapped[str] = mapped_column(Text)
    understood: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    trace_id: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


conversations = table_of(ConversationTable)
messages = table_of(MessageTable)


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation as listed."""

    id: str
    index_id: str | None
    title: str
    created_at: datetime
    updated_at: datetime
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer. `understood` is the question made standalone; `details` whatever a caller keeps."""

    asked: str
    understood: str
    answer: str
    status: str
    trace_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    ordinal: int = 0
    created_at: datetime | None = None


class Conversations:
    """The conversations of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, *, index_id: str | None = None, title: str = "") -> ConversationRecord:
        """Begin a conversation."""
        now = datetime.now(UTC)
        record = ConversationRecord(uuid.uuid4().hex, index_id, _title(title), now, now)
        row = {"id": record.id, "index_id": index_id, "title": record.title, "created_at": now, "updated_at": now}
        with self._database.writing() as connection:
            connection.execute(insert(conversations), row)
        return record

    def get(self, conversation_id: str) -> ConversationRecord:
        """One conversation. Raises NotFoundError."""
        with self._database.reading() as connection:
            row = connection.execute(_listed().where(conversations.c.id == conversation_id)).first()
        if row is None:
            raise _gone(conversation_id)
        return _record(row)

    def newest(self, *, index_id: str | None = None, limit: int = 50, containing: str = "") -> list[ConversationRecord]:
        """The conversations spoken in last come first.

        containing: only those with this text in the title, a question or an answer, in upper or lower case alike.
        """
        query = _listed().order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        if index_id is not None:
            query = query.where(conversations.c.index_id == index_id)
        wanted = storable(containing).strip().lower()
        if wanted:
            said = select(messages.c.conversation_id).where(
                or_(*(func.lower(c).contains(wanted, autoescape=True) for c in (messages.c.asked, messages.c.answer)))
            )
            titled = func.lower(conversations.c.title).contains(wanted, autoescape=True)
            query = query.where(or_(titled, conversations.c.id.in_(said)))
        with self._database.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def turns(self, conversation_id: str, *, last: int | None = None) -> list[Turn]:
        """The turns in order; only the `last` ones when that is given. Raises NotFoundError."""
        if last is not None and last < 1:
            raise UsageError(f"last={last} is below 1; ask for at least one turn")
        query = select(messages).where(messages.c.conversation_id == conversation_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(messages.c.ordinal.desc()).limit(last)).all()
            if not rows:
                known = select(conversations.c.id).where(conversations.c.id == conversation_id)
                if connection.execute(known).first() is None:
                    raise _gone(conversation_id)
        return [_turn(row) for row in reversed(rows)]

    def append(self, conversation_id: str, turn: Turn) -> Turn:
        """Add a turn at the end, in one transaction; two at once keep their order. Raises NotFoundError."""
        now = datetime.now(UTC)
        count = select(func.max(messages.c.ordinal)).where(messages.c.conversation_id == conversation_id)
        with self._database.writing() as connection:
            # this locks the conversation's row, so that the next ordinal is nobody else's
            touched = connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(updated_at=now)
            )
            if not touched.rowcount:
                raise _gone(conversation_id)
            ordinal = (connection.execute(count).scalar() or 0) + 1
            row = {
                "conversation_id": conversation_id,
                "ordinal": ordinal,
                "asked": storable(turn.asked),
                "understood": storable(turn.understood),
                "answer": storable(turn.answer),
                "status": turn.status,
                "trace_id": turn.trace_id,
                "details": _storable_details(turn.details),
                "created_at": now,
            }
            connection.execute(insert(messages), row)
            if ordinal == 1:
                untitled = (conversations.c.id == conversation_id) & (conversations.c.title == "")
                connection.execute(update(conversations).where(untitled).values(title=_title(turn.asked)))
        return Turn(turn.asked, turn.understood, turn.answer, turn.status, turn.trace_id, turn.details, ordinal, now)

    def settle(self, conversation_id: str, turn: Turn) -> None:
        """Put what became of a turn in its place, which is its `ordinal`. Raises NotFoundError when that is gone."""
        place = (messages.c.conversation_id == conversation_id) & (messages.c.ordinal == turn.ordinal)
        told = {
            "understood": storable(turn.understood),
            "answer": storable(turn.answer),
            "status": turn.status,
            "trace_id": turn.trace_id,
            "details": _storable_details(turn.details),
        }
        with self._database.writing() as connection:
            if not connection.execute(update(messages).where(place).values(told)).rowcount:
                raise _gone(conversation_id)
            touched = update(conversations).where(conversations.c.id == conversation_id)
            connection.execute(touched.values(updated_at=datetime.now(UTC)))

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title. Raises NotFoundError."""
        query = update(conversations).where(conversations.c.id == conversation_id).values(title=_title(title))
        with self._database.writing() as connection:
            if not connection.execute(query).rowcount:
                raise _gone(conversation_id)

    def truncate(self, conversation_id: str, keep: int) -> int:
        """Forget every turn after the first `keep`; returns how many went. Raises NotFoundError, UsageError."""
        if keep < 0:
            raise UsageError(f"keep={keep} is below 0; keep 0 turns or more")
        last = (messages.c.conversation_id == conversation_id) & (messages.c.ordinal > keep)
        with self._database.writing() as connection:
            touched = connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(updated_at=datetime.now(UTC))
            )
            if not touched.rowcount:
                raise _gone(conversation_id)
            return int(connection.execute(delete(messages).where(last)).rowcount)

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its turns. Raises NotFoundError."""
        with self._database.writing() as connection:
            if not connection.execute(delete(conversations).where(conversations.c.id == conversation_id)).rowcount:
                raise _gone(conversation_id)


def _listed() -> Any:
    turns = select(func.count()).where(messages.c.conversation_id == conversations.c.id).scalar_subquery()
    return select(conversations, turns.label("turns"))


def _record(row: Any) -> ConversationRecord:
    return ConversationRecord(
        row.id, row.index_id, row.title, moment(row.created_at), moment(row.updated_at), row.turns
    )


def _turn(row: Any) -> Turn:
    return Turn(
        row.asked,
        row.understood,
        row.answer,
        row.status,
        row.trace_id,
        row.details,
        row.ordinal,
        moment(row.created_at),
    )


def _title(text: str) -> str:
    short = " ".join(storable(text).split())
    return short if len(short) <= MAX_TITLE_CHARACTERS else short[: MAX_TITLE_CHARACTERS - 1] + "…"


def _storable_details(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(k)): _storable_details(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_storable_details(v) for v in value]
    return value


def _gone(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"no conversation {conversation_id!r}; begin one without an id")
