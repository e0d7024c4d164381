"""Sentences found again in what was rendered of them, and marked there: layout is never touched.

An answer's sentences are known as they were written, with their markup; what is shown has other characters around the
same letters. So letters and digits alone are compared, in the order of the page, over cells, lines and emphasis.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Piece", "find_sentences", "written"]


@dataclass(slots=True)
class Piece:
    """A part of HTML: a tag as it is, or text.

    said: text of the answer, not of a button. marks: (start, end, number) of what is marked in it.
    """

    content: str
    is_text: bool = False
    said: bool = False
    marks: list[tuple[int, int, int]] = field(default_factory=list)


def find_sentences(blocks: Sequence[Sequence[Piece]], sentences: Sequence[Sequence[str]]) -> list[int]:
    """Mark each sentence where it stands; returns the numbers of those that stand nowhere.

    sentences: each with the ways it may read, the likeliest first. Found from one to the next, then from the beginning.
    """
    pieces = [p for block in blocks for p in block if p.is_text and p.said]
    places = [(p, k) for p in pieces for k, c in enumerate(p.content) if c.isalnum()]
    letters = "".join(p.content[k] for p, k in places)
    missing, after = [], 0
    for number, ways in enumerate(sentences):
        for way in ways:
            wanted = "".join(c for c in way if c.isalnum())
            at = _find(letters, places, wanted, after) if wanted else -1
            if at >= 0:
                after = at + len(wanted)
                _mark(places[at:after], number)
                break
        else:
            missing.append(number)
    return missing


def _find(letters: str, places: Sequence[tuple[Piece, int]], wanted: str, after: int) -> int:
    """Where `wanted` begins at the beginning of a word, from `after` on, else anywhere; -1 for nowhere."""
    for begin in dict.fromkeys((after, 0)):
        at = letters.find(wanted, begin)
        while at >= 0:
            piece, k = places[at]
            if k == 0 or not piece.content[k - 1].isalnum():
                return at
            at = letters.find(wanted, at + 1)
    return -1


def _mark(places: Sequence[tuple[Piece, int]], number: int) -> None:
    runs: dict[int, tuple[Piece, int, int]] = {}
    for piece, k in places:
        _, begin, _ = runs.get(id(piece), (piece, k, k))
        runs[id(piece)] = (piece, begin, k)
    for piece, begin, last in runs.values():
        end = last + 1
        while end < len(piece.content) and not piece.content[end].isspace() and not piece.content[end].isalnum():
            end += 1  # the full stop, a bracket
        if piece.marks and begin < piece.marks[-1][1]:
            continue  # another sentence has these words
        piece.marks.append((begin, end, number))


def written(pieces: Sequence[Piece], title: str) -> str:
    """The HTML, with the marked words in spans that bear the sentence's number."""
    out = []
    for piece in pieces:
        if not piece.is_text:
            out.append(piece.content)
            continue
        at = 0
        for begin, end, number in sorted(piece.marks):
            inside = html.escape(piece.content[begin:end], quote=False)
            span = f'<span class="rk-unsupported" title="{html.escape(title, quote=True)}" data-claim="{number}">'
            out.append(f"{html.escape(piece.content[at:begin], quote=False)}{span}{inside}</span>")
            at = end
        out.append(html.escape(piece.content[at:], quote=False))
    return "".join(out)
