"""The log of an index, streamed to whatever follows it: what was added and deleted since a sequence number.

Each batch is read by statements of its own, so that a long replay never keeps a writer waiting. What was added and
deleted again meanwhile is not shown as an addition; its deletion comes with a later number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, and_, bindparam, func, select, tuple_

from ..changes import Changes, IdArray, above
from ..errors import IndexMismatchError, StoreDamagedError, UsageError
from .catalog import Catalog, mark_at, record_of
from .content import chunks, deletions, documents, embeddings
from .faults import damaged
from .integrity import checksums
from .packing import unpack
from .records import IndexRecord

__all__ = ["Log"]

_NUMBERS = (
    select(chunks.c.id, chunks.c.sequence)
    .where(chunks.c.index_id == bindparam("index"), chunks.c.sequence <= bindparam("until"))
    .order_by(chunks.c.sequence, chunks.c.id)
)
_SINCE = _NUMBERS.where(chunks.c.sequence > bindparam("after")).limit(bindparam("most"))
_LAST_OF = select(func.max(chunks.c.id)).where(
    chunks.c.index_id == bindparam("index"), chunks.c.sequence == bindparam("sequence")
)
# Ids grow with the sequence, so a batch is a range of ids; naming it for both tables keeps PostgreSQL from joining
# all that is left for every batch.
_ROWS: Select[Any] = (
    select(
        chunks.c.id,
        chunks.c.text,
        documents.c.title,
        documents.c.language,
        embeddings.c.vector,
        embeddings.c.checksum.label("of_vector"),
        chunks.c.index_id,
        chunks.c.document_key,
        chunks.c.sequence,
        chunks.c.ordinal,
        chunks.c.start,
        chunks.c.end,
        chunks.c.page,
        chunks.c.section,
        chunks.c.header,
        chunks.c.breaks,
        chunks.c.checksum,
        documents.c.metadata,
    )
    .select_from(chunks)
    .join(documents, documents.c.key == chunks.c.document_key)
    .outerjoin(
        embeddings,
        and_(
            embeddings.c.chunk_id == chunks.c.id,
            embeddings.c.chunk_id.between(bindparam("first"), bindparam("last")),
            embeddings.c.fingerprint == bindparam("fingerprint"),
        ),
    )
    .where(
        chunks.c.id.between(bindparam("first"), bindparam("last")),
        func.coalesce(chunks.c.index_id, "") == bindparam("index"),  # in a call, so that SQLite walks the range of ids
    )
    .order_by(chunks.c.id)
)
_DELETED = (
    select(deletions.c.chunk_id)
    .where(
        deletions.c.index_id == bindparam("index"),
        deletions.c.sequence > bindparam("after"),
        deletions.c.sequence <= bindparam("until"),
    )
    .order_by(deletions.c.chunk_id)
)
_TEXTS: Select[Any] = (
    select(chunks.c.id, chunks.c.text, documents.c.title, chunks.c.header)
    .select_from(chunks)
    .join(documents, documents.c.key == chunks.c.document_key)
    .where(chunks.c.index_id == bindparam("index"))
)


class Log(Catalog):
    """Streams additions and deletions in batches."""

    def changes(self, index_id: str, after: int, *, batch: int = 1000) -> Iterator[Changes]:
        """What happened after number `after`, in order, up to the newest number at the time of the call.

        A batch holds about `batch` chunks, and always whole changes: applied, a view stands at its `sequence`, which
        is above the one before. Vectors are those of the encoder in use. Nothing new yields nothing.
        Raises StoreDamagedError for a chunk without a vector or one that fails its checksum, IndexMismatchError when
        the encoder was switched since.
        """
        if batch < 1:
            raise UsageError(f"batch={batch} is below 1; ask for at least one chunk at a time")
        with self._database.reading() as connection:
            record = record_of(connection, index_id)
        while after < record.sequence:
            with self._database.reading() as connection:
                first, last, until = _whole_changes(connection, record, after, batch)
                span = {"index": index_id, "after": after, "until": until}
                values = {"index": index_id, "first": first, "last": last, "fingerprint": record.fingerprint}
                rows = connection.execute(_ROWS, values).all() if last else []
                deleted = np.fromiter(connection.execute(_DELETED, span).scalars(), np.int64)
                changes = self._changes(connection, record, rows, until, deleted)
            yield changes
            after = until

    def _changes(
        self, connection: Connection, record: IndexRecord, rows: Sequence[Sequence[Any]], until: int, deleted: IdArray
    ) -> Changes:
        bare = [row[0] for row in rows if row[4] is None]
        if bare:
            now = record_of(connection, record.id)
            if now.fingerprint != record.fingerprint:
                raise IndexMismatchError(
                    f"index {record.name!r} was re-embedded with {now.encoder!r} while it was read; open it again"
                )
            raise StoreDamagedError(
                f"{len(bare)} chunks of {record.name!r} have no vector (first: {bare[0]}); "
                f"re-embed it: ragkit repair {record.name} --encoder {record.encoder}"
            )
        for row in rows:
            if checksums.of_vector(row[0], record.fingerprint, row[4]) != row[5]:
                raise damaged(f"the vector of chunk {row[0]} of {record.name!r}")
            if checksums.of_chunk(row[1], row[6:16]) != row[16]:
                raise damaged(f"chunk {row[0]} of {record.name!r}")
        return Changes(
            until,
            np.array([row[0] for row in rows], np.int64),
            unpack([row[4] for row in rows], record.dim) if rows else np.empty((0, record.dim), np.float32),
            [row[1] for row in rows],
            [above(row[2], row[14], row[1]) for row in rows],
            [row[3] for row in rows],
            deleted,
            mark_at(connection, record.id, until),
            [row[17] for row in rows],
        )

    def chunks_since(self, index_id: str, after: int) -> int:
        """How many chunks were added after number `after` and are still there."""
        query = select(func.count()).select_from(chunks).where(chunks.c.index_id == index_id, chunks.c.sequence > after)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def chunk_ids(self, index_id: str) -> IdArray:
        """The ids of all chunks, sorted: what a view that stands at the newest change must hold."""
        query = select(chunks.c.id).where(chunks.c.index_id == index_id).order_by(chunks.c.id)
        with self._database.reading() as connection:
            return np.fromiter(connection.execute(query).scalars(), np.int64)

    def live_chunks(self, index_id: str, *, batch: int = 1000) -> Iterator[tuple[IdArray, list[str], list[str]]]:
        """All chunks as (ids, texts, what stands above them), by id, `batch` at a time."""
        if batch < 1:
            raise UsageError(f"batch={batch} is below 1; ask for at least one chunk at a time")
        sequence, last = 0, 0
        page = (
            _TEXTS.add_columns(chunks.c.sequence)
            .where(tuple_(chunks.c.sequence, chunks.c.id) > tuple_(bindparam("sequence"), bindparam("last")))
            .order_by(chunks.c.sequence, chunks.c.id)
            .limit(batch)
        )
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(page, {"index": index_id, "sequence": sequence, "last": last}).all()
            if not rows:
                return
            tops = [above(r[2], r[3], r[1]) for r in rows]
            yield np.array([r[0] for r in rows], np.int64), [r[1] for r in rows], tops
            last, sequence = rows[-1][0], rows[-1][4]


def _whole_changes(connection: Connection, record: IndexRecord, after: int, batch: int) -> tuple[int, int, int]:
    """The first and last chunk id of the next batch (0, 0 for none), and the number that it completes."""
    values = {"index": record.id, "after": after, "until": record.sequence, "most": batch}
    rows = connection.execute(_SINCE, values).all()
    if not rows:
        return 0, 0, record.sequence
    first, newest = rows[0].id, rows[-1].sequence
    if len(rows) < batch:
        return first, rows[-1].id, record.sequence
    if rows[0].sequence == newest:  # one document as large as a batch or larger
        last = connection.execute(_LAST_OF, {"index": record.id, "sequence": newest}).scalar()
        return first, last or rows[-1].id, newest
    return first, max(row.id for row in rows if row.sequence < newest), newest - 1
