"""Pages joined to one text, and words that a line's end broke made whole.

A hyphen at a line's end is either the line's (infor-/mation) or the word's own (long-/term). The document's other words
tell; where they do not, first parts that make compounds with a hyphen in English keep it.
"""

from __future__ import annotations

import re

from ..parsed import clean

__all__ = ["join_pages"]

_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t\f\v\u00a0]+$", re.MULTILINE)
_SOFT = re.compile("\xad\r?\n?")
_MARKED = re.compile(r"([\w]*)[\ufffe\x02]\r?\n?(\w*)")  # PDFium's mark for a hyphen at a line's end
_BROKEN = re.compile(r"(\w+)-\n(\w+)")
_WORD = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]{2,})*")
_COMPOUNDS = frozenset(
    """
    well mid long short non self high low full part half first second third one two three four five all cross ex anti
    pre post semi multi quasi pro vice like old new ill large small medium hard soft free so would far near time co real
    end user case client year day month week best worst better left right top open closed fixed in on off up out over
    under north south east west state cost tax risk work father mother brother sister son daughter
    """.split()  # noqa: SIM905 - a list of a hundred words reads better so
)
_GAP = "\n\n"


def join_pages(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """Clean pages as one text, a blank line between, and the offset at which each starts.

    >>> join_pages(["One \\n\\n\\n\\nmore", "", "Three"])
    ('One\\n\\nmore\\n\\n\\n\\nThree', (0, 11, 13))
    """
    known = {word.lower() for page in pages for word in _WORD.findall(_MARKED.sub(" ", page))}

    def marked(match: re.Match[str]) -> str:
        before, after = match[1], match[2]
        return before + ("-" if _own_hyphen(before, after, known) else "") + after

    def broken(match: re.Match[str]) -> str:
        before, after = match[1], match[2]
        if (before + after).lower() in known and f"{before}-{after}".lower() not in known:
            return before + after
        return f"{before}-{after}"

    starts = []
    offset = 0
    cleaned = []
    for page in pages:
        page = clean(_MARKED.sub(marked, _SOFT.sub("", page)), compose=True)
        page = _BLANK_LINES.sub("\n\n", _TRAILING.sub("", page)).strip()
        cleaned.append(_BROKEN.sub(broken, page))
        starts.append(offset)
        offset += len(cleaned[-1]) + len(_GAP)
    return _GAP.join(cleaned), tuple(starts)


def _own_hyphen(before: str, after: str, known: set[str]) -> bool:
    """Whether a hyphen that the line's end may have brought is the word's own."""
    if not before or not after or before[-1].isdigit() or after[0].isdigit() or after[0].isupper():
        return True
    whole, compound = (before + after).lower(), f"{before}-{after}".lower()
    if compound in known or whole in known:
        return compound in known
    first = before.lower()
    if first in _COMPOUNDS:
        return True
    return first in ("re", "pre", "co", "de") and first[-1] == after[0].lower()
