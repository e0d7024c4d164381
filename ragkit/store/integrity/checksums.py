"""A checksum for each row, made when it is written and compared when it is read, so that damage is told from truth.

SQLite's own check finds a broken tree, not a changed byte in a text or a vector. CRC-32 finds every change of up to
three bits and all but one in four thousand million others, and costs less than reading the row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zlib import crc32

__all__ = ["PLACE", "of_chunk", "of_document", "of_index", "of_vector"]

_INDEX = ("id", "name", "encoder", "fingerprint", "dim", "chunker", "settings")
_DOCUMENT = (
    "index_id",
    "document_id",
    "content_hash",
    "title",
    "source",
    "language",
    "media_type",
    "chunks",
    "characters",
    "pages",
    "metadata",
)

PLACE = ("index_id", "document_key", "sequence", "ordinal", "start", "end", "page", "section", "header", "breaks")


def of_index(row: Mapping[str, Any]) -> int:
    """Of everything an index keeps but its place in the log."""
    return crc32(_canonical([row[name] for name in _INDEX]))


def of_document(row: Mapping[str, Any], text: str) -> int:
    """Of a document's columns, the moment it was added aside, and its whole text."""
    return crc32(text.encode(), crc32(_canonical([row[name] for name in _DOCUMENT])))


def of_chunk(text: str, place: Sequence[Any]) -> int:
    """Of a passage and of where it belongs: `place` holds the columns of PLACE in their order."""
    index_id, key, sequence, ordinal, start, end, page, section, header, breaks = place
    told = "\0".join([*section, header, text])
    return crc32(f"{index_id} {key} {sequence} {ordinal} {start} {end} {page} {list(breaks)}\0{told}".encode())


def of_vector(chunk_id: int, fingerprint: str, vector: bytes) -> int:
    """Of a stored vector, its chunk and its encoder: a sound vector under another chunk's number is damage too."""
    return crc32(vector, crc32(f"{chunk_id} {fingerprint}".encode()))


def _canonical(value: Any) -> bytes:
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    """The value with every number as text that is the same however a database writes numbers: PostgreSQL gives
    1e300 back as a whole number and -0.0 as 0."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        exact = Decimal(repr(value))
        return f"number {int(exact) if exact == exact.to_integral_value() else value!r}"
    return f"number {value}" if isinstance(value, int) and not isinstance(value, bool) else value
