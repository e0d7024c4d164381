"""Votes: what a reader thought of an answer. One vote for each trace; a second one replaces the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import DateTime, ForeignKey, Integer, String, Text, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from ...errors import NotFoundError, UsageError
from ..connect import Database
from ..schema import Base, table_of
from .traces import moment, storable, trace_table

__all__ = ["Vote", "Votes"]


class VoteTable(Base):
    """A vote goes with its trace."""

    __tablename__ = "votes"

    trace_id: Mapped[str] = mapped_column(ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text)
    voter: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


votes = table_of(VoteTable)


@dataclass(frozen=True, slots=True)
class Vote:
    """`value` is 1 for a good answer, -1 for a bad one."""

    trace_id: str
    value: int
    comment: str = ""
    voter: str = ""
    created_at: datetime | None = None


class Votes:
    """The votes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cast(self, trace_id: str, value: int, *, comment: str = "", voter: str = "") -> Vote:
        """Store a vote. Raises UsageError for another value than 1 or -1, NotFoundError for an unknown trace."""
        if value not in (1, -1):
            raise UsageError(f"vote {value!r} is neither 1 (good) nor -1 (bad)")
        vote = Vote(trace_id, value, storable(comment), storable(voter)[:64], datetime.now(UTC))
        row = {name: getattr(vote, name) for name in ("trace_id", "value", "comment", "voter", "created_at")}
        with self._database.writing() as connection:
            if connection.execute(select(trace_table.c.id).where(trace_table.c.id == trace_id)).first() is None:
                raise NotFoundError(f"no trace {trace_id!r} to vote on; answers are stored unless RAGKIT_TRACE=false")
            connection.execute(delete(votes).where(votes.c.trace_id == trace_id))
            connection.execute(insert(votes), row)
        return vote

    def withdraw(self, trace_id: str) -> None:
        """Take the vote on an answer back; nothing happens where there is none."""
        with self._database.writing() as connection:
            connection.execute(delete(votes).where(votes.c.trace_id == trace_id))

    def get(self, trace_id: str) -> Vote | None:
        """The vote on an answer, None when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(votes).where(votes.c.trace_id == trace_id)).first()
        return None if row is None else Vote(row.trace_id, row.value, row.comment, row.voter, moment(row.created_at))

    def all(self) -> list[Vote]:
        """All votes, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(votes).order_by(votes.c.created_at, votes.c.trace_id)).all()
        return [Vote(r.trace_id, r.value, r.comment, r.voter, moment(r.created_at)) for r in rows]
