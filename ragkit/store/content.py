"""The tables of an index's content: indexes, documents and their texts, chunks, embeddings, deletions, marks.

A chunk's `sequence` is the number of the change that added it; `deletions` holds the number that removed it. Together
they are the log that views replay. Chunk ids grow with the sequence and are never used again.

A sequence number says how far a view has come, not in which history: an older copy of the database, restored and
written to, has the same numbers. So each transaction leaves a random mark, and a view keeps the mark it stands at.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from .schema import Base, BigInt, Json, table_of

__all__ = ["chunks", "deletions", "documents", "embeddings", "indexes", "lacks_vector", "marks", "texts"]


class IndexTable(Base):
    """One index. `sequence` numbers its changes from 1 without gaps; its row is locked while a change is made.

    `lineage` is the mark of the newest change, "" before the first. The checksums are those of `checksums`.
    """

    __tablename__ = "indexes"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    sequence: Mapped[int] = mapped_column(BigInt)
    encoder: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    dim: Mapped[int] = mapped_column(Integer)
    chunker: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lineage: Mapped[str] = mapped_column(String(32), server_default="")
    checksum: Mapped[int] = mapped_column(BigInt, server_default="0")


class DocumentTable(Base):
    """One document of an index, without its text, so that listing and filtering read little."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("index_id", "document_id"), {"sqlite_autoincrement": True})

    key: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    index_id: Mapped[str] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    chunks: Mapped[int] = mapped_column(Integer)
    characters: Mapped[int] = mapped_column(BigInt)
    pages: Mapped[list[int]] = mapped_column(Json)
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", Json)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    checksum: Mapped[int] = mapped_column(BigInt, server_default="0")


class TextTable(Base):
    """The whole text of a document."""

    __tablename__ = "texts"

    document_key: Mapped[int] = mapped_column(
        BigInt, ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(Text)


class ChunkTable(Base):
    """A passage: `texts.text[start:end] == text`, counted in characters."""

    __tablename__ = "chunks"
    __table_args__ = (
        UniqueConstraint("document_key", "ordinal"),
        Index("ix_chunks_log", "index_id", "sequence", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    index_id: Mapped[str] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"))
    document_key: Mapped[int] = mapped_column(BigInt, ForeignKey("documents.key", ondelete="CASCADE"))
    sequence: Mapped[int] = mapped_column(BigInt)
    ordinal: Mapped[int] = mapped_column(Integer)
    start: Mapped[int] = mapped_column(BigInt)
    end: Mapped[int] = mapped_column(BigInt)
    page: Mapped[int | None] = mapped_column(Integer)
    section: Mapped[list[str]] = mapped_column(Json)
    header: Mapped[str] = mapped_column(Text, server_default="")
    breaks: Mapped[list[int]] = mapped_column(Json, server_default="[]")
    text: Mapped[str] = mapped_column(Text)
    checksum: Mapped[int] = mapped_column(BigInt, server_default="0")


class EmbeddingTable(Base):
    """A chunk's vector by one encoder: little-endian float16 or float32, told apart by length and dim."""

    __tablename__ = "embeddings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    chunk_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("chunks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    checksum: Mapped[int] = mapped_column(BigInt, server_default="0")


class DeletionTable(Base):
    """A chunk id that was removed, and the number of the change that removed it."""

    __tablename__ = "deletions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    index_id: Mapped[str] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    chunk_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)


class MarkTable(Base):
    """The random mark of a transaction on an index, under the number of its last change."""

    __tablename__ = "marks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    index_id: Mapped[str] = mapped_column(ForeignKey("indexes.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(32))


indexes = table_of(IndexTable)
documents = table_of(DocumentTable)
texts = table_of(TextTable)
chunks = table_of(ChunkTable)
embeddings = table_of(EmbeddingTable)
deletions = table_of(DeletionTable)
marks = table_of(MarkTable)


def lacks_vector(fingerprint: str, dim: int) -> ColumnElement[bool]:
    """The condition that a row of `chunks` has no vector of `dim` numbers by the encoder of that fingerprint.

    A scalar subquery is one look-up per chunk; NOT EXISTS took a PostgreSQL without statistics 28 s for 20,000 chunks.
    """
    found = select(embeddings.c.chunk_id).where(
        embeddings.c.chunk_id == chunks.c.id,
        embeddings.c.fingerprint == fingerprint,
        func.length(embeddings.c.vector).in_([2 * dim, 4 * dim]),
    )
    return found.scalar_subquery().is_(None)
