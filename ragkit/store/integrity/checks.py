"""What may be stored: names of indexes, text, metadata and vectors, each refused with one clear line."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...changes import FloatArray
from ...errors import IndexMismatchError, UsageError
from ...types import Document
from ..packing import TYPES, Precision

if TYPE_CHECKING:
    from ...text.chunking import Passage

__all__ = ["check_document", "check_index_name", "check_passages", "check_vectors"]

MAX_NAME_CHARACTERS = 64
UNIT_TOLERANCE = 0.01
MAX_INTEGER = 2**63 - 1  # what both databases hold
_NAME_MARKS = " ._-"
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def check_index_name(name: str) -> str:
    """Return the name in Unicode's composed form (NFC); raise UsageError for one that cannot name an index.

    Letters and digits of any script; space, dot, underscore and hyphen inside.

    >>> check_index_name("Отпуск 2026")
    'Отпуск 2026'
    """
    if not isinstance(name, str):
        raise UsageError(f"an index name is text, not {type(name).__name__}; give 1-{MAX_NAME_CHARACTERS} characters")
    name = unicodedata.normalize("NFC", name)
    shown = repr(name if len(name) <= MAX_NAME_CHARACTERS else name[:20] + "…")
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise UsageError(
            f"index name {shown} has {len(name)} characters, the limit is 1 to {MAX_NAME_CHARACTERS}; choose another"
        )
    strange = next((c for c in name if not _in_name(c)), None)
    if strange is not None:
        raise UsageError(
            f"index name {shown} holds {strange!r} (U+{ord(strange):04X}); "
            "use letters, digits, spaces, dots, hyphens and underscores"
        )
    if not (name[0] == "_" or unicodedata.category(name[0])[0] in "LN") or name[-1] in " .":
        raise UsageError(f"index name {shown} must begin with a letter or digit and not end in a space or dot")
    return name


def _in_name(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character in _NAME_MARKS


def check_text(what: str, text: str) -> None:
    """Raise UsageError for text that no database can hold: NUL, or half a surrogate pair."""
    if not isinstance(text, str):
        raise UsageError(f"{what} is {type(text).__name__}, not text; convert it first")
    if text.isascii() and "\0" not in text:
        return
    bad = _UNSTORABLE.search(text)
    if bad is None:
        return
    code = ord(bad.group())
    name, remedy = ("NUL", "remove it") if code == 0 else ("half a surrogate pair", 'decode it with errors="replace"')
    raise UsageError(f"{what} holds {name} (U+{code:04X}) at character {bad.start()}, which cannot be stored; {remedy}")


def check_document(document: Document) -> None:
    """Raise UsageError unless every text and every metadata value of the document can be stored as it is."""
    check_text("a document id", document.id)
    if not document.id:
        raise UsageError("a document has an empty id; give it one of its own")
    if len(document.id) > 2000:
        raise UsageError(f"document id {document.id[:40]!r}… has {len(document.id)} characters; the limit is 2000")
    for part in ("text", "title", "source", "language", "media_type"):
        check_text(f"the {part} of document {document.id!r}", getattr(document, part))
    for key, value in document.metadata.items():
        where = f"metadata {key!r} of document {document.id!r}"
        check_text(f"a metadata key of document {document.id!r}", key)
        for one in value if isinstance(value, (list, tuple)) else (value,):
            check_value(where, one)


def check_value(where: str, value: object) -> None:
    """Raise UsageError unless `value` is text, a whole number of 64 bits, a finite number or a boolean."""
    if isinstance(value, str):
        check_text(where, value)
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise UsageError(f"{where} is {value}, beyond 64 bits; store it as text")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise UsageError(f"{where} is {value}; give a finite number or leave it out")
    else:
        raise UsageError(f"{where} is {type(value).__name__}; only text, numbers and booleans can be stored")


def check_passages(document: Document, passages: Sequence[Passage]) -> None:
    """Raise UsageError unless each passage is exactly its span of the document."""
    for number, passage in enumerate(passages):
        if document.text[passage.start : passage.end] != passage.text or not 0 <= passage.start < passage.end:
            raise UsageError(
                f"passage {number} of document {document.id!r} is not its text[{passage.start}:{passage.end}]; "
                "chunk the text that is stored"
            )
        for heading in passage.section:
            check_text(f"a heading of document {document.id!r}", heading)
        check_text(f"a table's header of document {document.id!r}", passage.header)


def check_vectors(vectors: FloatArray, *, rows: int, dim: int, encoder: str, precision: Precision = "float32") -> None:
    """Raise IndexMismatchError for another shape than (rows, dim), UsageError for rows that are not of unit length.

    They are looked at as they will be stored: 1e30 is finite in float32 and infinite in float16. A row of another
    length than one (within a hundredth) would make every score something else than a cosine.
    """
    if vectors.shape != (rows, dim):
        raise IndexMismatchError(
            f"{rows} chunks got vectors of shape {vectors.shape}, encoder {encoder!r} gives ({rows}, {dim}); "
            "embed them with the encoder of the index"
        )
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        stored = vectors.astype(TYPES[precision]).astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", stored, stored))
    if not bool(np.isfinite(stored).all()):
        raise UsageError(f"vectors by encoder {encoder!r} hold NaN or infinity as {precision}; embed the chunks again")
    strange = np.abs(lengths - 1) > UNIT_TOLERANCE
    if strange.any():
        raise UsageError(
            f"a vector by encoder {encoder!r} has length {lengths[strange][0]:.3g} as {precision}, not 1; "
            "divide each row by its length"
        )
