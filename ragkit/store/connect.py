"""Engines and transactions for SQLite and PostgreSQL, safe to share between threads.

SQLite keeps its rollback journal in PERSIST mode with synchronous=FULL. Not WAL: versions before 3.51.3 carry a bug
that can corrupt a database when a checkpoint meets a write. PERSIST, because its commit is on disk without a sync of
the folder. Speed does not decide: committing a small document took 20-32 ms (median) on a busy virtual disk in every
mode; at the 95th percentile, in two runs, PERSIST 21 and 48 ms, TRUNCATE 32 and 52, DELETE 28 and 47.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError

from ..errors import ConfigError, MissingDependencyError
from .faults import translate_faults, translated
from .reserve import Reserve

__all__ = ["Database"]

BUSY_TIMEOUT_MS = 15_000
_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_mode=PERSIST",
    "PRAGMA journal_size_limit=67108864",  # a persistent journal is as long as the largest change so far
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-8192",
    "PRAGMA cache_spill=65536",  # in pages: spilling takes the exclusive lock early, and readers would wait
    "PRAGMA temp_store=MEMORY",
)


class Database:
    """One engine. `reading()` and `writing()` give a connection for a block; a write is one transaction."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.reserve: Reserve | None = None
        self.sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": 8, "max_overflow": 56, "pool_timeout": 30}
        if not self.sqlite:
            options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
        try:
            self.engine: Engine = create_engine(self.url, **options)
        except ModuleNotFoundError as exc:
            raise MissingDependencyError(f"the database {self.url.drivername}", extra="postgres") from exc
        translate_faults(self.engine)
        if self.sqlite:
            path = Path(self.url.database or "")
            self.reserve = Reserve(path)
            if not path.name.startswith("file:"):
                _keep_private(path)
                _follow_file(self.engine, path)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        # a lone SELECT needs no transaction on either database; on PostgreSQL this saves two round trips
        self._reader = self.engine if self.sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = self.engine.execution_options(ragkit_write=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for statements that each see the newest committed state."""
        with translated(self.url), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection whose statements all see one state."""
        options = {} if self.sqlite else {"isolation_level": "REPEATABLE READ"}
        with translated(self.url), self.engine.execution_options(ragkit_read=True, **options).connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, undone when it raises."""
        with translated(self.url), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close the idle connections; the next use opens new ones."""
        self.engine.dispose()


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
        backend = url.get_backend_name()
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as exc:
        raise ConfigError(
            f"database {text.split('@')[-1]!r} is not a URL ragkit knows; "
            "use sqlite:///folder/ragkit.db or postgresql+psycopg://user@host/name"
        ) from exc
    except ModuleNotFoundError as exc:
        raise MissingDependencyError("PostgreSQL", extra="postgres") from exc
    if backend == "postgresql" and url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise ConfigError(f"database driver {url.drivername!r} is not supported; use sqlite or postgresql+psycopg")
    if backend == "sqlite" and (not url.database or url.database == ":memory:"):
        raise ConfigError("a SQLite store needs a file; use sqlite:///folder/ragkit.db")
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not guessed by the driver
    connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows ASCII alone
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
    finally:
        cursor.close()


def _keep_private(path: Path) -> None:
    """Make the file readable by its owner alone, before SQLite makes it; its journal takes the rights from it."""
    with suppress(OSError):  # no folder, or not ours: opening it says so where that matters
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        for file in (path, path.with_name(f"{path.name}-journal")):
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def _follow_file(engine: Engine, path: Path) -> None:
    """Notice that the file was exchanged beneath its open connections, as `mv` or `cp` of a backup does.

    After `mv` they would go on with a file that has no name any more. After `cp` they would mix its pages with those
    they remember, since SQLite tells versions apart by a counter that both files may have in common.
    """

    def opened(_connection: object, record: Any) -> None:
        record.info["file"] = _identity(path)

    def is_the_same(connection: sqlite3.Connection, record: Any, _proxy: object) -> None:
        known, now = record.info.get("file"), _identity(path)
        if known == now:
            return
        if known is None or now is None or known[:2] != now[:2]:
            raise DisconnectionError("the database file was replaced")
        connection.execute("PRAGMA shrink_memory").close()  # forgets every page
        record.info["file"] = now

    event.listen(engine, "connect", opened)
    event.listen(engine, "checkout", is_the_same)


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("ragkit_write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a later upgrade from reading to writing could deadlock
    elif options.get("ragkit_read"):
        connection.exec_driver_sql("BEGIN")
