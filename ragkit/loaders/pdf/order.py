"""Letters of a PDF put right by where they stand: words written from right to left, and raised figures.

PDFium gives a page's characters with their boxes. Within an Arabic word the letters may come from left to right, as
they were drawn; a figure that stands above the line (10⁶, m²) comes as if it stood on it.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["put_right"]

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_RTL = re.compile(f"[{_RIGHT_TO_LEFT}]")
_RTL_WORD = re.compile(f"[{_RIGHT_TO_LEFT}]{{2,}}")
_LINE_OF_RTL = re.compile(f"^(?=[^\n]*[{_RIGHT_TO_LEFT}])[^\n]*$", re.MULTILINE)
_STOP_FIRST = re.compile(r"(?<=\s)([.,:;!?؟،؛]+)([\w\d][\w\d.,:]*)[ \t\r]*$")
_MAYBE_RAISED = re.compile(r"(?<=[A-Za-z0-9)\]])\d(?=\d?(?![\d.,]*\d))")  # one of the last two of a number
_RAISED = 0.35  # of the height of the letter before it (g, p and y reach down by .28 of theirs)


def put_right(page_text: Any, text: str) -> str:
    """The text of a page, its right-to-left words in reading order, its raised figures after a ``^``.

    page_text: pypdfium2's.
    """
    if not _MAYBE_RAISED.search(text) and not _RTL.search(text):
        return text
    if page_text.count_chars() != len(text):
        text = _one_by_one(page_text)
    letters = list(text)
    for match in _MAYBE_RAISED.finditer(text):
        if _stands_above(page_text, match.start()):
            letters[match.start()] = "^" + letters[match.start()]
    for match in _RTL_WORD.finditer(text):
        places = range(match.start(), match.end())
        middles = [_middle(page_text, at) for at in places]
        order = sorted(range(len(middles)), key=lambda n: (-middles[n], n))
        letters[match.start() : match.end()] = [text[match.start() + n] for n in order]
    return _LINE_OF_RTL.sub(lambda line: _STOP_FIRST.sub(r"\2\1", line[0]), "".join(letters))


def _one_by_one(page_text: Any) -> str:
    """The page's text with exactly one character for each that has a box; PDFium's own leaves some out."""
    import pypdfium2.raw as pdfium

    codes = (pdfium.FPDFText_GetUnicode(page_text.raw, at) for at in range(page_text.count_chars()))
    return "".join(chr(code) if 0 < code < 0x110000 else " " for code in codes)


def _middle(page_text: Any, at: int) -> float:
    left, _, right, _ = page_text.get_charbox(at)
    return float(left + right) / 2


def _stands_above(page_text: Any, at: int) -> bool:
    """Whether the foot of the figure at `at` is well above that of the letter before it, on the same line."""
    _, foot, _, head = page_text.get_charbox(at - 1)
    _, own_foot, _, _ = page_text.get_charbox(at)
    return bool(head > foot and foot + _RAISED * (head - foot) < own_foot < head)
