"""A backup of a home's database, and its return: SQLite's own copy, checked before it counts, put in place at once.

The database is all there is to keep: the views are made from it. A copy is made beside its target, checked as `verify`
checks, and renamed; so a damaged database never replaces a good backup, nor a damaged backup a database.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..config import Settings, settings
from ..errors import NotFoundError, StoreDamagedError, StoreError, UsageError
from ..store import Store, writer_lock
from .live import LiveViews
from .opening import is_made, open_store, place

__all__ = ["BackupReport", "backup", "restore"]

BEFORE = "-before-restore"  # behind the name of the database that a backup replaced


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds; `file` is where it is, or where it came from."""

    file: Path
    indexes: tuple[str, ...]
    documents: int
    chunks: int

    def __str__(self) -> str:
        names = ", ".join(self.indexes) or "no index"
        return f"{self.file}: {names} ({self.documents} documents, {self.chunks} chunks), checked"


def backup(target: str | Path, *, home: str | Path | None = None) -> BackupReport:
    """Write a checked copy of a home's database to `target`; a backup that is there already is replaced at the end.

    Reading and writing go on meanwhile. Raises StoreDamagedError when the database fails its checks (nothing is written
    then), UsageError for a target that holds something else or a store on a server, NotFoundError for an empty home.
    """
    config, target = settings(home=home), Path(target).absolute()
    database = _database_of(config)
    if not is_made(config):
        raise NotFoundError(f"there is no database in {place(config)}; nothing to back up")
    if target.exists() and (target.samefile(database) or not _is_database(target)):
        raise UsageError(f"{target} is there and is no backup; choose another name")
    open_store(config)  # brings it to this version's schema
    with _copy(database, target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}")) as made:
        report = _checked(made, target, "nothing was written; restore an earlier backup with `ragkit restore FILE`")
        _put(made, target)
    return report


def restore(source: str | Path, *, home: str | Path | None = None) -> BackupReport:
    """Put a backup in the place of a home's database, and make the views anew where they followed another history.

    The database that was there is kept beside it, as `ragkit.db-before-restore`. Raises IndexLockedError while another
    process writes, StoreDamagedError for a backup that fails its checks, NotFoundError for none.
    """
    config, source = settings(home=home), Path(source).absolute()
    database = _database_of(config)
    if not source.is_file() or not _is_database(source):
        raise NotFoundError(f"{source} is no backup; make one with `ragkit backup FILE`")
    try:
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(f"{config.home} cannot be made: {exc.strerror}; set RAGKIT_HOME elsewhere") from exc
    with _copy(source, database.with_name(f".{database.name}-{uuid.uuid4().hex[:8]}")) as made, ExitStack() as locks:
        report = _checked(made, source, "the database in use stays as it is; choose another backup")
        for folder in sorted(p.parent for p in config.home.glob("*/write.lock")):
            locks.enter_context(writer_lock(folder))
        _set_aside(database)
        _put(made, database)
        store = open_store(config)
        for record in store.indexes():
            folder = config.home / record.id
            if not (folder / "write.lock").exists():
                folder.mkdir(mode=0o700, exist_ok=True)
                locks.enter_context(writer_lock(folder))
            live = LiveViews(store, record, folder, view=config.view)
            try:
                live.publish()
            finally:
                live.close()
    return report


def _database_of(config: Settings) -> Path:
    if not config.database_url.startswith("sqlite:///"):
        raise UsageError(
            "the store is on a PostgreSQL server; back it up with `pg_dump --format=custom` and bring it back with "
            "`pg_restore` (the views follow by themselves)"
        )
    return Path(config.database_url.removeprefix("sqlite:///"))


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


@contextmanager
def _copy(source: Path, made: Path) -> Iterator[Path]:
    """A copy of a database, by SQLite's backup call, readable by its owner alone; gone at the end unless moved."""
    try:
        os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        reading = f"file:{_quoted(source)}?mode=ro"
        with closing(sqlite3.connect(reading, uri=True)) as old, closing(sqlite3.connect(made)) as new:
            old.execute("PRAGMA busy_timeout=15000").close()
            old.backup(new)
        yield made
    except sqlite3.DatabaseError as exc:
        if "full" in str(exc):
            raise StoreError(f"the disk of {made.parent} is full; free some space and run it again") from exc
        raise StoreDamagedError(f"{source} cannot be read as a database ({exc}); choose another backup") from exc
    except OSError as exc:
        raise StoreError(f"{made.parent} cannot be written: {exc.strerror}; choose another folder") from exc
    finally:
        for left in (made, made.with_name(f"{made.name}-journal"), made.with_name(f"{made.name}-reserve")):
            with suppress(OSError):  # a disk that has turned read-only keeps it
                left.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _checked(made: Path, named: Path, otherwise: str) -> BackupReport:
    """What a copy holds, once every row of it was found to be what was written."""
    store = Store(f"sqlite:///{made}")
    try:
        problems = store.check_database()
        records = [] if problems else store.indexes()
        problems += [problem for record in records for problem in store.check(record.id)]
        if problems:
            raise StoreDamagedError(f"{named} fails its checks ({problems[0]}); {otherwise}")
        counts = [store.counts(record.id) for record in records]
    finally:
        store.close()
    names = tuple(sorted(record.name for record in records))
    return BackupReport(named, names, sum(d for d, _ in counts), sum(c for _, c in counts))


def _set_aside(database: Path) -> None:
    """Keep the database that is replaced; its journal goes along, or SQLite would undo the new one by it."""
    for part in ("", "-journal"):
        old = database.with_name(f"{database.name}{part}")
        kept = database.with_name(f"{database.name}{BEFORE}{part}")
        kept.unlink(missing_ok=True)
        if old.exists():
            if part:
                old.rename(kept)
            else:
                os.link(old, kept)  # the name is taken over at once below: there is a database at every moment


def _put(made: Path, target: Path) -> None:
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
