"""What stands around a hit: its neighbours or its whole section, as one exact slice of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ..errors import UsageError
from ..store import Store
from ..types import Chunk, Hit

__all__ = ["expand_hits"]


def expand_hits(store: Store, index_id: str, hits: Sequence[Hit], expand: int | Literal["section"]) -> list[Hit]:
    """Fill each hit's `context` with `expand` neighbours on both sides, or with its section.

    The context is `document.text[start:end]` from the first to the last chunk taken, so its words are the document's.
    """
    if expand != "section" and (not isinstance(expand, int) or expand < 0):
        raise UsageError(f'expand={expand!r} is neither a count of neighbours (0 or more) nor "section"')
    texts: dict[str, str] = {}
    chunks: dict[str, list[Chunk]] = {}
    filled = []
    for hit in hits:
        name = hit.document_id
        if name not in texts:
            texts[name] = store.document(index_id, name).text
            chunks[name] = store.document_chunks(index_id, name)
        around = [c for c in chunks[name] if _near(c, hit.chunk, expand)] or [hit.chunk]
        start, end = min(c.start for c in around), max(c.end for c in around)
        filled.append(replace(hit, context=texts[name][start:end]))
    return filled


def _near(chunk: Chunk, hit: Chunk, expand: int | Literal["section"]) -> bool:
    if expand == "section":
        return chunk.section == hit.section
    return abs(chunk.ordinal - hit.ordinal) <= expand
