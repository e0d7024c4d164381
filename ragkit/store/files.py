"""What was last read of each file: how it looked on the disk, and which documents came out of it.

By this a file that has not been touched need not be opened again, one that was moved keeps its vectors, and what came
from a file that is gone is found by the file's whole path, however it was named when it was added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, String, Text, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from . import checksums
from .catalog import Catalog
from .content import documents, texts
from .schema import Base, Json, table_of

__all__ = ["FileRow", "Files", "Moved"]

_BATCH = 500
_NAMED = ("document_id", "source", "title", "content_hash")


class FileTable(Base):
    """One file of an index. `stamp`: size, mtime_ns, ctime_ns, inode. `digest`: sha256 of its bytes."""

    __tablename__ = "files"

    index_id: Mapped[str] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    stamp: Mapped[list[int]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    reader: Mapped[str] = mapped_column(Text)
    documents: Mapped[list[str]] = mapped_column(Json)


files = table_of(FileTable)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was when it was last read. path: absolute. reader: the version of what read it.

    stamp: size, mtime_ns, ctime_ns and inode; empty when they cannot be trusted. documents: the ids that came of it.
    """

    path: str
    stamp: tuple[int, ...]
    digest: str
    reader: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that has another id, source and perhaps title now; text, passages and vectors are what they were."""

    old: str
    new: str
    source: str
    title: str
    content_hash: str


class Files(Catalog):
    """Remembers files, and gives their documents other names."""

    def files(self, index_id: str) -> dict[str, FileRow]:
        """The files of an index by their paths."""
        query = select(files).where(files.c.index_id == index_id)
        with self._database.reading() as connection:
            return {
                row.path: FileRow(row.path, tuple(row.stamp), row.digest, row.reader, tuple(row.documents))
                for row in connection.execute(query)
            }

    def note_files(self, index_id: str, rows: Sequence[FileRow]) -> None:
        """Remember how these files were when they were read, instead of what was known of them."""
        latest = {row.path: row for row in rows}
        if not latest:
            return
        with self._database.writing() as connection:
            for some in _batches(list(latest)):
                connection.execute(delete(files).where(files.c.index_id == index_id, files.c.path.in_(some)))
            connection.execute(insert(files), [_plain(index_id, row) for row in latest.values()])

    def forget_files(self, index_id: str, paths: Sequence[str]) -> None:
        """Forget files; their documents are the caller's to delete."""
        with self._database.writing() as connection:
            for some in _batches(paths):
                connection.execute(delete(files).where(files.c.index_id == index_id, files.c.path.in_(some)))

    def sources(self, index_id: str, document_ids: Sequence[str]) -> dict[str, str]:
        """The source of each of these documents that is there, by id."""
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for some in _batches(document_ids):
                query = select(documents.c.document_id, documents.c.source).where(
                    documents.c.index_id == index_id, documents.c.document_id.in_(some)
                )
                found |= {row[0]: row[1] for row in connection.execute(query)}
        return found

    def move_documents(self, index_id: str, moves: Sequence[Moved]) -> None:
        """Give documents other ids and sources, in one transaction; passages and vectors stay.

        No number of the log is taken: views know passages by numbers that do not change. Ids that are not there are
        passed over; one that is taken already stays with its document, and the moved one keeps its old id.
        """
        change = (
            update(documents)
            .where(documents.c.key == bindparam("at"))
            .values({name: bindparam(f"new_{name}") for name in (*_NAMED, "checksum")})
        )
        by_old = {move.old: move for move in moves if move.old != move.new}
        with self._database.writing() as connection:
            for some in _batches(list(by_old)):
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
                    if move.new in taken:
                        continue
                    told = (move.new, move.source, move.title, move.content_hash)
                    named: dict[str, Any] = dict(zip(_NAMED, told, strict=True))
                    named["checksum"] = checksums.of_document({**row._asdict(), **named}, row.text)
                    connection.execute(change, {"at": row.key, **{f"new_{name}": v for name, v in named.items()}})


def _plain(index_id: str, row: FileRow) -> dict[str, Any]:
    return {
        "index_id": index_id,
        "path": row.path,
        "stamp": list(row.stamp),
        "digest": row.digest,
        "reader": row.reader,
        "documents": list(row.documents),
    }


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
