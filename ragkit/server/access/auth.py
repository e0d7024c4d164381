"""Who asks: users with passwords, an API key, and the session of a browser that logged in.

A users file holds one ``name:scrypt$…`` a line and is read again when it changes. Programs send ``Authorization: Bearer
KEY`` with the API key or ``name:password``, or HTTP Basic; browsers log in at ``/login``. An unknown name takes as long
as a wrong password, and too many failures have to wait (`guessing`).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ...errors import ConfigError, UsageError
from .guessing import Guesses, Try
from .passwords import hash_password, matches
from .sessions import SESSION_S, Sessions

__all__ = ["COOKIE", "KEY_HOLDER", "SESSION_S", "Auth", "add_user", "current_user"]

COOKIE = "ragkit_session"
KEY_HOLDER = "(api key)"  # no user can be called so
CHECKS_AT_ONCE = 2  # each takes a core and 16 MiB; the server's other threads stay free for its work
MOST_CHECKED = 1000
_NAME = re.compile(r"[^\W_][\w.@ +-]{0,63}")


def add_user(path: Path, name: str, password: str) -> None:
    """Write a user's line, in place of an earlier one; the file is readable by its owner alone."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise UsageError(f"user name {name[:40]!r}: use 1-64 letters, digits, dots, hyphens, + or @")
    lines = [f"{n}:{h}" for n, h in _read(path).items() if n != name] if path.exists() else []
    text = "\n".join([*lines, f"{name}:{hash_password(password)}", ""])
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(path)


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"the users file {path} cannot be read: {exc}; make it: ragkit serve --add-user NAME"
        ) from exc
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, stored = line.strip().partition(":")
        if not colon or not _NAME.fullmatch(name) or not stored.startswith("scrypt$"):
            raise ConfigError(f"{path}, line {number} is not `name:scrypt$…`; write it with: ragkit serve --add-user")
        found[name] = stored
    return found


class Auth:
    """Checks who sends a request. users: the users file. api_key: one key for programs. sessions: of browsers.

    With a key and no users file everybody who knows the key is the one user "". Raises ConfigError for a bad file.
    """

    def __init__(
        self,
        *,
        users: Path | None = None,
        api_key: str | None = None,
        sessions: Sessions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if users is None and not api_key:
            raise ConfigError("authentication needs a users file or an API key; give --auth FILE or --api-key KEY")
        self._path, self._key = users, api_key or ""
        self._sessions, self._guesses = sessions or Sessions(clock=clock), Guesses(clock)
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._users: Mapping[str, str] = {}
        self._known: dict[bytes, str] = {}  # what was checked before, keyed so that no password is kept
        self._checking: dict[bytes, Future[str | None]] = {}
        self._threads = ThreadPoolExecutor(CHECKS_AT_ONCE, "ragkit-login")
        self._decoy = hash_password(secrets.token_hex(16))
        self.users()

    @property
    def named(self) -> bool:
        """Whether people have names, and homes of their own."""
        return self._path is not None

    def users(self) -> Mapping[str, str]:
        """Names and stored passwords as the file has them now."""
        if self._path is None:
            return {}
        with self._lock:
            try:
                status = self._path.stat()
            except OSError as exc:
                raise ConfigError(f"the users file {self._path} cannot be read: {exc.strerror}") from exc
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._users, self._stamp, self._known = _read(self._path), stamp, {}
            return self._users

    def check(self, name: str, password: str) -> str | None:
        """The user behind a name and a password, or None. Blocks for the time of one scrypt."""
        stored = self.users().get(name)
        right = matches(password, stored if stored is not None else self._decoy)
        if self._key and not self.named:
            return "" if self._is_key(password) else None
        return name if right and stored is not None else None

    def _is_key(self, text: str) -> bool:
        given, held = (
            hmac.new(self._secret, t.encode("utf-8", "replace"), "sha256").digest() for t in (text, self._key)
        )
        return bool(self._key) and hmac.compare_digest(given, held)

    def _of_secret(self, name: str, password: str, address: str) -> Future[str | None]:
        """The check of a name and a password; the same one sent twice at once is one check. Raises BusyError."""
        mark = hmac.new(self._secret, f"{name}\0{password}".encode("utf-8", "replace"), "sha256").digest()
        self.users()  # a changed file forgets what was checked
        with self._lock:
            if mark in self._known:
                done: Future[str | None] = Future()
                done.set_result(self._known[mark])
                return done
            if mark not in self._checking:
                tried = self._guesses.begin(name, address)
                self._checking[mark] = self._threads.submit(self._try, mark, name, password, tried)
            return self._checking[mark]

    def _try(self, mark: bytes, name: str, password: str, tried: Try) -> str | None:
        user = None
        try:
            user = self.check(name, password)
        finally:
            with self._lock:  # known before it is no longer being checked: between the two it would be checked again
                if user is not None:
                    if len(self._known) >= MOST_CHECKED:
                        self._known.clear()
                    self._known[mark] = user
                self._checking.pop(mark, None)
        if user is not None:
            self._guesses.right(tried)
        return user

    def log_in(self, name: str, password: str, address: str = "") -> str | None:
        """Like `check`, but counted: too many failures raise BusyError."""
        return self._of_secret(name, password, address).result()

    async def _awaited(self, name: str, password: str, address: str) -> str | None:
        """A check that others may wait for too: one that goes away does not end it."""
        return await asyncio.shield(asyncio.wrap_future(self._of_secret(name, password, address)))

    async def user_of(self, headers: Mapping[str, str], cookies: Mapping[str, str], address: str = "") -> str | None:
        """The user behind a request, None for nobody. Raises BusyError after too many failures."""
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if self._is_key(value.strip()):
                return KEY_HOLDER if self.named else ""
            name, colon, password = value.strip().partition(":")
            if colon and self.named:
                return await self._awaited(name, password, address)
            self._guesses.begin("", address)  # a wrong key; the place is not given back
            return None
        if kind.lower() == "basic":
            try:
                name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
            return await self._awaited(name, password, address)
        token = cookies.get(COOKIE, "")
        return await asyncio.to_thread(self.user_of_session, token) if token else None

    def begin_session(self, user: str) -> str:
        """The value of a session cookie, good for two weeks, until a logout or until the password changes."""
        return self._sessions.begin(user, self._mark_of(user))

    def user_of_session(self, token: str) -> str | None:
        """The user who began a session; None for one that ended, or that never was."""
        found = self._sessions.user_of(token)
        if found is None:
            return None
        user, mark = found
        known = user in self.users() if self.named else user == ""
        return user if known and hmac.compare_digest(mark, self._mark_of(user)) else None

    def end_session(self, token: str) -> None:
        """Log out: the session is good for nothing from now on."""
        self._sessions.end(token)

    def _mark_of(self, user: str) -> str:
        behind = self.users().get(user, "") if self.named else self._key
        return hashlib.sha256(b"session\0" + behind.encode()).hexdigest()

    def close(self) -> None:
        """End the threads and let the sessions' file go."""
        self._threads.shutdown(cancel_futures=True)
        self._sessions.close()


def current_user(request: Any) -> str | None:
    """The user of a FastAPI or Gradio request, as the guard found it: None for nobody, "" while nobody logs in."""
    found: str | None = request.scope.get("state", {}).get("ragkit_user")
    return found
