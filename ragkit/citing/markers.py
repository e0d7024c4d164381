"""Citation markers as models write them, and the passage numbers they mean.

    [2]   [1, 3]   [1-3]   [1][2]   【1】   【1†source】   [^1]   [#1]   [Passage 1]   [Source 2; Source 3]  [отрывок 1]

What only looks like a marker is none: ``[0.93, 0.96]`` and ``[0, 1]`` (an interval), ``[sic]``, ``[text](url)``,
``a[0]``, brackets among the words of a `code span`, and a year set into a quotation, «в [2024] году».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..text.languages import Language, languages

__all__ = [
    "OPENING",
    "Marker",
    "find_markers",
    "marker",
    "markers_first",
    "source_noun",
    "unfinished",
    "without_markers",
]

OPENING = re.compile(r"[\[【［]")
MAX_RANGE = 20  # a wider range is read as its two ends
LONGEST = 80  # characters within the brackets of a marker that is waited for

_CODE = re.compile(r"`[^`\n]+`")
_QUOTATION = re.compile(r"«[^«»\n]*»|\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]")
_UNFINISHED = re.compile(rf"\s*[\[【［][^\[\]【】［］]{{0,{LONGEST}}}\Z")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What is made of the languages' words for "passage" and "and"."""

    noun: str
    marker: re.Pattern[str]
    first: re.Pattern[str]
    range: re.Pattern[str]


@lru_cache(maxsize=2)
def _patterns(known: tuple[Language, ...]) -> _Patterns:
    nouns = dict.fromkeys(noun for each in known for noun in each.sources.split())
    ands = dict.fromkeys(word for each in known if each.sentences is not None for word in each.sentences.ands.split())
    noun = rf"(?:{'|'.join(nouns)})"
    number = rf"(?:{noun}[\s:]*)?(?:[\^#№]\s*)?0{{0,9}}[1-9]\d{{0,98}}"
    listed = rf"{number}(?:\s*(?:[,;&‐‑–—−-]|{'|'.join(ands)})\s*{number})*"
    marker = rf"[\[【［]\s*({listed}|(?<!\w\[)0)\s*(?:†[^\[\]【】\n]{{0,60}})?[\]】］]"
    return _Patterns(
        noun,
        re.compile(marker, re.IGNORECASE),
        re.compile(rf"\s*(?:{marker}\s*)+", re.IGNORECASE),
        re.compile(rf"(\d+)(?:\s*[‐‑–—−-]\s*(?:{noun}[\s:]*)?(?:[\^#№]\s*)?(\d+))?", re.IGNORECASE),
    )


def marker() -> re.Pattern[str]:
    """What a marker looks like; its group 1 is the numbers as written."""
    return _patterns(languages()).marker


def markers_first() -> re.Pattern[str]:
    """Markers at the start of a text, with the white space around them."""
    return _patterns(languages()).first


def source_noun() -> str:
    """A pattern for "passage", «источник», "Quelle" …"""
    return _patterns(languages()).noun


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
    pattern = marker()
    code = [m.span() for m in _CODE.finditer(text) if re.search(r"\w", pattern.sub("", m[0]))]
    quoted = [m.span() for m in _QUOTATION.finditer(text)]
    for match in pattern.finditer(text):
        year = re.fullmatch(r"\d{4}", match[1]) is not None
        if not _within(match.start(), code) and not (year and _within(match.start(), quoted)):
            yield Marker(match.start(), match.end(), _numbers(match[1]))


def without_markers(text: str) -> str:
    """The text without its markers, nor the white space before them.

    >>> without_markers("Veltro is in Orm [2][3].")
    'Veltro is in Orm.'
    """
    pieces, at = [], 0
    for found in find_markers(text):
        pieces.append(text[at : found.start].rstrip())
        at = found.end
    return "".join(pieces) + text[at:]


def unfinished(text: str, start: int) -> bool:
    """Whether text[start:] is the beginning of what may become a marker."""
    return _UNFINISHED.match(text, start) is not None


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _numbers(written: str) -> tuple[int, ...]:
    """The numbers of a list such as "1-3, 5", ranges filled in."""
    found: dict[int, None] = {}
    for first, last in _patterns(languages()).range.findall(written):
        low, high = int(first), int(last or first)
        if low <= high <= low + MAX_RANGE and high < 1000:  # "2020-2024" is no range of passages
            found.update(dict.fromkeys(range(low, high + 1)))
        else:
            found.update(dict.fromkeys((low, high)))
    return tuple(found)
