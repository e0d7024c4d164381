"""Atoms: the spans of a document that a passage is made of and never cut; small enough for the encoder, none too small.

Sentences, list items, table rows and lines of code; what is too long is cut between words, then between characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .blocks import Block, line_spans, trim
from .sentences import sentence_spans

__all__ = ["CHARS_PER_TOKEN", "Atom", "CountTokens", "atoms_of", "cut", "fit", "join_small"]

CHARS_PER_TOKEN = 12  # text with fewer tokens than this is not text the encoder knows; keep such passages short too

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(slots=True)
class Atom:
    """A span never cut; `block` numbers the block it is from, `tokens` counts at least 1."""

    start: int
    end: int
    block: int
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


def fit(text: str, atoms: list[Atom], count_tokens: CountTokens, max_tokens: int) -> list[Atom]:
    """Count the atoms' tokens and cut those that are too long until none is."""
    max_chars = max_tokens * CHARS_PER_TOKEN
    pending, done = atoms, []
    while pending:
        short: list[Atom] = []
        longer: list[Atom] = []
        for atom in pending:
            if atom.end - atom.start <= max_chars:
                short.append(atom)
            else:
                longer.extend(cut(text, atom, -(-(atom.end - atom.start) // max_chars)))
        for atom, tokens in zip(
            short, count_tokens([text[a.start : a.end] for a in short]) if short else (), strict=True
        ):
            atom.tokens = max(1, tokens)
            if atom.tokens > max_tokens and atom.end - atom.start > 1:
                longer.extend(cut(text, atom, max(2, -(-atom.tokens * 5 // (max_tokens * 4)))))
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
                alike = own.kind == other.kind and own.kind != "heading" and own.section == other.section
                most = 0 if not alike else grain // 4 if own.kind == "code" else grain
            if last.tokens + atom.tokens <= most and atom.end - last.start <= most * CHARS_PER_TOKEN:
                last.end, last.tokens = atom.end, last.tokens + atom.tokens
                continue
        joined.append(atom)
    return joined
