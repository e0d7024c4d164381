"""Passwords at rest: scrypt with its parameters in the stored text, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from ...errors import UsageError

__all__ = ["hash_password", "matches"]

COST, BLOCK, PARALLEL = 2**14, 8, 5  # OWASP's second choice: 16 MiB and some 0.2 s for one check
MEMORY_BYTES = 2**27
LEAST_CHARACTERS = 8


def hash_password(password: str, *, cost: int = COST, parallel: int = PARALLEL) -> str:
    """The text to keep: ``scrypt$cost$block$parallel$salt$key``. Raises UsageError for a short password."""
    if len(password) < LEAST_CHARACTERS:
        raise UsageError(f"the password has {len(password)} characters; use {LEAST_CHARACTERS} or more")
    salt = secrets.token_bytes(16)
    key = _key(password, salt, cost, BLOCK, parallel)
    return f"scrypt${cost}${BLOCK}${parallel}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def matches(password: str, stored: str) -> bool:
    """Whether a password is the one behind a stored text; takes as long for a wrong one. Raises UsageError."""
    try:
        kind, cost, block, parallel, salt, key = stored.split("$")
        if kind != "scrypt":
            raise ValueError(kind)
        found = _key(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(found, base64.b64decode(key))
    except ValueError as exc:
        raise UsageError("a stored password is unreadable; write it anew with: ragkit serve --add-user NAME") from exc


def _key(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    plain = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(plain, salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY_BYTES, dklen=32)
