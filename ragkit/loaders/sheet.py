"""A page of a document's PDF as it looks, with the places on it of words that were quoted: `sheet_of`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import LoadError, NotFoundError
from ..types import Document
from .boxes import boxes_by
from .finding.sources import discover
from .limits import Limits
from .parser import Parser

__all__ = ["Mark", "Sheet", "sheet_of"]

Mark = tuple[float, float, float, float]
"""Left, top, width and height as shares of the picture's width and height, from its upper left corner."""

_SECONDS = 20  # to read or draw one page, while somebody waits
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: `picture` is a PNG, `marks` a box for each line of the words."""

    number: int
    picture: bytes
    marks: tuple[Mark, ...]


def sheet_of(document: Document, number: int, spans: Iterable[tuple[int, int]], *, original: str | Path) -> Sheet:
    """The page of that number, from 1, with what of `document.text[start:end]` of each span stands on it.

    original: the PDF. Raises NotFoundError for a page that the document does not have, UsageError for a span outside
    its text, LoadError for an original that cannot be read; it is read and drawn by the limited worker.
    """
    if not 1 <= number <= len(document.pages):
        raise NotFoundError(f"the document has {len(document.pages)} pages; there is no page {number}")
    begin = document.pages[number - 1]
    stop = document.pages[number] if number < len(document.pages) else len(document.text)
    (source,) = discover([str(original)])
    with Parser(Limits(seconds=_SECONDS)) as parser:
        drawn = parser.on_pages(source, "pdf_picture", [number], _read)
        if number not in drawn:
            raise LoadError("the file has no such page any more; it is another one now")
        picture, shown, turned = drawn[number]
        found = [
            box
            for start, end in spans
            if max(start, begin) < min(end, stop)
            for box in boxes_by(parser, document, max(start, begin), min(end, stop), source)
        ]
    return Sheet(number, picture, tuple(_mark(box[1:], shown, turned) for box in found))


def _mark(box: tuple[float, ...], shown: tuple[float, ...], turned: int) -> Mark:
    left, bottom, right, top = shown
    ends = [((x - left) / (right - left), (top - y) / (top - bottom)) for x, y in (box[:2], box[2:])]
    for _ in range(turned // 90 % 4):  # a quarter turn clockwise takes what was at the left to the top
        ends = [(1 - y, x) for x, y in ends]
    (x0, x1), (y0, y1) = (sorted(min(1.0, max(0.0, end[axis])) for end in ends) for axis in (0, 1))
    return x0, y0, x1 - x0, y1 - y0


def _read(text: str) -> tuple[bytes, tuple[float, ...], int]:
    """What the worker says of a page. Raises LoadError for anything else."""
    try:
        coded, box, turned = json.loads(text)
        picture = base64.b64decode(coded, validate=True)
        left, bottom, right, top = (float(side) for side in box)
        if not picture.startswith(_PNG) or not (left < right and bottom < top) or int(turned) % 90:
            raise ValueError("no picture of a page")
    except (ValueError, TypeError) as exc:
        raise LoadError("its parser sent something else than a page; the file is hostile") from exc
    return picture, (left, bottom, right, top), int(turned)
