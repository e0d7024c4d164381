"""`Store`: everything a database of ragkit can be asked, put together from one class per concern."""

from __future__ import annotations

from .files import Files
from .history.conversations import Conversations
from .history.traces import Traces
from .history.votes import Votes
from .integrity.health import Health
from .log import Log
from .pgvector.nearest import HalfVectors
from .reading import Reader
from .renaming import Renaming
from .writing import Writer

__all__ = ["Store"]


class Store(Writer, Reader, Log, Files, Renaming, Health, HalfVectors):
    """Documents, chunks, embeddings and the log of changes, in SQLite or PostgreSQL; safe to share between threads.

    url: sqlite:///folder/ragkit.db or postgresql+psycopg://user@host/name. precision: how new vectors are kept.
    Opening creates or upgrades the tables. Raises StoreError when the database cannot be opened, ConfigError for
    a URL that names none.
    """

    @property
    def traces(self) -> Traces:
        """The stored answers."""
        return Traces(self._database)

    @property
    def conversations(self) -> Conversations:
        """Conversations and their turns."""
        return Conversations(self._database)

    @property
    def votes(self) -> Votes:
        """What readers thought of answers."""
        return Votes(self._database)

    def __repr__(self) -> str:
        return f"Store({self._database.url.render_as_string(hide_password=True)!r})"
