"""Who asks: users with passwords, an API key, and the signed cookie of a browser that logged in.

A users file holds one ``name:scrypt$…`` a line and is read again when it changes. Programs send ``Authorization: Bearer
KEY`` with the API key or ``name:password``, or HTTP Basic; browsers log in at ``/login``. An unknown name takes as long
as a wrong password, and too many failures from one address have to wait.
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
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import BusyError, ConfigError, UsageError
from .passwords import hash_password, matches

__all__ = ["KEY_HOLDER", "Auth", "add_user", "current_user"]

COOKIE = "ragkit_session"
SESSION_S = 14 * 24 * 3600
KEY_HOLDER = "(api key)"  # no user can be called so
FAILURES, FAILURES_S = 10, 60.0
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
    """Checks who sends a request. users: the users file. api_key: one key for programs. secret: signs cookies.

    With a key and no users file everybody who knows the key is the one user "". Raises ConfigError for a bad file.
    """

    def __init__(
        self,
        *,
        users: Path | None = None,
        api_key: str | None = None,
        secret: bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if users is None and not api_key:
            raise ConfigError("authentication needs a users file or an API key; give --auth FILE or --api-key KEY")
        self._path, self._key, self._clock = users, api_key or "", clock
        self._secret = secret or secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._users: Mapping[str, str] = {}
        self._known: dict[bytes, str] = {}  # what was checked before, keyed so that no password is kept
        self._failures: dict[str, deque[float]] = {}
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

    def _of_secret(self, name: str, password: str, address: str) -> str | None:
        self._refuse_guessing(address)
        mark = hmac.new(self._secret, f"{name}\0{password}".encode("utf-8", "replace"), "sha256").digest()
        self.users()  # a changed file forgets what was checked
        if mark in self._known:
            return self._known[mark]
        user = self.check(name, password)
        if user is None:
            self._note_failure(address)
        else:
            self._known[mark] = user
        return user

    def log_in(self, name: str, password: str, address: str = "") -> str | None:
        """Like `check`, but remembers failures: too many raise BusyError."""
        return self._of_secret(name, password, address)

    async def user_of(self, headers: Mapping[str, str], cookies: Mapping[str, str], address: str = "") -> str | None:
        """The user behind a request, None for nobody. Raises BusyError after too many failures."""
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if self._is_key(value.strip()):
                return KEY_HOLDER if self.named else ""
            name, colon, password = value.strip().partition(":")
            if colon and self.named:
                return await asyncio.to_thread(self._of_secret, name, password, address)
            self._refuse_guessing(address)
            self._note_failure(address)
            return None
        if kind.lower() == "basic":
            try:
                name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
            return await asyncio.to_thread(self._of_secret, name, password, address)
        return self.user_of_cookie(cookies.get(COOKIE, ""))

    def cookie_for(self, user: str) -> str:
        """The value of a session cookie, good for two weeks or until the password changes."""
        until = str(int(self._clock()) + SESSION_S)
        name = base64.urlsafe_b64encode(user.encode()).decode()
        return f"{name}.{until}.{self._signature(user, until)}"

    def user_of_cookie(self, value: str) -> str | None:
        """The user a cookie was signed for; None for a forged, old or outdated one."""
        parts = value.split(".")
        if len(parts) != 3:
            return None
        try:
            user = base64.urlsafe_b64decode(parts[0]).decode()
            until = int(parts[1])
        except (ValueError, binascii.Error):
            return None
        genuine = hmac.compare_digest(self._signature(user, parts[1]).encode(), parts[2].encode("utf-8", "replace"))
        known = user in self.users() if self.named else user == ""
        return user if genuine and known and until > self._clock() else None

    def _signature(self, user: str, until: str) -> str:
        behind = self.users().get(user, "") if self.named else self._key
        shown = hashlib.sha256(behind.encode()).hexdigest()
        return hmac.new(self._secret, f"session\0{user}\0{until}\0{shown}".encode(), "sha256").hexdigest()

    def _refuse_guessing(self, address: str) -> None:
        with self._lock:
            times = self._failures.get(address)
            while times and times[0] <= self._clock() - FAILURES_S:
                times.popleft()
            if times and len(times) >= FAILURES:
                wait = max(1, int(times[0] + FAILURES_S - self._clock()) + 1)
                raise BusyError(f"{len(times)} failed logins from your address", seconds=wait)

    def _note_failure(self, address: str) -> None:
        with self._lock:
            if len(self._failures) > 10_000:
                self._failures.clear()
            self._failures.setdefault(address, deque(maxlen=FAILURES)).append(self._clock())


def current_user(request: Any) -> str | None:
    """The user of a FastAPI or Gradio request, as the guard found it: None for nobody, "" while nobody logs in."""
    found: str | None = request.scope.get("state", {}).get("ragkit_user")
    return found
