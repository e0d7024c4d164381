"""Changes to an index, each one transaction that takes the next number of the log.

Each transaction leaves a random mark beside its last number (see `content`), and each row its checksum.
The number is taken first, by an UPDATE of the index's row: on PostgreSQL that locks the row until the commit, on SQLite
the whole database is locked. So numbers have no gaps, become visible in order, and chunk ids grow with them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ..changes import FloatArray, IdArray
from ..errors import IndexMismatchError, StoreFullError, UsageError
from ..types import Document
from .catalog import Catalog, gone, reckon_index
from .content import chunks, deletions, documents, embeddings, indexes, lacks_vector, marks, texts
from .integrity import checksums
from .integrity.checks import check_document, check_passages, check_vectors
from .packing import Precision, pack
from .pgvector import tables as halftables
from .records import Deleted, NewDocument, Put

if TYPE_CHECKING:
    from ..text.chunking import Passage

__all__ = ["NEXT", "Writer", "add_chunks", "batches", "leave_mark", "new_mark", "remove_chunks"]

T = TypeVar("T")
_BATCH = 500  # ids in one IN list
NEXT = (
    update(indexes)
    .where(indexes.c.id == bindparam("index"))
    .values(sequence=indexes.c.sequence + 1, lineage=bindparam("mark"))
    .returning(indexes.c.sequence, indexes.c.dim, indexes.c.encoder, indexes.c.fingerprint)
)
_OLD = select(documents.c.key).where(
    documents.c.index_id == bindparam("index"), documents.c.document_id == bindparam("document")
)
_ADD_CHUNKS = insert(chunks).returning(chunks.c.id, sort_by_parameter_order=True)


class Writer(Catalog):
    """Puts and deletes documents, and replaces the vectors of a whole index."""

    def __init__(self, url: str, *, precision: Precision = "float16") -> None:
        super().__init__(url)
        self._precision: Precision = precision

    def put(
        self,
        index_id: str,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        *,
        content_hash: str,
    ) -> Put:
        """Store a document with its passages and their vectors, shape (len(passages), dim); all or nothing.

        An older version of the same document id is replaced in the same transaction.
        """
        return self.put_all(index_id, [NewDocument(document, passages, vectors, content_hash)])[0]

    def put_all(self, index_id: str, items: Sequence[NewDocument]) -> list[Put]:
        """Store several documents in one transaction, each with a number of the log of its own; all or nothing.

        One commit waits for the disk once: 30 small documents together cost hardly more than one.
        """
        for item in items:
            check_document(item.document)
            check_passages(item.document, item.passages)
        if not items:
            return []
        mark = new_mark()
        with self._database.writing() as connection:
            done = [self._put(connection, index_id, mark, item) for item in items]
            ids = [chunk_id for put in done for chunk_id in put.chunk_ids]
            halftables.add_rows(connection, index_id, ids, [item.vectors for item in items])
            leave_mark(connection, index_id, done[-1].sequence, mark)
        if self._database.reserve is not None:
            self._database.reserve.keep()
        return done

    def _put(self, connection: Connection, index_id: str, mark: str, item: NewDocument) -> Put:
        document, passages = item.document, item.passages
        state = connection.execute(NEXT, {"index": index_id, "mark": mark}).first()
        if state is None:
            raise gone(index_id)
        check_vectors(item.vectors, rows=len(passages), dim=state.dim, encoder=state.encoder, precision=self._precision)
        row = _document_row(index_id, document, len(passages), item.content_hash)
        old = connection.execute(_OLD, {"index": index_id, "document": document.id}).scalar()
        if old is None:
            key = connection.execute(insert(documents).returning(documents.c.key), row).scalar_one()
            connection.execute(insert(texts), {"document_key": key, "text": document.text})
            removed: tuple[int, ...] = ()
        else:
            key = old
            removed = remove_chunks(connection, index_id, state.sequence, [key])
            connection.execute(update(documents).where(documents.c.key == key), row)
            connection.execute(update(texts).where(texts.c.document_key == key), {"text": document.text})
        ids = add_chunks(connection, index_id, key, state.sequence, passages)
        self._add_vectors(connection, state.fingerprint, ids, item.vectors)
        return Put(int(state.sequence), tuple(ids), removed)

    def _add_vectors(self, connection: Connection, fingerprint: str, ids: Sequence[int], vectors: FloatArray) -> None:
        rows = [
            {
                "chunk_id": chunk_id,
                "fingerprint": fingerprint,
                "vector": blob,
                "checksum": checksums.of_vector(chunk_id, fingerprint, blob),
            }
            for chunk_id, blob in zip(ids, pack(vectors, self._precision), strict=True)
        ]
        if rows:
            connection.execute(insert(embeddings), rows)

    def delete(self, index_id: str, document_ids: Sequence[str]) -> Deleted:
        """Delete documents in one transaction; ids that are not there are passed over.

        Takes a number of the log only when something was deleted. On a full disk the space put by for it is used.
        """
        while True:
            try:
                return self._delete(index_id, document_ids)
            except StoreFullError:
                if self._database.reserve is None or not self._database.reserve.release():
                    raise

    def _delete(self, index_id: str, document_ids: Sequence[str]) -> Deleted:
        wanted, mark = sorted(set(document_ids)), new_mark()
        with self._database.writing() as connection:
            state = connection.execute(NEXT, {"index": index_id, "mark": mark}).first()  # locks the index
            if state is None:
                raise gone(index_id)
            keys: list[int] = []
            for some in batches(wanted):
                found = select(documents.c.key).where(
                    documents.c.index_id == index_id, documents.c.document_id.in_(some)
                )
                keys += connection.execute(found).scalars()
            if not keys:
                connection.rollback()
                return Deleted(int(state.sequence) - 1, 0)
            removed = remove_chunks(connection, index_id, state.sequence, keys)
            for part in batches(keys):
                connection.execute(delete(documents).where(documents.c.key.in_(part)))
            leave_mark(connection, index_id, state.sequence, mark)
        return Deleted(int(state.sequence), len(keys), removed)

    def stage_vectors(self, index_id: str, fingerprint: str, ids: IdArray, vectors: FloatArray) -> None:
        """Keep vectors of another encoder beside the ones in use, until `switch_encoder`; staging again replaces.

        ids: chunk ids, shape (n,); those deleted meanwhile are passed over. vectors: shape (n, dim of that encoder).
        """
        if vectors.ndim != 2 or len(vectors) != len(ids):
            raise UsageError(f"{len(ids)} ids got vectors of shape {vectors.shape}; give one row for each id")
        check_vectors(vectors, rows=len(ids), dim=vectors.shape[1], encoder=fingerprint[:12], precision=self._precision)
        with self._database.writing() as connection:
            in_use = connection.execute(select(indexes.c.fingerprint).where(indexes.c.id == index_id)).scalar()
            if in_use is None:
                raise gone(index_id)
            if in_use == fingerprint:
                raise UsageError("these vectors are by the encoder in use; there is nothing to stage")
            live: set[int] = set()
            for some in batches([int(i) for i in ids]):
                live.update(
                    connection.execute(
                        select(chunks.c.id).where(chunks.c.index_id == index_id, chunks.c.id.in_(some))
                    ).scalars()
                )
                connection.execute(
                    delete(embeddings).where(embeddings.c.chunk_id.in_(some), embeddings.c.fingerprint == fingerprint)
                )
            keep = [i for i, chunk_id in enumerate(ids) if int(chunk_id) in live]
            self._add_vectors(connection, fingerprint, [int(ids[i]) for i in keep], vectors[keep])

    def switch_encoder(self, index_id: str, *, encoder: str, fingerprint: str, dim: int) -> int:
        """Make staged vectors the ones in use and drop the old; returns the new sequence. One transaction.

        Raises IndexMismatchError while a chunk lacks a staged vector of `dim` numbers.
        """
        of_index = select(chunks.c.id).where(chunks.c.index_id == index_id)
        mark = new_mark()
        with self._database.writing() as connection:
            state = connection.execute(NEXT, {"index": index_id, "mark": mark}).first()
            if state is None:
                raise gone(index_id)
            lacking = connection.execute(
                select(func.count())
                .select_from(chunks)
                .where(chunks.c.index_id == index_id, lacks_vector(fingerprint, dim))
            ).scalar_one()
            if lacking:
                raise IndexMismatchError(
                    f"{lacking} chunks have no vector of {dim} numbers by {encoder!r}; embed them all, then switch"
                )
            connection.execute(
                delete(embeddings).where(embeddings.c.chunk_id.in_(of_index), embeddings.c.fingerprint != fingerprint)
            )
            connection.execute(
                update(indexes)
                .where(indexes.c.id == index_id)
                .values(encoder=encoder, fingerprint=fingerprint, dim=dim)
            )
            halftables.renew(connection, index_id)
            reckon_index(connection, index_id)
            leave_mark(connection, index_id, state.sequence, mark)
        return int(state.sequence)


def new_mark() -> str:
    """A random mark for a transaction."""
    return secrets.token_hex(8)


def leave_mark(connection: Connection, index_id: str, sequence: int, mark: str) -> None:
    """Keep the mark of a transaction under the number of its last change."""
    connection.execute(insert(marks), {"index_id": index_id, "sequence": sequence, "mark": mark})


def _document_row(index_id: str, document: Document, count: int, content_hash: str) -> dict[str, Any]:
    row = {
        "index_id": index_id,
        "document_id": document.id,
        "content_hash": content_hash,
        "title": document.title,
        "source": document.source,
        "language": document.language,
        "media_type": document.media_type,
        "chunks": count,
        "characters": len(document.text),
        "pages": list(document.pages),
        "metadata": dict(document.metadata),
        "added_at": datetime.now(UTC),
    }
    return {**row, "checksum": checksums.of_document(row, document.text)}


def add_chunks(
    connection: Connection, index_id: str, key: int, sequence: int, passages: Sequence[Passage]
) -> list[int]:
    """Insert the passages of a document under a number of the log; returns their ids."""
    rows: list[dict[str, Any]] = [
        {
            "index_id": index_id,
            "document_key": key,
            "sequence": sequence,
            "ordinal": ordinal,
            "start": p.start,
            "end": p.end,
            "page": p.page,
            "section": list(p.section),
            "header": p.header,
            "breaks": list(p.breaks),
            "text": p.text,
        }
        for ordinal, p in enumerate(passages)
    ]
    for row in rows:
        row["checksum"] = checksums.of_chunk(row["text"], [row[name] for name in checksums.PLACE])
    return [int(i) for i in connection.execute(_ADD_CHUNKS, rows).scalars()] if rows else []


def remove_chunks(connection: Connection, index_id: str, sequence: int, keys: Sequence[int]) -> tuple[int, ...]:
    """Delete the passages of documents, leaving their ids in the log; returns those."""
    removed: list[int] = []
    for some in batches(keys):
        removed += connection.execute(
            select(chunks.c.id).where(chunks.c.document_key.in_(some)).order_by(chunks.c.id)
        ).scalars()
    if removed:
        connection.execute(
            insert(deletions), [{"index_id": index_id, "sequence": sequence, "chunk_id": i} for i in removed]
        )
    for some in batches(keys):
        connection.execute(delete(chunks).where(chunks.c.document_key.in_(some)))
    return tuple(sorted(removed))


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Runs of items that are few enough for one list in SQL."""
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
