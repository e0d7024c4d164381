"""What was last read of each file: how it looked on the disk, and which documents came out of it.

By this a file that has not been touched need not be opened again, one that was moved keeps its vectors, and what came
from a file that is gone is found by the file's whole path, however it was named when it was added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, String, Text, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from .catalog import Catalog
from .content import documents
from .schema import Base, Json, table_of
from .writing import batches

__all__ = ["FileRow", "Files"]


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


class Files(Catalog):
    """Remembers files."""

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
            for some in batches(list(latest)):
                connection.execute(delete(files).where(files.c.index_id == index_id, files.c.path.in_(some)))
            connection.execute(insert(files), [_plain(index_id, row) for row in latest.values()])

    def forget_files(self, index_id: str, paths: Sequence[str]) -> None:
        """Forget files; their documents are the caller's to delete."""
        with self._database.writing() as connection:
            for some in batches(paths):
                connection.execute(delete(files).where(files.c.index_id == index_id, files.c.path.in_(some)))

    def sources(self, index_id: str, document_ids: Sequence[str]) -> dict[str, str]:
        """The source of each of these documents that is there, by id."""
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for some in batches(document_ids):
                query = select(documents.c.document_id, documents.c.source).where(
                    documents.c.index_id == index_id, documents.c.document_id.in_(some)
                )
                found |= {row[0]: row[1] for row in connection.execute(query)}
        return found


def _plain(index_id: str, row: FileRow) -> dict[str, Any]:
    return {
        "index_id": index_id,
        "path": row.path,
        "stamp": list(row.stamp),
        "digest": row.digest,
        "reader": row.reader,
        "documents": list(row.documents),
    }
