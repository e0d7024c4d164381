"""Blocks of a document (headings, paragraphs, list items, tables, code) as one Markdown-like text.

HTML and Word files pass through here, so that chunking sees headings, lists and tables alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Blocks", "table_text"]

_BACKTICKS = re.compile(r"`{3,}")


class Blocks:
    """Collects blocks in order; `text()` joins them: list items line by line, all else with a blank line between."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._after_item = False
        self.first_heading = ""

    def _add(self, text: str, *, item: bool = False) -> None:
        if self._pieces:
            self._pieces.append("\n" if item and self._after_item else "\n\n")
        self._pieces.append(text)
        self._after_item = item

    def heading(self, text: str, level: int) -> None:
        """A heading of level 1 to 6."""
        text = " ".join(text.split())
        if text:
            self.first_heading = self.first_heading or text
            self._add("#" * min(max(level, 1), 6) + " " + text)

    def paragraph(self, text: str) -> None:
        """A paragraph; its own line breaks stay."""
        if text:
            self._add(text)

    def item(self, text: str, *, marker: str = "-", depth: int = 0) -> None:
        """A list item, two spaces deeper per level."""
        if text:
            indent = "  " * min(depth, 10)
            self._add(f"{indent}{marker} " + text.replace("\n", "\n" + indent + "  "), item=True)

    def code(self, text: str, *, language: str = "") -> None:
        """Preformatted text as a fenced block; the fence is longer than any inside."""
        if text.strip():
            fence = "`" * max([3, *(len(run) + 1 for run in _BACKTICKS.findall(text))])
            self._add(f"{fence}{language}\n{text.strip(chr(10))}\n{fence}")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table, one line per row; the first row is the header."""
        text = table_text(rows)
        if text:
            self._add(text)

    def text(self) -> str:
        """The whole document, ending in a newline; "" when it is empty."""
        return "".join(self._pieces) + "\n" if self._pieces else ""


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as a Markdown table; empty rows are left out, a single column becomes lines.

    >>> print(table_text([["Name", "Age"], ["Ada", "36"]]))
    | Name | Age |
    | --- | --- |
    | Ada | 36 |
    """
    kept = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    kept = [row for row in kept if any(row)]
    if not kept:
        return ""
    width = max(len(row) for row in kept)
    if width == 1:
        return "\n".join(row[0] for row in kept)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in kept]
    if len(lines) > 1:
        lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)
