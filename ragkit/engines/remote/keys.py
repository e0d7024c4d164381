"""Which key goes to which model server: each key is for one host, and goes to no other.

``RAGKIT_MODEL_KEYS`` holds ``HOST=KEY`` or ``HOST:PORT=KEY`` words, parted by spaces; without a port the scheme's own
is meant. ``OPENAI_API_KEY`` is for https://api.openai.com alone. ``RAGKIT_API_KEY`` is the key of ragkit's own server:
it lets people in there, and is sent to nobody.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from ...errors import ConfigError

__all__ = ["VARIABLE", "hint", "key_for"]

VARIABLE = "RAGKIT_MODEL_KEYS"
OPENAI = "api.openai.com"
_PORTS = {"http": 80, "https": 443}


def key_for(url: str) -> str | None:
    """The key for a server's address, None where none was given for its very host and port. Raises ConfigError."""
    address = urlsplit(url)
    host, port = (address.hostname or "").lower(), address.port or _PORTS.get(address.scheme)
    for number, word in enumerate(os.environ.get(VARIABLE, "").split(), 1):
        place, sign, key = word.partition("=")
        if not sign or not place or not key or "/" in place:
            raise ConfigError(f"word {number} of {VARIABLE} is not HOST=KEY or HOST:PORT=KEY; correct it")
        try:
            named = urlsplit(f"//{place}")
            fits = (named.hostname or "").lower() == host and (named.port or _PORTS.get(address.scheme)) == port
        except ValueError as exc:
            raise ConfigError(f"word {number} of {VARIABLE} names no host: {exc}; write HOST:PORT=KEY") from exc
        if fits:
            return key
    if host == OPENAI and address.scheme == "https":
        return os.environ.get("OPENAI_API_KEY")
    return None


def hint(url: str) -> str:
    """What to set for a server that wants a key."""
    place = urlsplit(url).netloc.rpartition("@")[2]
    own = (
        "; RAGKIT_API_KEY is the key of ragkit's own server and goes nowhere" if "RAGKIT_API_KEY" in os.environ else ""
    )
    return f"set {VARIABLE}='{place}=KEY'{own}"
