"""A checksum for each row, and a mark for each change, by which a view knows that it follows this very history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from ragkit.store.integrity import checksums

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CHECKED = ("indexes", "documents", "chunks", "embeddings")
BATCH = 500


def _table(name: str, *plain: str, **typed: Any) -> sa.TableClause:
    columns = [sa.column(c) for c in plain] + [sa.column(c, kind) for c, kind in typed.items()]
    return sa.table(name, *columns, sa.column("checksum", BIG))


indexes = _table("indexes", "id", "name", "encoder", "fingerprint", "dim", "chunker", settings=JSON)
documents = _table(
    "documents", "key", "index_id", "document_id", "content_hash", "title", "source", "language", "media_type",
    "chunks", "characters", pages=JSON, metadata=JSON,
)  # fmt: skip
texts = sa.table("texts", sa.column("document_key"), sa.column("text"))
chunks = _table(
    "chunks", "id", "index_id", "document_key", "sequence", "ordinal", "start", "end", "page", "header", "text",
    section=JSON, breaks=JSON,
)  # fmt: skip
embeddings = _table("embeddings", "chunk_id", "fingerprint", vector=sa.LargeBinary())


def upgrade() -> None:
    op.add_column("indexes", sa.Column("lineage", sa.String(32), nullable=False, server_default=""))
    for table in CHECKED:
        op.add_column(table, sa.Column("checksum", BIG, nullable=False, server_default="0"))
    op.create_table(
        "marks",
        sa.Column("index_id", sa.String(36), nullable=False),
        sa.Column("sequence", BIG, autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("index_id", "sequence", name="pk_marks"),
        sa.ForeignKeyConstraint(["index_id"], ["indexes.id"], name="fk_marks_index_id_indexes", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    _fill(connection, indexes, [indexes.c.id], lambda r: checksums.of_index(r._asdict()))
    whole = sa.select(documents, texts.c.text).join_from(documents, texts, texts.c.document_key == documents.c.key)
    _fill(connection, documents, [documents.c.key], lambda r: checksums.of_document(r._asdict(), r.text), whole)
    _fill(
        connection,
        chunks,
        [chunks.c.id],
        lambda r: checksums.of_chunk(r.text, [getattr(r, name) for name in checksums.PLACE]),
    )
    _fill(
        connection,
        embeddings,
        [embeddings.c.chunk_id, embeddings.c.fingerprint],
        lambda r: checksums.of_vector(r.chunk_id, r.fingerprint, r.vector),
    )


def _fill(
    connection: sa.Connection,
    table: sa.TableClause,
    key: Sequence[sa.ColumnClause[Any]],
    checksum: Callable[[sa.Row[Any]], int],
    rows: sa.Select[Any] | None = None,
) -> None:
    """Compute the checksum of every row, a few hundred at a time."""
    query: sa.Select[Any] = (sa.select(table) if rows is None else rows).order_by(*key).limit(BATCH)
    change = sa.update(table).where(*(c == sa.bindparam(f"k{n}") for n, c in enumerate(key)))
    change = change.values(checksum=sa.bindparam("made"))
    after: list[Any] | None = None
    while True:
        page = query if after is None else query.where(sa.tuple_(*key) > sa.tuple_(*after))
        found = connection.execute(page).all()
        if not found:
            return
        keys = [[getattr(row, c.name) for c in key] for row in found]
        named = [{f"k{n}": value for n, value in enumerate(values)} for values in keys]
        connection.execute(change, [{**k, "made": checksum(row)} for k, row in zip(named, found, strict=True)])
        after = keys[-1]


def downgrade() -> None:
    op.drop_table("marks")
    for table in CHECKED:
        op.drop_column(table, "checksum")
    op.drop_column("indexes", "lineage")
