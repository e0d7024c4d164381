"""What a parser hands back, and the one place where text is normalised.

Offsets of chunks and citations refer to the text that leaves this module, so nothing later may change it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import PurePath
from typing import Any

from ..errors import LoadError
from ..types import Scalar
from .limits import Limits

__all__ = ["Job", "Parsed", "clean", "clean_metadata", "one_line", "scalar"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_INT64 = 2**63
_MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document of a file, its text already clean.

    `key` is the id it states itself, else empty; `row` its number in a file of records, 0 for a whole file; `part` the
    name of what it stands in inside its file: a member of an archive, an attachment.
    """

    text: str
    title: str = ""
    key: str = ""
    source: str = ""
    language: str = ""
    media_type: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    row: int = 0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What a parser is told about the bytes it gets, and where it tells what it left in doubt or out.

    charset: what a header states, "" unknown. encoding: what the user says, which nothing overrides. depth: how many
    files this one is packed in; unpacked: bytes that came out of all of them so far, shared. working: to be called
    while something slow is getting on. pages: the ones that are asked for, where that is a question of pages.
    """

    name: str
    media_type: str = "text/plain"
    charset: str = ""
    limits: Limits = field(default_factory=Limits)
    encoding: str = ""
    notes: list[str] = field(default_factory=list)
    depth: int = 0
    unpacked: list[int] = field(default_factory=lambda: [0])
    working: Callable[[], None] = lambda: None
    pages: tuple[int, ...] = ()

    def unpack(self, size: int) -> None:
        """Count `size` more bytes that came out of a packed file. Raises LoadError past the limit."""
        self.unpacked[0] += size
        if self.unpacked[0] > self.limits.unpacked_bytes:
            raise LoadError(
                f"its parts unpack to more than {self.limits.unpacked_bytes} bytes; split it, or raise "
                "Limits.unpacked_bytes"
            )

    def note(self, text: str) -> None:
        """Tell something about this source that its reader should know; said once."""
        if text not in self.notes and len(self.notes) < _MOST_NOTES:
            self.notes.append(text)

    @property
    def stem(self) -> str:
        """The file's name without its suffix: the title of what has no title of its own."""
        return PurePath(self.name).stem or self.name


def clean(text: str, *, compose: bool = False) -> str:
    r"""Newlines as \n, no NUL and no lone surrogates (no database takes them); `compose`: Unicode NFC as well.

    >>> clean("a\r\nb\rc\x00")
    'a\nb\nc'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
        if compose:
            text = unicodedata.normalize("NFC", text)
    return text


def one_line(text: str, *, limit: int = 300) -> str:
    """A title from a piece of text: one line, no runs of spaces, at most `limit` characters."""
    return " ".join(clean(text, compose=True)[: 4 * limit].split())[:limit].rstrip()


def told(value: Any) -> Scalar | list[Scalar]:
    """A metadata value: a list of scalars as that, so that a filter finds each of them; anything else as a scalar."""
    if isinstance(value, (list, tuple, set, frozenset)) and not any(isinstance(v, (list, tuple, dict)) for v in value):
        return [scalar(one) for one in value if one is not None]
    return scalar(value)


def scalar(value: Any) -> Scalar:
    """A value that a database and JSON take: nested lists and dicts become JSON, dates ISO text, odd numbers text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (list, tuple, dict)):
        import json

        return clean(json.dumps(value, ensure_ascii=False, default=str))
    return clean(value.isoformat() if isinstance(value, (date, time)) else str(value))


def clean_metadata(metadata: Mapping[Any, Any]) -> dict[str, Scalar | list[Scalar]]:
    """Text keys, and values or lists of them; what is None is left out."""
    return {clean(str(key)): told(value) for key, value in metadata.items() if value is not None}
