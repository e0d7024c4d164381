"""Hits as LangChain documents and back."""

from __future__ import annotations

import hashlib
from typing import Any

from langchain_core.documents import Document

from ..types import Chunk, Hit

__all__ = ["to_document", "to_hit", "with_place"]


def to_document(hit: Hit) -> Document:
    """The passage as it was given: its document's id and metadata, and nothing else."""
    chunk = hit.chunk
    stated = {name: value for name, value in (("title", chunk.title), ("source", chunk.source)) if value}
    return Document(page_content=chunk.text, metadata={**hit.metadata, **stated}, id=chunk.document_id)


def with_place(hit: Hit) -> Document:
    """The passage with all that cites it: document, offsets, page, section and scores are in the metadata."""
    chunk = hit.chunk
    place: dict[str, Any] = {
        "document_id": chunk.document_id,
        "chunk_id": chunk.id,
        "title": chunk.title,
        "source": chunk.source,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "section": list(chunk.section),
        "header": chunk.header,
        "score": hit.score,
        **{f"score_{name}": value for name, value in hit.scores.items()},
    }
    return Document(page_content=hit.context or chunk.text, metadata={**hit.metadata, **place}, id=str(chunk.id))


def to_hit(document: Document, rank: int) -> Hit:
    """A document of somebody else's retriever: to ragkit it is a whole document, cited by offsets in its own text."""
    metadata = document.metadata
    text = document.page_content
    digest = hashlib.sha256(f"{document.id}\0{metadata.get('source')}\0{text}".encode("utf-8", "replace")).digest()
    known = str(document.id or metadata.get("document_id") or metadata.get("source") or "")
    name = f"{known}#{digest.hex()[:8]}" if known else digest.hex()[:16]
    score = metadata.get("score")
    chunk = Chunk(
        id=int.from_bytes(digest[:8], "big") >> 1,
        document_id=name,
        ordinal=0,
        start=0,
        end=len(text),
        text=text,
        title=str(metadata.get("title") or ""),
        source=str(metadata.get("source") or ""),
    )
    plain = {str(k): v for k, v in metadata.items() if isinstance(v, (str, int, float, bool))}
    return Hit(chunk, float(score) if isinstance(score, (int, float)) else 1.0 / (rank + 1), metadata=plain)
