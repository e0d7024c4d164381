"""What a parser hands back, and the one place where text is normalised.

Offsets of chunks and citations refer to the text that leaves this module, so nothing later may change it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from .limits import Limits

__all__ = ["Job", "Parsed", "clean", "clean_metadata", "one_line", "scalar"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document of a file, its text already clean.

    `key` is the id it states itself, else empty; `row` its number in a file of records, 0 for a whole file.
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


@dataclass(frozen=True, slots=True)
class Job:
    """What a parser is told about the bytes it gets: the file's name, its stated encoding ("" unknown), the limits."""

    name: str
    media_type: str = "text/plain"
    charset: str = ""
    limits: Limits = field(default_factory=Limits)

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


def scalar(value: Any) -> str | int | float | bool:
    """A metadata value that a database and JSON take: lists and dicts become JSON, odd numbers text."""
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
    return clean(str(value))


def clean_metadata(metadata: Mapping[Any, Any]) -> dict[str, str | int | float | bool]:
    """Text keys and scalar values; what is None is left out."""
    return {clean(str(key)): scalar(value) for key, value in metadata.items() if value is not None}
