r"""Headings of the light markups that are kept as they are: reStructuredText, Org, AsciiDoc, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["MARKUPS", "MarkupHeading", "markup_headings"]


@dataclass(frozen=True, slots=True)
class MarkupHeading:
    """text[start:end] is a heading with its marks; `level` counts from 1."""

    start: int
    end: int
    level: int
    title: str


_ORG = re.compile(r"^(\*{1,8})[ \t]+(?:(?:TODO|DONE)[ \t]+)?(.+?)(?:[ \t]+:[\w:@]+:)?[ \t]*$", re.MULTILINE)
_ASCIIDOC = re.compile(r"^(={1,6})[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_TEX = re.compile(
    r"^[ \t]*\\(part|chapter|(?:sub){0,2}section|paragraph)\*?(?:\[[^\]\n]*\])?\{([^\n]*)\}", re.MULTILINE
)
_RST = re.compile(
    r"^(?:(?P<over>([!-/:-@[-`{-~])\2{2,})[ \t]*\n)?[ \t]?(?P<title>\S[^\n]*)\n"
    r"(?P<under>([!-/:-@[-`{-~])\5{2,})[ \t]*$",
    re.MULTILINE,
)
_TEX_LEVELS = {"part": 1, "chapter": 2, "section": 3, "subsection": 4, "subsubsection": 5, "paragraph": 6}
MARKUPS = frozenset({"text/x-rst", "text/x-org", "text/x-asciidoc", "text/x-tex"})


def markup_headings(text: str, media_type: str) -> Iterator[MarkupHeading]:
    """The headings of a text in one of MARKUPS, in order.

    >>> [(h.level, h.title) for h in markup_headings("Hours\\n=====\\n\\nOpen.\\n\\nSunday\\n------\\n", "text/x-rst")]
    [(1, 'Hours'), (2, 'Sunday')]
    """
    if media_type == "text/x-rst":
        yield from _underlined(text)
        return
    pattern = {"text/x-org": _ORG, "text/x-asciidoc": _ASCIIDOC, "text/x-tex": _TEX}[media_type]
    for match in pattern.finditer(text):
        level = _TEX_LEVELS[match[1]] if media_type == "text/x-tex" else len(match[1])
        yield MarkupHeading(match.start(), match.end(), level, match[2].strip())


def _underlined(text: str) -> Iterator[MarkupHeading]:
    """Lines with a line of one mark below, as long as they are: the marks rank by which comes first."""
    marks: list[str] = []
    for match in _RST.finditer(text):
        title, under, over = match["title"].rstrip(), match["under"], match["over"] or ""
        if len(under) < len(title) or (over and over[0] != under[0]) or len(set(title)) == 1:
            continue
        style = under[0] + ("^" if over else "")
        if style not in marks:
            marks.append(style)
        yield MarkupHeading(match.start(), match.end(), marks.index(style) + 1, title.strip())
