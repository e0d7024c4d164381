"""The one place where errors of the database become StoreError: what happened, to which database, and the remedy."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ..errors import IndexLockedError, RagkitError, StoreDamagedError, StoreError, StoreFullError

__all__ = ["damaged", "translate_faults", "translated"]

RESTORE = "restore a backup of it (ragkit restore FILE; PostgreSQL: pg_restore), or add the documents again"
_DAMAGED = (
    "not a database",
    "malformed",
    "database corruption",
    "invalid page",
    "could not read block",
    "no such table",
    "no such column",
    "could not decode",
    "duplicate column",
    "already exists",
    "datatype mismatch",
    "unsupported file format",
)

# What the drivers say (lower case) -> what we say. {db} is the database, {why} the driver's own first line.
_KNOWN: tuple[tuple[tuple[str, ...], str], ...] = (
    (("readonly", "read-only"), "{db} cannot be written: {why}; make it writable or set RAGKIT_HOME elsewhere"),
    (
        ("unable to open database",),
        "{db} cannot be opened; check that its folder exists and may be written, or set RAGKIT_HOME elsewhere",
    ),
    (("disk i/o error", "input/output error"), "{db}: the disk failed ({why}); check the disk and run it again"),
    (
        ("permission denied", "password authentication", "does not exist", "must be owner"),
        "{db} refused: {why}; correct RAGKIT_DATABASE or ask for the right to use it",
    ),
    (
        (
            "connection refused",
            "connection failed",
            "connection is bad",
            "could not translate",
            "failed to resolve",
            "server closed the connection",
            "terminating connection",
            "no such file or directory",
            "connection timeout",
            "connection to server",
            "consuming input failed",
            "the connection is closed",
        ),
        "the server of {db} cannot be reached ({why}); start it, or correct RAGKIT_DATABASE",
    ),
)


def shown(url: URL) -> str:
    """The database as a user knows it: the file, or the URL without its password."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def explain(url: URL, error: BaseException) -> RagkitError:
    """The error to raise instead of a driver's."""
    why = (str(error).strip().splitlines() or [type(error).__name__])[0]
    said, db = str(error).lower(), shown(url)
    if "is locked" in said or "lock timeout" in said:
        return IndexLockedError(f"another process is writing to {db} and did not finish in time; wait or stop it")
    if any(sign in said for sign in ("disk is full", "no space left", "disk full")):
        return StoreFullError(
            f"the disk that holds {db} is full; free some space and run it again (nothing was half written)"
        )
    if any(sign in said for sign in _DAMAGED):
        return StoreDamagedError(f"{db} is damaged ({why}); {RESTORE}")
    for signs, message in _KNOWN:
        if any(sign in said for sign in signs):
            return StoreError(message.format(db=db, why=why))
    return StoreError(f"{db} refused: {why}; run `ragkit doctor` to check it")


def translate_faults(engine: Engine) -> None:
    """Make every driver error of `engine` arrive as StoreError; broken constraints stay what they are."""
    url = engine.url

    def handle(context: ExceptionContext) -> BaseException | None:
        if not isinstance(context.original_exception, Exception):
            return None  # Ctrl-C while a statement ran
        if isinstance(context.sqlalchemy_exception, IntegrityError) or context.is_pre_ping:
            return None  # the pool's own question whether a connection still lives is answered by its error
        return explain(url, context.original_exception)

    event.listen(engine, "handle_error", handle, retval=True)


def damaged(what: str) -> StoreDamagedError:
    """The error for a row that fails its checksum."""
    return StoreDamagedError(f"{what} in the database is not what was written; {RESTORE}")


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """For what is raised by no driver: an exhausted pool, a broken constraint, a driver that is not installed, and
    values that no version of ragkit writes: text where a number belongs, half a JSON, a packed record cut short."""
    try:
        yield
    except RagkitError:
        raise
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, zlib.error) as exc:
        raise StoreDamagedError(f"{shown(url)} holds what was never written ({exc}); {RESTORE}") from exc
    except PoolTimeoutError as exc:
        raise StoreError(
            f"all connections to {shown(url)} stayed in use for 30 s; ask with fewer threads at once"
        ) from exc
    except SQLAlchemyError as exc:
        raise explain(url, getattr(exc, "orig", None) or exc) from exc
