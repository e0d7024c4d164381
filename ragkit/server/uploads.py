"""Uploads: files that a person sent, named as they call them and read by the same limited parsers as any other.

The given name is the document's id and nothing more. What is opened is a temporary file with a name of our own, so a
name full of slashes, dots or control characters reaches no file system.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..loaders import Source

__all__ = ["Upload", "plain_name", "sources_of"]

MAX_NAME_CHARACTERS = 400
_STRANGE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: `name` as its owner calls it, with folders when a folder was sent; `path` where its bytes lie now."""

    name: str
    path: Path


def plain_name(name: str) -> str:
    """The name as a document's id: relative, composed (NFC), without control and direction characters.

    Raises UsageError when nothing is left of it.

    >>> plain_name("..\\\\reports/./2026.pdf")
    'reports/2026.pdf'
    """
    flat = _STRANGE.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/")
    parts = [part.strip() for part in flat.split("/")]
    kept = "/".join(p for p in parts if p not in ("", ".", ".."))
    if not kept:
        raise UsageError(f"file name {name[:40]!r} holds nothing that can name a document; rename it")
    if len(kept) > MAX_NAME_CHARACTERS:
        raise UsageError(
            f"file name {kept[:40]!r}… has {len(kept)} characters, the limit is {MAX_NAME_CHARACTERS}; rename it"
        )
    return kept


def sources_of(uploads: list[Upload], *, max_bytes: int) -> list[Source]:
    """The sources to read, in order; one that is too large carries the reason, so that the others go in."""
    found = []
    for upload in uploads:
        name, size = plain_name(upload.name), upload.path.stat().st_size
        too_large = "" if size <= max_bytes else f"{size} bytes exceed the limit of {max_bytes}; split it"
        found.append(Source(name, "file", name, str(upload.path), size, None, too_large))
    return found
