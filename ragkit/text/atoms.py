"""Atoms: the spans of a document that a passage is made of and never cut; small enough for a passage, none too small.

Sentences, list items, table rows and lines of code; what is too long is cut between words, then between characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from .blocks import Block, line_spans, trim
from .reading import UNIT_CHARACTERS, reading_units
from .sentences import sentence_spans

__all__ = ["Atom", "CountTokens", "Limits", "atoms_of", "cut", "fit", "join_small"]

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a passage may be: in units of reading and, where the encoder has to read all of it, in its tokens."""

    units: int
    tokens: int = 0
    count_tokens: CountTokens | None = None

    def sizes(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """(units, tokens) of each text; no tokens where they are not limited."""
        units = reading_units(texts)
        tokens = self.count_tokens(texts) if self.count_tokens is not None and texts else [0] * len(texts)
        return list(zip(units, tokens, strict=True))

    def excess(self, units: int, tokens: int) -> float:
        """How many times too long something is; at most 1 fits."""
        return max(units / self.units, tokens / self.tokens if self.count_tokens is not None else 0.0)


@dataclass(slots=True)
class Atom:
    """A span never cut. block: number of the block it is from. units: at least 1. tokens: 0 where none are counted."""

    start: int
    end: int
    block: int
    units: int = 0
    tokens: int = 0


def atoms_of(text: str, blocks: Sequence[Block]) -> list[Atom]:
    """Cut each block at its natural seams."""
    atoms: list[Atom] = []
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            spans = [(block.start, block.end)]
        elif block.kind in ("code", "table"):
            spans = line_spans(text, block.start, block.end, quoted=block.separated)
        else:
            spans = [(block.start + a, block.start + b) for a, b in sentence_spans(text[block.start : block.end])]
        atoms.extend(Atom(a, b, number) for a, b in spans)
    return atoms


def fit(text: str, atoms: list[Atom], limits: Limits) -> list[Atom]:
    """Measure the atoms and cut those that are too long until none is."""
    most_chars = limits.units * UNIT_CHARACTERS
    pending, done = atoms, []
    while pending:
        short: list[Atom] = []
        longer: list[Atom] = []
        for atom in pending:  # so that no tokenizer is given more than it is asked about
            if atom.end - atom.start <= most_chars:
                short.append(atom)
            else:
                longer.extend(cut(text, atom, -(-(atom.end - atom.start) // most_chars)))
        for atom, (units, tokens) in zip(short, limits.sizes([text[a.start : a.end] for a in short]), strict=True):
            atom.units, atom.tokens = max(1, units), tokens
            excess = limits.excess(units, tokens)
            if excess > 1 and atom.end - atom.start > 1:
                longer.extend(cut(text, atom, max(2, ceil(excess * 5 / 4))))
            else:
                done.append(atom)
        pending = longer
    return sorted(done, key=lambda atom: atom.start)


_SEAM = re.compile(r"\s+|(?<=[,;:，；、：/\\|&=_.-])(?=\S)")


def cut(text: str, atom: Atom, parts: int) -> list[Atom]:
    """Cut an atom into about `parts` of equal length, between words where there are any."""
    size = max(1, -(-(atom.end - atom.start) // parts))
    pieces: list[Atom] = []
    at = atom.start
    while at < atom.end:
        stop = min(at + size, atom.end)
        if stop < atom.end:
            seams = [m.end() for m in _SEAM.finditer(text, at + size // 2, stop)]
            stop = seams[-1] if seams else _whole(text, at, stop)
        a, b = trim(text, at, stop)
        if a < b:
            pieces.append(Atom(a, b, atom.block))
        at = stop
    return pieces


def _whole(text: str, start: int, stop: int) -> int:
    """Move `stop` back a little so that no mark, joiner or variation selector is torn from its letter."""
    for at in range(stop, max(start, stop - 16), -1):
        if not (_attaches(text[at]) or text[at - 1] == "\u200d"):
            return at
    return stop


def _attaches(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or char in "\u200d\u200c" or "\U0001f3fb" <= char <= "\U0001f3ff"


def join_small(atoms: list[Atom], blocks: Sequence[Block], grain: int) -> list[Atom]:
    """Join tiny neighbours of one kind and section, which are never worth cutting apart: choosing stays linear."""
    joined: list[Atom] = []
    for atom in atoms:
        if joined:
            last, own, other = joined[-1], blocks[atom.block], blocks[joined[-1].block]
            most = grain
            if last.block != atom.block:
                # headings in a row are of different sections, but nothing may part them: each stays with what follows
                alike = own.kind == other.kind and (own.kind == "heading" or own.section == other.section)
                most = 0 if not alike else grain // 4 if own.kind == "code" else grain
            if last.units + atom.units <= most and atom.end - last.start <= most * UNIT_CHARACTERS:
                last.end, last.units, last.tokens = atom.end, last.units + atom.units, last.tokens + atom.tokens
                continue
        joined.append(atom)
    return joined
