"""What the store gives back: frozen records, no rows of the database library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..types import Chunk, Metadata

__all__ = ["Deleted", "DocumentRow", "IndexRecord", "Put", "StoredChunk"]


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """One index as stored. `id` is its UUID, the only name used on disk; `sequence` counts its changes."""

    id: str
    name: str
    sequence: int
    encoder: str
    fingerprint: str
    dim: int
    chunker: str
    created_at: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as listed, without its text. `chunks` and `characters` are counts."""

    id: str
    title: str
    source: str
    language: str
    media_type: str
    chunks: int
    characters: int
    metadata: Metadata
    added_at: datetime


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with the metadata of its document."""

    chunk: Chunk
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Put:
    """What storing a document did: its number in the log, the new chunk ids, the chunk ids it replaced."""

    sequence: int
    chunk_ids: tuple[int, ...]
    removed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion did: the index's number after it, how many documents went, and which chunk ids."""

    sequence: int
    documents: int
    removed: tuple[int, ...] = ()
