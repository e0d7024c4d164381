"""What the store takes and gives back: frozen records, no rows of the database library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..changes import FloatArray
from ..types import Chunk, Document, Metadata

if TYPE_CHECKING:
    from ..text.chunking import Passage

__all__ = ["Deleted", "DocumentRow", "IndexRecord", "NewDocument", "Put", "StoredChunk"]


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """One index as stored. `id` is its UUID, the only name used on disk; `sequence` counts its changes, `lineage` marks
    the newest one (see `content`)."""

    id: str
    name: str
    sequence: int
    encoder: str
    fingerprint: str
    dim: int
    chunker: str
    created_at: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    lineage: str = ""

    @property
    def recommended_budget(self) -> int | None:
        """Thinking tokens of an answer that a sweep recommended for this index; None where none did."""
        kept = self.settings.get("budget")
        return kept if isinstance(kept, int) else None


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


@dataclass(frozen=True, slots=True, eq=False)
class NewDocument:
    """A document to be stored, its passages, and their vectors, shape (len(passages), dim)."""

    document: Document
    passages: Sequence[Passage]
    vectors: FloatArray
    content_hash: str


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
