"""Tables whose cells span rows or columns, as plain rows under one header row.

A spanning cell is told in every place it covers, so that no value moves under another column's name; a header of
several rows becomes one: ``2023 Sales``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Cell", "plain_rows"]

_MOST = 400  # columns and rows that one cell may claim


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, how many columns and rows it covers, and whether it is a heading of its column."""

    text: str
    columns: int = 1
    rows: int = 1
    heading: bool = False


def plain_rows(rows: Sequence[Sequence[Cell]], *, headers: int = 0) -> tuple[list[str], list[list[str]]]:
    """Captions (rows of one cell that covers all columns) that stand first, and the rows under one header.

    headers: how many of the first rows are the header; 0 to tell by their cells.

    >>> head = [Cell("Region", rows=2), Cell("2023", columns=2)]
    >>> plain_rows([head, [Cell("Sales"), Cell("Staff")], [Cell("North"), Cell("11"), Cell("3")]])[1]
    [['Region', '2023 Sales', '2023 Staff'], ['North', '11', '3']]
    """
    grid, spanning = _grid(rows)
    captions = []
    while len(grid) > 1 and spanning[0] == 1 and len(grid[0]) > 1 and len(set(grid[0])) == 1:
        captions.append(grid.pop(0)[0])
        spanning.pop(0)
        rows, headers = rows[1:], max(0, headers - 1)
    if not headers and rows:
        headers = _header_rows(rows)
    headers = min(headers, len(grid) - 1)
    if headers > 1:
        grid = [_joined(grid[:headers]), *grid[headers:]]
    return captions, grid


def _grid(rows: Sequence[Sequence[Cell]]) -> tuple[list[list[str]], list[int]]:
    """Every place of the table with its cell's text, and how many cells each row has."""
    below: dict[tuple[int, int], str] = {}
    grid: list[list[str]] = []
    counts: list[int] = []
    for number, row in enumerate(rows):
        line: list[str] = []
        for cell in row:
            while (number, len(line)) in below:
                line.append(below.pop((number, len(line))))
            for _ in range(min(max(cell.columns, 1), _MOST)):
                for further in range(1, min(max(cell.rows, 1), len(rows) - number, _MOST)):
                    below[number + further, len(line)] = cell.text
                line.append(cell.text)
        while (number, len(line)) in below:
            line.append(below.pop((number, len(line))))
        grid.append(line)
        counts.append(len(row))
    return grid, counts


def _header_rows(rows: Sequence[Sequence[Cell]]) -> int:
    """As deep as the first row's deepest cell where it groups columns; else the rows of headings alone."""
    grouped = any(cell.columns > 1 for cell in rows[0])
    deepest = max((cell.rows for cell in rows[0]), default=1)
    if grouped and deepest > 1:
        return min(deepest, 4)
    headings = 0
    for row in rows[:4]:
        if not row or not all(cell.heading for cell in row):
            break
        headings += 1
    return max(1, headings)


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    width = max(map(len, rows))
    columns = [[row[n] for row in rows if n < len(row)] for n in range(width)]
    return [" ".join(dict.fromkeys(text for text in column if text)) for column in columns]
