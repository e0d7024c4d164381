"""What of the found passages can answer: their sentences and table rows, and the windows in which they are read.

No heading and no title is an answer; what stands twice is offered once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..text.folding import fold
from ..text.language import words
from ..text.statements import statements
from ..types import Hit
from .evidence import tokens_of

__all__ = ["Candidate", "Window", "candidates", "windows"]

WINDOW_TOKENS = 95
TITLE_WORDS = 8  # at most, of a line that is taken for a title
_MARKER = re.compile(r"(?:(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-zа-я][.)])\s+)?")  # of a list item: no part of what it says
_FIGURE = re.compile(r"(?<=\s)\d")  # a number of its own: "Total 60" tells something, "GPT-2" and "3 Methods" head it
_STOPS = tuple('.!?:;…。！？"»”)')


@dataclass(frozen=True, slots=True)
class Candidate:
    """document.text[start:end] that may answer.

    header: column names of a row. before: the sentence before it. item: it is one of a list. heading: the line above it
    in its passage that heads it.
    """

    hit: Hit
    rank: int
    start: int
    end: int
    text: str
    header: str
    before: str
    item: bool
    heading: str = ""

    @property
    def aside(self) -> str:
        """What tells what it is about without being part of it."""
        return " ".join(part for part in (self.under, self.header or self.before) if part)

    @property
    def under(self) -> str:
        """The title and headings that it stands under."""
        chunk = self.hit.chunk
        return " › ".join(dict.fromkeys(part for part in (chunk.title, *chunk.section, self.heading) if part))


@dataclass(frozen=True, slots=True)
class Window:
    """A text that is read at once, and where in it each of its candidates stands."""

    text: str
    members: tuple[tuple[int, int, int], ...]


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """Every sentence and row of `hits` that can answer, in their order."""
    found: list[Candidate] = []
    known: set[tuple[str, int, int]] = set()
    said: set[str] = set()
    for rank, hit in enumerate(hits):
        chunk = hit.chunk
        heads = {_bare(part) for part in (chunk.title, *chunk.section)}
        before = heading = ""
        for piece in statements(chunk.text, chunk.header):
            marker = _MARKER.match(chunk.text, piece.start, piece.end)
            a, b = marker.end() if marker else piece.start, piece.end
            text = chunk.text[a:b]
            key = (chunk.document_id, chunk.start + a, chunk.start + b)
            once = fold(" ".join(f"{piece.header} {text}".split()))
            heads_it = not piece.header and is_heading(chunk.text, a, b, first=chunk.start + a == 0)
            named = not piece.header and _bare(text) in heads
            if heads_it and not named:
                heading = text.strip("#*_ ")
            new = key not in known and once not in said
            if new and not heads_it and not named and any(c.isalnum() for c in text):
                known.add(key)
                said.add(once)
                item = a > piece.start
                found.append(Candidate(hit, rank, key[1], key[2], text, piece.header, before, item, heading))
            before = text
    return found


def windows(found: Sequence[Candidate]) -> list[Window]:
    """Neighbouring sentences of a passage under its title, about as many as are read at once; rows one by one."""
    made: list[Window] = []
    group: list[int] = []
    for i, c in enumerate(found):
        if group:
            last, first = found[group[-1]], found[group[0]]
            span = c.hit.chunk.text[first.start - c.hit.chunk.start : c.end - c.hit.chunk.start]
            apart = last.rank != c.rank or c.start < last.end or bool(c.header or last.header)
            apart = apart or c.heading != last.heading
            if apart or tokens_of(span) > WINDOW_TOKENS:
                made.append(_window(found, group))
                group = []
        group.append(i)
    return [*made, _window(found, group)] if group else made


def _window(found: Sequence[Candidate], group: Sequence[int]) -> Window:
    first, last = found[group[0]], found[group[-1]]
    chunk = first.hit.chunk
    head = "".join(f"{line}\n" for line in (first.under[:120], first.header[:200]) if line)
    text = head + chunk.text[first.start - chunk.start : last.end - chunk.start]
    move = len(head) - first.start
    return Window(text, tuple((i, found[i].start + move, found[i].end + move) for i in group))


def is_heading(text: str, start: int, end: int, *, first: bool) -> bool:
    """Whether text[start:end] is a heading: marked as one, or a short line without a stop above something longer."""
    line = text[start:end]
    if "\n" in line:
        return False
    if line.startswith("#"):
        return True
    alone = text[end : end + 1] == "\n"
    short = len(words(line)) <= TITLE_WORDS and not line.rstrip("*_ ").endswith(_STOPS)
    if first and alone and short:
        return True
    blank = text[end : end + 2] == "\n\n" and (start == 0 or text[max(0, start - 2) : start] == "\n\n")
    return blank and short and ":" not in line and not _FIGURE.search(line) and line[:1].isupper()


def _bare(text: str) -> str:
    return fold(text.strip("#*_ \t.:"))
