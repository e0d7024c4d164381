"""Documents and chunks, read back: by id, in order, around a chunk, by metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, bindparam, func, select, true

from ..changes import IdArray
from ..errors import NotFoundError, UsageError
from ..types import Chunk, Document
from .catalog import Catalog
from .conditions import BUILT_IN, Condition, parse_where
from .content import chunks, documents, texts
from .faults import damaged
from .integrity import checksums
from .records import DocumentRow, StoredChunk
from .where import compile_where

__all__ = ["Reader"]

_CHUNK: Select[Any] = (
    select(
        chunks.c.id,
        documents.c.document_id,
        chunks.c.ordinal,
        chunks.c.start,
        chunks.c.end,
        chunks.c.text,
        documents.c.title,
        chunks.c.section,
        chunks.c.page,
        documents.c.source,
        chunks.c.header,
        chunks.c.breaks,
        chunks.c.index_id,
        chunks.c.document_key,
        chunks.c.sequence,
        chunks.c.checksum,
    )
    .select_from(chunks)
    .join(documents, documents.c.key == chunks.c.document_key)
)
_BY_ID = _CHUNK.add_columns(documents.c.metadata).where(chunks.c.id.in_(bindparam("ids", expanding=True)))
_IN_DOCUMENT = _CHUNK.where(
    documents.c.index_id == bindparam("index"), documents.c.document_id == bindparam("document")
).order_by(chunks.c.ordinal)
_MOST_IDS = 5000  # in one IN list


class Reader(Catalog):
    """Reads what an index holds."""

    def content_hash(self, index_id: str, document_id: str) -> str | None:
        """The content hash of one document; None when it is not there."""
        query = select(documents.c.content_hash).where(
            documents.c.index_id == index_id, documents.c.document_id == document_id
        )
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def content_hashes(self, index_id: str) -> dict[str, str]:
        """The content hash of each document, by document id."""
        query = select(documents.c.document_id, documents.c.content_hash).where(documents.c.index_id == index_id)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def document(self, index_id: str, document_id: str) -> Document:
        """One whole document. Raises NotFoundError, StoreDamagedError when it is not what was written."""
        query = (
            select(documents, texts.c.text)
            .join(texts, texts.c.document_key == documents.c.key)
            .where(documents.c.index_id == index_id, documents.c.document_id == document_id)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(f"no document {document_id!r} in this index; list them with `ragkit ls`")
        if checksums.of_document(row._asdict(), row.text) != row.checksum:
            raise damaged(f"document {document_id!r}")
        return Document(
            id=row.document_id,
            text=row.text,
            title=row.title,
            source=row.source,
            metadata=row.metadata,
            pages=tuple(row.pages),
            media_type=row.media_type,
            language=row.language,
        )

    def documents(
        self,
        index_id: str,
        *,
        source: str | None = None,
        where: Mapping[str, Any] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[DocumentRow]:
        """The documents that match, without their texts, in the order they were first added."""
        if (limit is not None and limit < 0) or offset < 0:
            raise UsageError(f"limit={limit}, offset={offset}: neither may be below 0")
        query = select(documents).where(documents.c.index_id == index_id).order_by(documents.c.key)
        if source is not None:
            query = query.where(documents.c.source == source)
        conditions = parse_where(where) if where else ()
        query = query.where(*compile_where(conditions, sqlite=self._database.sqlite))
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).all()
            if conditions and not rows:
                self._check_keys(connection, index_id, conditions)
            return [_document_row(row) for row in rows]

    def chunks(self, ids: Sequence[int]) -> dict[int, StoredChunk]:
        """Chunks by id, with their documents' metadata; ids that are not there are left out."""
        wanted = [int(i) for i in ids]
        found: dict[int, StoredChunk] = {}
        if not wanted:
            return found
        with self._database.reading() as connection:
            for start in range(0, len(wanted), _MOST_IDS):
                for row in connection.execute(_BY_ID, {"ids": wanted[start : start + _MOST_IDS]}):
                    found[row[0]] = StoredChunk(_chunk(row), row[16])
        return found

    def document_chunks(self, index_id: str, document_id: str) -> list[Chunk]:
        """The chunks of one document, in order; none for a document that is not there."""
        with self._database.reading() as connection:
            rows = connection.execute(_IN_DOCUMENT, {"index": index_id, "document": document_id})
            return [_chunk(row) for row in rows]

    def select_chunks(self, index_id: str, where: Mapping[str, Any] | Sequence[Condition]) -> IdArray:
        """Ids of the chunks whose documents match `where` (or its conditions), sorted.

        Raises UsageError for a key that is neither built in nor in the metadata of any document of the index.
        """
        conditions = parse_where(where) if isinstance(where, Mapping) else where
        query: Select[Any] = (
            select(chunks.c.id)
            .join(documents, documents.c.key == chunks.c.document_key)
            .where(documents.c.index_id == index_id, *compile_where(conditions, sqlite=self._database.sqlite))
        )
        with self._database.reading() as connection:
            ids = np.fromiter(connection.execute(query).scalars(), np.int64)
            if not len(ids):  # a key no document has can match none, so only then it may be unknown
                self._check_keys(connection, index_id, conditions)
        ids.sort()
        return ids

    def check_keys(self, index_id: str, conditions: Sequence[Condition]) -> None:
        """Raise UsageError for a key that is neither built in nor in the metadata of any document of the index."""
        with self._database.reading() as connection:
            self._check_keys(connection, index_id, conditions)

    def _check_keys(self, connection: Connection, index_id: str, conditions: Sequence[Condition]) -> None:
        asked = {each.key for each in conditions} - set(BUILT_IN)
        if not asked:
            return
        each = func.json_each if self._database.sqlite else func.jsonb_each
        item = each(documents.c.metadata).table_valued("key", "value")
        query = select(item.c.key).select_from(documents).join(item, true()).where(documents.c.index_id == index_id)
        known = sorted(connection.execute(query.distinct()).scalars())
        unknown = sorted(asked - set(known))
        if unknown:
            raise UsageError(
                f"no document of this index has metadata {unknown[0]!r}; known keys: {', '.join([*BUILT_IN, *known])}"
            )


def _chunk(row: Sequence[Any]) -> Chunk:
    section, page, source, header, breaks, index_id, key, sequence, checksum = row[7:16]
    belongs = (index_id, key, sequence, row[2], row[3], row[4], page, section, header, breaks)
    if checksums.of_chunk(row[5], belongs) != checksum:
        raise damaged(f"chunk {row[0]} of {row[1]!r}")
    return Chunk(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], tuple(section), page, source, header, tuple(breaks)
    )


def _document_row(row: Row[Any]) -> DocumentRow:
    return DocumentRow(
        id=row.document_id,
        title=row.title,
        source=row.source,
        language=row.language,
        media_type=row.media_type,
        chunks=row.chunks,
        characters=row.characters,
        metadata=row.metadata,
        added_at=row.added_at if row.added_at.tzinfo else row.added_at.replace(tzinfo=UTC),
    )
