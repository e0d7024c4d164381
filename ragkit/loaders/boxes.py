"""Where the words of a passage stand on the pages of its PDF, for highlighting: `boxes`.

Nothing of this is stored: the original is read again, its pages alone that the span touches, and the letters of the
document's text are laid along the letters of the page. Both are the same but for what reading put right (hyphens at a
line's end, raised figures, words from right to left, columns), so a short look ahead finds the way back.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..types import Document
from .finding.source import Source
from .finding.sources import discover
from .parser import Parser

__all__ = ["Box", "boxes", "boxes_by"]

Box = tuple[int, float, float, float, float]
"""Page (from 1), left, bottom, right, top: points from the lower left corner of the page, as PDF counts."""

_RUN, _LOOK, _FAR = 6, 40, 14  # letters that prove a place; how far it is looked for; letters that prove a far one
_SURE = 0.7  # of the letters of a page that must be found: else the file is another one now
_GAP = 2.5  # heights of a line between two words that are no neighbours any more: cells of a table


def boxes(document: Document, start: int, end: int, *, original: str | Path | None = None) -> list[Box]:
    """The boxes of `document.text[start:end]`, one a line of each page, in reading order; none without pages.

    original: the PDF (default: the path that is the document's id). Pages that were recognised from pictures have no
    boxes, nor has a file that is another one now. Raises UsageError for a span outside the text, LoadError for an
    original that cannot be read; it is read by the limited worker.
    """
    if not 0 <= start <= end <= len(document.text):
        raise UsageError(f"the span {start}-{end} is outside the document's {len(document.text)} characters")
    if not document.pages or start == end or document.media_type != "application/pdf":
        return []
    (source,) = discover([str(original or document.id)])
    with Parser() as parser:
        return boxes_by(parser, document, start, end, source)


def boxes_by(parser: Parser, document: Document, start: int, end: int, source: Source) -> list[Box]:
    """`boxes` of a span that is in the text and not empty, by a parser that runs already. source: the PDF."""
    first, last = (bisect_right(document.pages, at) for at in (start, end - 1))
    found: list[Box] = []
    letters = parser.letters(source, range(first, last + 1))
    for number in range(first, last + 1):
        begin = document.pages[number - 1]
        stop = document.pages[number] if number < len(document.pages) else len(document.text)
        theirs, places = letters.get(number, ("", []))
        span = (max(start, begin) - begin, min(end, stop) - begin)
        found += _on_page(number, document.text[begin:stop], span, theirs, places)
    return found


def _on_page(
    number: int, text: str, span: tuple[int, int], theirs: str, places: Sequence[Sequence[float]]
) -> list[Box]:
    ours, offsets = _plain(text)
    shown, indices = _plain(theirs)
    along = align(ours, shown)
    if sum(at >= 0 for at in along) < _SURE * len(along):
        return []
    wanted = [indices[at] for at, offset in zip(along, offsets, strict=True) if at >= 0 and span[0] <= offset < span[1]]
    return [(number, *box) for box in _lines([places[at] for at in dict.fromkeys(wanted)])]


def _plain(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, ligatures and cases undone, and the offset of each."""
    letters, offsets = [], []
    for offset, letter in enumerate(text):
        for one in unicodedata.normalize("NFKD", letter).casefold() if letter.isalnum() else "":
            if one.isalnum():
                letters.append(one)
                offsets.append(offset)
    return "".join(letters), offsets


def align(ours: str, theirs: str) -> list[int]:
    """For each letter of ours its place in theirs, -1 where it has none.

    >>> align("information2 here", "infor mation here".replace(" ", "x"))[:7]
    [0, 1, 2, 3, 4, 6, 7]
    """
    found = [-1] * len(ours)
    at, place = 0, 0
    while at < len(ours):
        if place < len(theirs) and ours[at] == theirs[place]:
            found[at] = place
            at, place = at + 1, place + 1
            continue
        skip = _way_back(ours, theirs, at, place)
        if skip is not None:
            at, place = at + skip[0], place + skip[1]
            continue
        elsewhere = theirs.find(ours[at : at + _FAR]) if len(ours) - at >= _FAR else -1
        if elsewhere >= 0:
            place = elsewhere
        else:
            at += 1
    return found


def _way_back(ours: str, theirs: str, at: int, place: int) -> tuple[int, int] | None:
    """How many letters of each to pass over until both go on alike."""
    for distance in range(1, _LOOK):
        for mine in range(distance + 1):
            run = ours[at + mine : at + mine + _RUN]
            if run and theirs.startswith(run, place + distance - mine):
                return mine, distance - mine
    return None


def _lines(places: Sequence[Sequence[float]]) -> list[tuple[float, float, float, float]]:
    """Boxes of letters joined to one for each line, or for each cell of one."""
    lines: list[list[float]] = []
    for left, bottom, right, top in places:
        if right <= left or top <= bottom:
            continue
        if lines:
            line = lines[-1]
            height = min(top, line[3]) - max(bottom, line[1])
            near = -0.5 <= left - line[2] <= _GAP * (line[3] - line[1]) or line[0] <= left <= line[2]
            if height > 0.4 * min(top - bottom, line[3] - line[1]) and near:
                line[:] = [min(left, line[0]), min(bottom, line[1]), max(right, line[2]), max(top, line[3])]
                continue
        lines.append([left, bottom, right, top])
    return [(line[0], line[1], line[2], line[3]) for line in lines]
