"""Bring a database to the schema this version knows: once, under a lock, in one transaction."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, text

from ..errors import StoreError
from .connect import Database
from .faults import shown
from .migrations import HEAD

__all__ = ["migrate"]

_ADVISORY_LOCK = 0x7261676B6974  # "ragkit": one migration at a time on a PostgreSQL server
_alembic = threading.Lock()  # Alembic keeps its context in module globals


def migrate(database: Database) -> None:
    """Create or upgrade the tables. Raises StoreError when the schema is newer than this version of ragkit.

    An up-to-date database is only read, so a read-only one can be searched.
    """
    with database.reading() as connection:
        if _version(connection, database) == HEAD:
            return
    with _alembic, database.writing() as connection:
        if not database.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        version = _version(connection, database)  # another process may have been faster
        if version != HEAD:
            _upgrade(connection, database, version)


def _version(connection: Connection, database: Database) -> str | None:
    present = (
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if database.sqlite
        else "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"
    )
    if connection.execute(text(present)).first() is None:
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, database: Database, version: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"{shown(database.url)} has schema {version}, this ragkit knows up to {HEAD}; "
            "install a newer ragkit, or set RAGKIT_HOME elsewhere"
        )
    command.upgrade(config, "head")
