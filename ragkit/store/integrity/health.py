"""Does the store hold what it should? Every rule that the schema alone cannot keep, and every checksum made anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, func, literal, select, text

from ...errors import StoreDamagedError
from ..catalog import Catalog, mark_at, record_of
from ..content import chunks, deletions, documents, embeddings, indexes, lacks_vector, marks, texts
from ..records import IndexRecord
from . import checksums

__all__ = ["Health"]

_DOCUMENTS_AT_ONCE = 50


class Health(Catalog):
    """Checks an index and the database under it; changes nothing."""

    def check(self, index_id: str) -> list[str]:
        """One line per problem, none when all is well. Reads every row of the index once."""
        problems: list[str] = []
        try:
            problems += self.check_database()
            if problems:
                return problems  # what else is read now may be anything
            with self._database.snapshot() as connection:
                record = record_of(connection, index_id)
                problems += self._broken_rules(connection, record)
            problems += self._changed_rows(index_id)
        except StoreDamagedError as exc:
            problems.append(str(exc))
        return problems

    def check_database(self) -> list[str]:
        """What SQLite's own check of its file finds, one line each; nothing on a server, which checks its pages."""
        if not self._database.sqlite:
            return []
        with self._database.reading() as connection:
            found = connection.execute(text("PRAGMA integrity_check(5)")).scalars().all()
        return [f"the database is damaged: {line}" for line in found if line != "ok"]

    def _broken_rules(self, connection: Connection, record: IndexRecord) -> Iterator[str]:
        for what, rule in _rules(record).items():
            broken = connection.execute(rule).scalar() or 0
            if broken:
                yield f"{record.name!r} has {broken} {what}"
        row = connection.execute(select(indexes).where(indexes.c.id == record.id)).one()
        if checksums.of_index(row._asdict()) != row.checksum:
            yield f"the record of {record.name!r} (encoder, chunker, settings) is not what was written"
        if mark_at(connection, record.id, record.sequence) != record.lineage:
            yield f"the newest change of {record.name!r} has another mark than its log"
        if self._database.sqlite and _ids_may_return(connection):
            yield "the database would give numbers of deleted chunks to new ones"

    def _changed_rows(self, index_id: str) -> Iterator[str]:
        """Documents, passages and vectors that are not as they were written."""
        last = 0
        page = (
            select(documents, texts.c.text)
            .join(texts, texts.c.document_key == documents.c.key)
            .where(documents.c.index_id == index_id)
            .order_by(documents.c.key)
            .limit(_DOCUMENTS_AT_ONCE)
        )
        while True:
            with self._database.snapshot() as connection:
                some = connection.execute(page.where(documents.c.key > last)).all()
                if not some:
                    return
                whole = {row.key: row for row in some}
                passages = connection.execute(select(chunks).where(chunks.c.document_key.in_(list(whole)))).all()
                vectors = connection.execute(_vectors_of(list(whole))).all()
                yield from (line for row in some for line in _document_problems(row))
                yield from (line for row in passages for line in _chunk_problems(row, whole[row.document_key]))
                for row in vectors:
                    if checksums.of_vector(row.chunk_id, row.fingerprint, row.vector) != row.checksum:
                        yield f"the vector of chunk {row.chunk_id} is not what was written"
            last = some[-1].key


def _rules(record: IndexRecord) -> dict[str, Select[Any]]:
    """What must not be found, and the query that counts it."""
    mine = chunks.c.index_id == record.id
    has_document = (
        select(literal(1)).where(documents.c.key == chunks.c.document_key, documents.c.index_id == record.id).exists()
    )
    is_deleted = select(deletions.c.chunk_id).where(deletions.c.index_id == record.id)
    newest = select(func.max(deletions.c.sequence)).where(deletions.c.index_id == record.id).scalar_subquery()
    last_mark = select(func.max(marks.c.sequence)).where(marks.c.index_id == record.id).scalar_subquery()
    of_document = select(func.count()).where(chunks.c.document_key == documents.c.key).scalar_subquery()
    has_text = select(literal(1)).where(texts.c.document_key == documents.c.key).exists()
    count = select(func.count())
    of_documents = count.select_from(documents).where(documents.c.index_id == record.id)
    of_chunks = count.select_from(chunks)
    return {
        f"chunks without a vector of {record.dim} numbers": of_chunks.where(
            mine, lacks_vector(record.fingerprint, record.dim)
        ),
        "chunks without a document": of_chunks.where(mine, ~has_document),
        "chunks that the log calls deleted": of_chunks.where(mine, chunks.c.id.in_(is_deleted)),
        "chunks newer than the log": of_chunks.where(mine, chunks.c.sequence > record.sequence),
        "deletions newer than the log": select(literal(1)).where(newest > record.sequence),
        "marks newer than the log": select(literal(1)).where(last_mark > record.sequence),
        "documents with another number of chunks": of_documents.where(documents.c.chunks != of_document),
        "documents without a text": of_documents.where(~has_text),
    }


def _vectors_of(keys: list[int]) -> Select[Any]:
    of_chunks = select(chunks.c.id).where(chunks.c.document_key.in_(keys))
    return select(embeddings).where(embeddings.c.chunk_id.in_(of_chunks))


def _document_problems(row: Row[Any]) -> Iterator[str]:
    if checksums.of_document(row._asdict(), row.text) != row.checksum:
        yield f"document {row.document_id!r} is not what was written"


def _chunk_problems(row: Row[Any], document: Row[Any]) -> Iterator[str]:
    made = checksums.of_chunk(row.text, [getattr(row, name) for name in checksums.PLACE])
    if made != row.checksum:
        yield f"chunk {row.id} of {document.document_id!r} is not what was written"
    elif document.text[row.start : row.end] != row.text:
        yield f"chunk {row.id} is not characters {row.start}-{row.end} of {document.document_id!r}"


def _ids_may_return(connection: Connection) -> bool:
    """Whether SQLite's counter of chunk ids stands below an id that was given out."""
    given = select(func.max(chunks.c.id)).union_all(select(func.max(deletions.c.chunk_id)))
    most = max((found or 0 for found in connection.execute(given).scalars()), default=0)
    counter = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'")).scalar() or 0
    return bool(most > counter)
