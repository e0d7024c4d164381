"""Traces: the stored record of every answer, found by id, by the beginning of an id, or newest first.

The columns are what a list shows; everything else is one compressed JSON record, so that a prompt with its token ids
costs little room and half a surrogate pair or a NUL in a text harms no database.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from ...errors import NotFoundError, UsageError
from ..connect import Database
from ..schema import Base, table_of

__all__ = ["TraceRecord", "Traces", "storable", "trace_table"]

LEAST_PREFIX = 4


class TraceTable(Base):
    """One answer. It goes with its index: a trace holds passages of it. `record` is JSON, compressed by zlib."""

    __tablename__ = "traces"
    __table_args__ = (Index("ix_traces_created_at", "created_at"), Index("ix_traces_index_id", "index_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    index_id: Mapped[str | None] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    strategy: Mapped[str] = mapped_column(Text)
    thinking_tokens: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[float] = mapped_column(Float)
    record: Mapped[bytes] = mapped_column(LargeBinary)


trace_table = table_of(TraceTable)
_LISTED = [c for c in trace_table.c if c.name != "record"]


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """A trace as stored; in a list `record` is empty. `id` is 32 hexadecimal digits."""

    id: str
    index_id: str | None
    created_at: datetime
    question: str
    status: str
    model: str
    strategy: str
    thinking_tokens: int
    seconds: float
    record: Mapping[str, Any] = field(default_factory=dict)


class Traces:
    """The traces of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, traces: Sequence[TraceRecord]) -> None:
        """Store traces in one transaction. Raises StoreError."""
        if not traces:
            return
        rows = [_row(t) for t in traces]
        with self._database.writing() as connection:
            known = _known_indexes(connection, {r["index_id"] for r in rows})
            kept = [r for r in rows if r["index_id"] is None or r["index_id"] in known]
            if kept:  # an index dropped meanwhile takes its answers along
                connection.execute(insert(trace_table), kept)

    def get(self, trace_id: str) -> TraceRecord:
        """One trace by its id or a beginning of it, at least four digits. Raises NotFoundError, UsageError."""
        prefix = trace_id.strip().lower()
        if len(prefix) < LEAST_PREFIX or not set(prefix) <= set("0123456789abcdef"):
            raise UsageError(f"{trace_id!r} is not a trace id; give at least {LEAST_PREFIX} of its hexadecimal digits")
        query = select(trace_table).where(trace_table.c.id.between(prefix, prefix + "g")).limit(2)
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        if not found:
            raise NotFoundError(f"no trace begins with {prefix!r}; list them with `ragkit trace ls`")
        if len(found) > 1:
            raise UsageError(f"more than one trace begins with {prefix!r}; give more digits")
        row = found[0]
        return _trace(row, json.loads(zlib.decompress(row.record)))

    def newest(self, *, index_id: str | None = None, limit: int = 20) -> list[TraceRecord]:
        """The newest traces first, without their records."""
        query = select(*_LISTED).order_by(trace_table.c.created_at.desc(), trace_table.c.id).limit(limit)
        if index_id is not None:
            query = query.where(trace_table.c.index_id == index_id)
        with self._database.reading() as connection:
            return [_trace(row) for row in connection.execute(query)]

    def delete(self, *, ids: Sequence[str] | None = None, before: datetime | None = None) -> int:
        """Delete the traces that match all that is given; without anything, all. Returns how many."""
        query = delete(trace_table)
        if ids is not None:
            query = query.where(trace_table.c.id.in_(list(ids)))
        if before is not None:
            query = query.where(trace_table.c.created_at < before)
        with self._database.writing() as connection:
            return int(connection.execute(query).rowcount)


def storable(text: str) -> str:
    """The text with what no database holds (NUL, half a surrogate pair) replaced."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def moment(value: datetime) -> datetime:
    """SQLite forgets the zone of a stored moment; it was UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _known_indexes(connection: Any, ids: set[str | None]) -> set[str]:
    from ..content import indexes

    return set(connection.execute(select(indexes.c.id).where(indexes.c.id.in_([i for i in ids if i]))).scalars())


def _row(trace: TraceRecord) -> dict[str, Any]:
    return {
        "id": trace.id,
        "index_id": trace.index_id,
        "created_at": trace.created_at,
        "question": storable(trace.question),
        "status": trace.status,
        "model": storable(trace.model),
        "strategy": trace.strategy,
        "thinking_tokens": trace.thinking_tokens,
        "seconds": trace.seconds,
        "record": zlib.compress(json.dumps(trace.record, separators=(",", ":")).encode(), 1),
    }


def _trace(row: Any, record: Mapping[str, Any] | None = None) -> TraceRecord:
    return TraceRecord(
        row.id,
        row.index_id,
        moment(row.created_at),
        row.question,
        row.status,
        row.model,
        row.strategy,
        row.thinking_tokens,
        row.seconds,
        record or {},
    )
