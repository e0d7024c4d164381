"""Who is logged in with a browser: kept by the server, so that a session ends when it is ended.

A cookie holds a random token and nothing else; here is its SHA-256 with the user, the end, and a mark of the password
it began with. A session ends by logging out, by its time, by another password, and with its user. The file is SQLite,
its owner's alone, and outlives a restart; without a path sessions last as long as the process.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ...errors import StoreError

__all__ = ["SESSION_S", "Sessions"]

SESSION_S = 14 * 24 * 3600
MOST_OF_A_USER = 50  # the oldest go first
_TABLE = (
    "CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, user TEXT NOT NULL, mark TEXT NOT NULL, "
    "until REAL NOT NULL) WITHOUT ROWID"
)


class Sessions:
    """Sessions by token. Safe to share between threads, and its file between processes. Raises StoreError."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._lock = clock, threading.Lock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
            self._rows = sqlite3.connect(path or ":memory:", timeout=10, check_same_thread=False, isolation_level=None)
            self._rows.execute(_TABLE)
        except (sqlite3.Error, OSError) as exc:
            raise StoreError(f"logins cannot be kept in {path}: {exc}; make the home writable") from exc

    def begin(self, user: str, mark: str) -> str:
        """A new session's token, which only its browser will know. mark: of the password, as `user_of` is asked."""
        token, now = secrets.token_urlsafe(32), self._clock()
        self._do("DELETE FROM sessions WHERE until <= ?", now)
        self._do("INSERT INTO sessions VALUES (?, ?, ?, ?)", _hash(token), user, mark, now + SESSION_S)
        self._do(
            "DELETE FROM sessions WHERE user = ? AND token NOT IN "
            "(SELECT token FROM sessions WHERE user = ? ORDER BY until DESC LIMIT ?)",
            user,
            user,
            MOST_OF_A_USER,
        )
        return token

    def user_of(self, token: str) -> tuple[str, str] | None:
        """The user and the mark of a session that goes on, else None."""
        if not token or len(token) > 200:
            return None
        rows = self._do("SELECT user, mark FROM sessions WHERE token = ? AND until > ?", _hash(token), self._clock())
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def end(self, token: str) -> None:
        """End a session; one that is not there has ended."""
        self._do("DELETE FROM sessions WHERE token = ?", _hash(token))

    def _do(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            try:
                return self._rows.execute(statement, values).fetchall()
            except sqlite3.Error as exc:
                raise StoreError(f"logins cannot be read or kept: {exc}; look at the home's disk") from exc

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._rows.close()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
