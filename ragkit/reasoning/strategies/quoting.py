"""How quoted sentences and rows are written as an answer: prose on one line, rows under their column names.

    | Service | Price |
    | --- | --- |
    | Tyre change | 80 € |
    [1]

Line ends of tables, lists and code stay; within a sentence of prose they are only where the page ended. What the
document says obeys nothing there (`text.foreign`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from ...reader.candidates import Candidate
from ...text.foreign import for_answer
from ...types import Citation

__all__ = ["written"]

_CODE = re.compile(r"(?m)^(?: {4,}|\t|```)|[;{}]\s*\n|\n\s*(?:#|//)")


def written(quoted: Sequence[tuple[Citation, Candidate]]) -> str:
    """The quotations in order, each with its marker."""
    parts: list[str] = []
    header = ""
    for citation, candidate in quoted:
        mark = f"[{citation.marker}]"
        if candidate.header:
            parts.append(_row(candidate, mark, headed=candidate.header != header))
        elif _keeps_lines(candidate.text):
            parts.append(f"{for_answer(candidate.text)}\n{mark}")
        else:
            text = f"{for_answer(' '.join(candidate.text.split()))} {mark}"
            parts.append(f"- {text}" if candidate.item and len(quoted) > 1 else text)
        header = candidate.header
    apart = "\n" if any("\n" in p or p.startswith(("- ", "|")) for p in parts) else " "
    return apart.join(parts)


def _row(candidate: Candidate, mark: str, *, headed: bool) -> str:
    header, row = for_answer(candidate.header), for_answer(candidate.text)
    if not header.startswith("|"):
        columns, cells = _cells(header), _cells(row)
        if len(columns) == len(cells):
            return "; ".join(f"{c}: {v}" for c, v in zip(columns, cells, strict=True) if v) + f" {mark}"
        return f"{header}\n{row} {mark}" if headed else f"{row} {mark}"
    rule = "|" + " --- |" * max(1, header.count("|") - 1)
    head = f"{header}\n{rule}\n" if headed else ""
    return f"{head}{row}\n{mark}"


def _cells(line: str) -> list[str]:
    """Cells of a line of separated values."""
    mark = max("\t;,", key=line.count)
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])]


def _keeps_lines(text: str) -> bool:
    return "\n" in text and (_CODE.search(text) is not None or text.lstrip().startswith("|"))
