"""The first schema: indexes, documents, texts, chunks, embeddings, deletions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{to.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [to], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "indexes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("chunker", sa.Text(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indexes"),
        sa.UniqueConstraint("name", name="uq_indexes_name"),
    )
    op.create_table(
        "documents",
        sa.Column("key", BIG, autoincrement=True, nullable=False),
        sa.Column("index_id", sa.String(36), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("characters", BIG, nullable=False),
        sa.Column("pages", JSON, nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_documents"),
        _belongs("documents", "index_id", "indexes.id"),
        sa.UniqueConstraint("index_id", "document_id", name="uq_documents_index_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "texts",
        sa.Column("document_key", BIG, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_key", name="pk_texts"),
        _belongs("texts", "document_key", "documents.key"),
    )
    op.create_table(
        "chunks",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("index_id", sa.String(36), nullable=False),
        sa.Column("document_key", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("section", JSON, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chunks"),
        _belongs("chunks", "index_id", "indexes.id"),
        _belongs("chunks", "document_key", "documents.key"),
        sa.UniqueConstraint("document_key", "ordinal", name="uq_chunks_document_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chunks_log", "chunks", ["index_id", "sequence", "id"])
    op.create_table(
        "embeddings",
        sa.Column("chunk_id", BIG, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chunk_id", "fingerprint", name="pk_embeddings"),
        _belongs("embeddings", "chunk_id", "chunks.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deletions",
        sa.Column("index_id", sa.String(36), nullable=False),
        sa.Column("sequence", BIG, autoincrement=False, nullable=False),
        sa.Column("chunk_id", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("index_id", "sequence", "chunk_id", name="pk_deletions"),
        _belongs("deletions", "index_id", "indexes.id"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("deletions", "embeddings", "chunks", "texts", "documents", "indexes"):
        op.drop_table(table)
