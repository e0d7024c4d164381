"""Tables of figures in plain lines, as in PDFs and printed reports: which lines are rows, which name the columns.

Three Months Ended
June 25, 2022 June 26, 2021
Products $ 63,355 $ 63,948
Services 19,604 17,486
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["FigureTable", "figure_tables"]

_FIGURE = r"(?:[$€£¥]\s*)?[(+−-]?\s*(?:[$€£¥]\s*)?\d[\d,.\u00a0\u202f]*\)?\s*(?:%|\)|bps)?|[—–-]"
_ROW = re.compile(rf"(?=.*[^\W\d_]).*?(?:\s+(?:{_FIGURE})(?=\s|$)){{2,}}\s*$")
_LONE = re.compile(rf"(?=.*[^\W\d_]).*?\s+(?:{_FIGURE})\s*$")
_YEAR_LAST = re.compile(r"(?:^|\s)(?:19|20)\d\d\W*$")
_LEAST_ROWS = 3
_LABEL = 90  # characters: a longer line without figures is text
_GAP = 3  # lines in a row without figures that a table may hold: the names of its parts, cut labels
_MOST_HEADER_LINES = 16
_MOST_HEADER = 400  # characters


@dataclass(frozen=True, slots=True)
class FigureTable:
    """text[start:end] is a table; its rows begin at `rows`, the lines before them name the columns."""

    start: int
    rows: int
    end: int


def figure_tables(text: str, start: int, end: int) -> Iterator[FigureTable]:
    """The tables in text[start:end] in order; a table has at least three rows of two figures each."""
    lines = _lines(text, start, end)
    kinds = [_kind(text[a:b]) for a, b in lines]
    at = 0
    while at < len(lines):
        if kinds[at] != "row":
            at += 1
            continue
        last = first = at
        rows, gap, ahead = 1, 0, at + 1
        while ahead < len(lines) and gap <= _GAP and kinds[ahead] != "text":
            gap = gap + 1 if kinds[ahead] == "label" else 0
            if kinds[ahead] != "label":
                last = ahead
                rows += kinds[ahead] == "row"
            ahead += 1
        if rows >= _LEAST_ROWS:
            top = _top(lines, kinds, first)
            yield FigureTable(lines[top][0], lines[first][0], lines[last][1])
        at = last + 1


def _top(lines: list[tuple[int, int]], kinds: list[str], first: int) -> int:
    """The first of the lines before row `first` that name the columns and the table."""
    top = first
    while (
        top > 0
        and first - top < _MOST_HEADER_LINES
        and kinds[top - 1] == "label"
        and lines[first][0] - lines[top - 1][0] <= _MOST_HEADER
    ):
        top -= 1
    return top


def _kind(line: str) -> str:
    """What a line is: a "row" ends in figures, a "lone" in one; a "label" is short words, a date; else "text"."""
    if len(line) > 3 * _LABEL or "|" in line or (line.endswith((".", "!", "?")) and " " in line):
        return "text"
    if _YEAR_LAST.search(line):  # a date, or years over the columns
        return "label" if len(line) <= _LABEL else "text"
    if _ROW.match(line):
        return "row"
    if len(line) > _LABEL:
        return "text"
    return "lone" if _LONE.match(line) and not line.endswith(",") else "label"


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    at = start
    for piece in text[start:end].splitlines(keepends=True):
        stripped = piece.strip()
        if stripped:
            a = at + piece.index(stripped[0])
            spans.append((a, a + len(stripped)))
        at += len(piece)
    return spans
