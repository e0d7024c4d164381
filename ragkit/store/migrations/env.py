"""Alembic's entry: runs the revisions on the connection that the store passes in."""

from __future__ import annotations

from alembic import context

from ragkit.store import content
from ragkit.store.history import conversations, traces, votes
from ragkit.store.schema import Base

if not all(module.__all__ for module in (content, conversations, traces, votes)):
    raise RuntimeError("the tables must be imported before they are compared")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
