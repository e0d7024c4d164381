"""What indexes of one process share: opened stores, loaded encoders and rerankers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..config import Settings, settings
from ..embedding import Encoder
from ..errors import StoreError
from ..rerank import CrossEncoderReranker
from ..store import IndexRecord, Store

__all__ = ["encoder_named", "list_indexes", "open_store", "reranker_named"]


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
    """The store of a home, shared within the process. Raises StoreError when it cannot be opened."""
    if not config.database:
        try:
            config.home.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(
                f"the home {config.home} cannot be made: {exc.strerror}; set RAGKIT_HOME to a folder you may write to"
            ) from exc
    return _store(config.database_url)


def list_indexes(*, home: str | Path | None = None) -> list[IndexRecord]:
    """The indexes of a home, by name."""
    return sorted(open_store(settings(home=home)).indexes(), key=lambda r: r.name)
