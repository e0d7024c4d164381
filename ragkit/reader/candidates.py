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
from ..types import Chunk, Hit
from .evidence import tokens_of

__all__ = ["Candidate", "Window", "candidates", "windows"]

WINDOW_TOKENS = 95
TITLE_WORDS = 8  # at most, of a line that is taken for a title
_MARKER = re.compile(r"(?:(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-zа-я][.)])\s+)?")  # of a list item: no part of what it says
_STOPS = tuple('.!?:;…。！？"»”)')


@dataclass(frozen=True, slots=True)
class Candidate:
    """document.text[start:end] that may answer. header: column names of a row. before: the sentence before it."""

    hit: Hit
    rank: int
    start: int
    end: int
    text: str
    header: str
    before: str
    item: bool

    @property
    def aside(self) -> str:
        """What tells what it is about without being part of it."""
        return " ".join((under(self.hit.chunk), self.header or self.before))


@dataclass(frozen=True, slots=True)
class Window:
    """A text that is read at once, and where in it each of its candidates stands."""

    text: str
    members: tuple[tuple[int, int, int], ...]


def under(chunk: Chunk) -> str:
    """The title and headings that a passage stands under."""
    return " › ".join(dict.fromkeys(part for part in (chunk.title, *chunk.section) if part))


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """Every sentence and row of `hits` that can answer, in their order."""
    found: list[Candidate] = []
    known: set[tuple[str, int, int]] = set()
    said: set[str] = set()
    for rank, hit in enumerate(hits):
        chunk = hit.chunk
        heads = {_bare(part) for part in (chunk.title, *chunk.section)}
        before = ""
        for piece in statements(chunk.text, chunk.header):
            marker = _MARKER.match(chunk.text, piece.start, piece.end)
            a, b = marker.end() if marker else piece.start, piece.end
            text = chunk.text[a:b]
            key = (chunk.document_id, chunk.start + a, chunk.start + b)
            once = fold(" ".join(f"{piece.header} {text}".split()))
            first = chunk.start + a == 0
            if not (
                key in known
                or once in said
                or not any(c.isalnum() for c in text)
                or (not piece.header and (_bare(text) in heads or is_heading(chunk.text, a, b, first=first)))
            ):
                known.add(key)
                said.add(once)
                item = a > piece.start
                found.append(Candidate(hit, rank, key[1], key[2], text, piece.header, before, item))
            before = text
    return found


def windows(found: Sequence[Candidate]) -> list[Window]:
    """Neighbouring candidates of a passage under its title, about as many as are read at once."""
    made: list[Window] = []
    group: list[int] = []
    for i, c in enumerate(found):
        if group:
            last, first = found[group[-1]], found[group[0]]
            span = c.hit.chunk.text[first.start - c.hit.chunk.start : c.end - c.hit.chunk.start]
            if last.rank != c.rank or c.start < last.end or c.header != last.header or tokens_of(span) > WINDOW_TOKENS:
                made.append(_window(found, group))
                group = []
        group.append(i)
    return [*made, _window(found, group)] if group else made


def _window(found: Sequence[Candidate], group: Sequence[int]) -> Window:
    first, last = found[group[0]], found[group[-1]]
    chunk = first.hit.chunk
    head = "".join(f"{line}\n" for line in (under(chunk)[:120], first.header[:200]) if line)
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
    return blank and short and not any(c.isdigit() for c in line) and line[:1].isupper()


def _bare(text: str) -> str:
    return fold(text.strip("#*_ \t.:"))
