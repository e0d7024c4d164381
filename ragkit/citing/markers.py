"""Citation markers as models write them, and the passage numbers they mean.

    [2]   [1, 3]   [1-3]   [1][2]   【1】   【1†source】   [^1]   [#1]   [Passage 1]   [Source 2; Source 3]  [отрывок 1]

What only looks like a marker is none: ``[0.93, 0.96]`` and ``[0, 1]`` (an interval), ``[sic]``, ``[text](url)``,
``a[0]``, brackets among the words of a `code span`, and a year set into a quotation, «в [2024] году».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "MARKER",
    "MARKERS_FIRST",
    "OPENING",
    "SOURCE_NOUN",
    "Marker",
    "find_markers",
    "unfinished",
    "without_markers",
]

SOURCE_NOUN = (
    r"(?:passages?|sources?|documents?|docs?|excerpts?|snippets?|chunks?|references?|refs?|citations?|cites?"
    r"|отрыв\w*|источник\w*|документ\w*|фрагмент\w*|урив\w*|джерел\w*|quellen?|dokumente?)"
)
OPENING = re.compile(r"[\[【［]")
MAX_RANGE = 20  # a wider range is read as its two ends
LONGEST = 80  # characters within the brackets of a marker that is waited for

_NUMBER = rf"(?:{SOURCE_NOUN}[\s:]*)?(?:[\^#№]\s*)?0{{0,9}}[1-9]\d{{0,98}}"
_LIST = rf"{_NUMBER}(?:\s*(?:[,;&‐‑–—−-]|and|und|и|і|та)\s*{_NUMBER})*"
MARKER = re.compile(rf"[\[【［]\s*({_LIST}|(?<!\w\[)0)\s*(?:†[^\[\]【】\n]{{0,60}})?[\]】］]", re.IGNORECASE)
MARKERS_FIRST = re.compile(rf"\s*(?:{MARKER.pattern}\s*)+", re.IGNORECASE)
_RANGE = re.compile(rf"(\d+)(?:\s*[‐‑–—−-]\s*(?:{SOURCE_NOUN}[\s:]*)?(?:[\^#№]\s*)?(\d+))?", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]+`")
_QUOTATION = re.compile(r"«[^«»\n]*»|\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]")
_UNFINISHED = re.compile(rf"\s*[\[【［][^\[\]【】［］]{{0,{LONGEST}}}\Z")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker at text[start:end], and the numbers it names, each once, in order."""

    start: int
    end: int
    numbers: tuple[int, ...]


def find_markers(text: str) -> Iterator[Marker]:
    """Yield the markers of `text` in order.

    >>> [m.numbers for m in find_markers("Orm [2], Ann 【1】, Bo [Passages 3–5; 7], `x[1] = 2`, [0.93, 0.96].")]
    [(2,), (1,), (3, 4, 5, 7)]
    """
    code = [m.span() for m in _CODE.finditer(text) if re.search(r"\w", MARKER.sub("", m[0]))]
    quoted = [m.span() for m in _QUOTATION.finditer(text)]
    for match in MARKER.finditer(text):
        year = re.fullmatch(r"\d{4}", match[1]) is not None
        if not _within(match.start(), code) and not (year and _within(match.start(), quoted)):
            yield Marker(match.start(), match.end(), _numbers(match[1]))


def without_markers(text: str) -> str:
    """The text without its markers, nor the white space before them.

    >>> without_markers("Veltro is in Orm [2][3].")
    'Veltro is in Orm.'
    """
    pieces, at = [], 0
    for marker in find_markers(text):
        pieces.append(text[at : marker.start].rstrip())
        at = marker.end
    return "".join(pieces) + text[at:]


def unfinished(text: str, start: int) -> bool:
    """Whether text[start:] is the beginning of what may become a marker."""
    return _UNFINISHED.match(text, start) is not None


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _numbers(written: str) -> tuple[int, ...]:
    """The numbers of a list such as "1-3, 5", ranges filled in."""
    found: dict[int, None] = {}
    for first, last in _RANGE.findall(written):
        low, high = int(first), int(last or first)
        if low <= high <= low + MAX_RANGE and high < 1000:  # "2020-2024" is no range of passages
            found.update(dict.fromkeys(range(low, high + 1)))
        else:
            found.update(dict.fromkeys((low, high)))
    return tuple(found)
