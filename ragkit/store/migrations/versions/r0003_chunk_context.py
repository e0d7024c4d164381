"""What is known of a passage beside its span: the header of its table, and where further pages start in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("chunks", sa.Column("header", sa.Text(), nullable=False, server_default=""))
    op.add_column("chunks", sa.Column("breaks", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    for column in ("breaks", "header"):
        op.drop_column("chunks", column)
