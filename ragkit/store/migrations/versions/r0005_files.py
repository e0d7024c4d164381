"""What was last read of each file: how it looked on the disk, and the documents that came out of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("index_id", sa.String(36), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("stamp", JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("documents", JSON, nullable=False),
        sa.PrimaryKeyConstraint("index_id", "path", name="pk_files"),
        sa.ForeignKeyConstraint(["index_id"], ["indexes.id"], name="fk_files_index_id_indexes", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("files")
