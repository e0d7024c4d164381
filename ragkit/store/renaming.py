"""Documents that have other names now: what came of a file follows it to its new place.

Text, passages and vectors are what they were. Where the title changes too, as it does where a file's name is all the
title there is, its passages take new numbers in the log with the vectors they have, so that every view that follows the
log reads the new title above them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ..text.chunking import Passage
from .catalog import Catalog, gone
from .content import chunks, documents, embeddings, texts
from .integrity import checksums
from .packing import unpack
from .pgvector import tables as halftables
from .writing import NEXT, add_chunks, batches, leave_mark, new_mark, remove_chunks

__all__ = ["Moved", "Renaming"]

_NAMED = ("document_id", "source", "title", "content_hash")
_CHANGE = (
    update(documents)
    .where(documents.c.key == bindparam("at"))
    .values({name: bindparam(f"new_{name}") for name in (*_NAMED, "checksum")})
)
_PASSAGES = select(chunks).where(chunks.c.document_key == bindparam("key")).order_by(chunks.c.ordinal)
_VECTORS = (
    select(chunks.c.ordinal, embeddings.c.fingerprint, embeddings.c.vector)
    .join(embeddings, embeddings.c.chunk_id == chunks.c.id)
    .where(chunks.c.document_key == bindparam("key"))
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that has another id, source and perhaps title now; text, passages and vectors are what they were."""

    old: str
    new: str
    source: str
    title: str
    content_hash: str


class Renaming(Catalog):
    """Gives documents other names."""

    def move_documents(self, index_id: str, moves: Sequence[Moved]) -> None:
        """Give documents other ids, sources and titles, in one transaction.

        A number of the log is taken where the title changes, and only there: views know passages by numbers that do
        not change with an id. Ids that are not there are passed over; one that is taken already stays with its
        document, and the moved one keeps its old id.
        """
        by_old = {move.old: move for move in moves if move.old != move.new}
        mark, last = new_mark(), 0
        with self._database.writing() as connection:
            for some in batches(list(by_old)):
                query = (
                    select(documents, texts.c.text)
                    .join(texts, texts.c.document_key == documents.c.key)
                    .where(documents.c.index_id == index_id, documents.c.document_id.in_(some))
                )
                wanted = [by_old[old].new for old in some]
                query_taken = select(documents.c.document_id).where(
                    documents.c.index_id == index_id, documents.c.document_id.in_(wanted)
                )
                taken = set(connection.execute(query_taken).scalars())
                for row in connection.execute(query).all():
                    move = by_old[row.document_id]
                    if move.new not in taken:
                        _rename(connection, row, move)
                        if move.title != row.title:
                            last = _tell_again(connection, index_id, mark, row.key)
            if last:
                leave_mark(connection, index_id, last, mark)


def _rename(connection: Connection, row: Row[Any], move: Moved) -> None:
    told = (move.new, move.source, move.title, move.content_hash)
    named: dict[str, Any] = dict(zip(_NAMED, told, strict=True))
    named["checksum"] = checksums.of_document({**row._asdict(), **named}, row.text)
    connection.execute(_CHANGE, {"at": row.key, **{f"new_{name}": value for name, value in named.items()}})


def _tell_again(connection: Connection, index_id: str, mark: str, key: int) -> int:
    """Give the passages of a document new numbers of the log, their vectors with them; returns the number taken."""
    state = connection.execute(NEXT, {"index": index_id, "mark": mark}).first()
    if state is None:
        raise gone(index_id)
    passages = [
        Passage(row.start, row.end, row.text, tuple(row.section), row.page, row.header, tuple(row.breaks))
        for row in connection.execute(_PASSAGES, {"key": key})
    ]
    vectors = connection.execute(_VECTORS, {"key": key}).all()
    remove_chunks(connection, index_id, state.sequence, [key])
    ids = add_chunks(connection, index_id, key, state.sequence, passages)
    rows = [
        {
            "chunk_id": ids[row.ordinal],
            "fingerprint": row.fingerprint,
            "vector": row.vector,
            "checksum": checksums.of_vector(ids[row.ordinal], row.fingerprint, row.vector),
        }
        for row in vectors
    ]
    if rows:
        connection.execute(insert(embeddings), rows)
        used = [row for row in rows if row["fingerprint"] == state.fingerprint]
        vectors_in_use = unpack([row["vector"] for row in used], state.dim)
        halftables.add_rows(connection, index_id, [row["chunk_id"] for row in used], [vectors_in_use])
    return int(state.sequence)
