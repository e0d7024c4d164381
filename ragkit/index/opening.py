"""What indexes of one process share: opened stores, loaded encoders and rerankers."""

from __future__ import annotations

import shlex
from functools import lru_cache
from pathlib import Path

from ..config import Settings, settings
from ..embedding import Encoder
from ..errors import NotFoundError, StoreError
from ..rerank import CrossEncoderReranker
from ..store import IndexRecord, Store
from .rights import keep_private

__all__ = [
    "EVALUATION_PREFIX",
    "absent",
    "encoder_named",
    "is_made",
    "list_indexes",
    "open_store",
    "place",
    "reranker_named",
]

EVALUATION_PREFIX = "eval-"  # of names: an evaluation made the index of a question set's own documents


@lru_cache(maxsize=4)
def encoder_named(name: str) -> Encoder:
    """The encoder of a name, loaded once."""
    return Encoder(name)


@lru_cache(maxsize=2)
def reranker_named(name: str) -> CrossEncoderReranker:
    """The cross-encoder of a name, loaded once."""
    return CrossEncoderReranker(name)


@lru_cache(maxsize=256)  # a server has one for each of its users
def _store(url: str) -> Store:
    return Store(url)


def open_store(config: Settings) -> Store:
    """The store of a home, shared within the process; made if there is none. Raises StoreError when it cannot be."""
    if not config.database:
        try:
            config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(
                f"the home {config.home} cannot be made: {exc.strerror}; set RAGKIT_HOME to a folder you may write to"
            ) from exc
        keep_private(config.home)
    return _store(config.database_url)


def is_made(config: Settings) -> bool:
    """Whether there is a store to read; who only reads leaves no new one behind."""
    if config.database:
        return True
    try:
        Path(config.database_url.removeprefix("sqlite:///")).stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True  # opening it says what is wrong
    return True


def list_indexes(*, home: str | Path | None = None) -> list[IndexRecord]:
    """The indexes of a home, by name."""
    config = settings(home=home)
    return sorted(open_store(config).indexes(), key=lambda r: r.name) if is_made(config) else []


def place(config: Settings) -> str:
    """Where the indexes are, for people: the home; a database's URL may hold a password."""
    return "the configured database" if config.database else str(config.home.absolute())


def absent(config: Settings, name: str) -> NotFoundError:
    """The error for an index that is not there: where it was looked for, what is there, how to make it."""
    known = [record.name for record in list_indexes(home=config.home)]
    there = f"there are: {', '.join(known)}" if known else "there are none yet"
    choose = f"name one with --index {shlex.quote(known[0])}, or " if known else ""
    return NotFoundError(
        f"no index named {name!r} in {place(config)} ({there}); {choose}make it with "
        f"`ragkit add FOLDER --index {shlex.quote(name)}`"
    )
