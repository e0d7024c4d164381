"""Passages: a document cut where its structure allows, sized by what there is to read, with exact offsets.

Three steps. Cut the text into *atoms* (sentences, list items, table rows, lines of code; what is still too long is cut
between words, then between characters). Choose the passages' ends among the atoms' so that the sum of costs is least:
a passage far from the target size costs, and so does an end inside a paragraph, a list, a table or code; a heading
stays with what follows. Then let each passage begin a little earlier, with the last atoms of the one before.

Sizes are in units of reading (`ragkit.text.reading`): words, or characters where words are not set apart. An encoder's
window bounds a passage only where the encoder is to read it whole, which the caller tells: one that falls into six word
pieces a word would cut a paragraph into four.

Target and overlap were measured with the default encoder on five long documents with 472 marked evidence spans: of
120/24, 160/24 and 200/32 tokens, the last finds most spans whole in ten passages (.80, .83, .85) and has the best
recall in five (.76, .77, .79); at an equal number of retrieved tokens it is up to two points behind the first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..errors import UsageError
from .atoms import Atom, CountTokens, Limits, atoms_of, cut, fit, join_small
from .blocks import Block, blocks_of
from .reading import UNIT_CHARACTERS

__all__ = ["CHUNKER_VERSION", "MOST_UNITS", "OVERLAP_UNITS", "TARGET_UNITS", "Passage", "chunk_text"]

CHUNKER_VERSION = "5"
MOST_UNITS = 254
TARGET_UNITS = 200
OVERLAP_UNITS = 32
_LEAST_MOST = 16
_GRAIN = 10  # atoms smaller than target / _GRAIN are joined, so that choosing stays linear


@dataclass(frozen=True, slots=True)
class Passage:
    """`document[start:end] == text`. `section` is the path of headings above its start, `page` counts from 1.

    `header` is the line of column names of the table it begins with or in; `breaks` where further pages start in it.
    """

    start: int
    end: int
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None
    header: str = ""
    breaks: tuple[int, ...] = ()


def chunk_text(
    text: str,
    *,
    media_type: str = "text/plain",
    pages: Sequence[int] = (),
    count_tokens: CountTokens | None = None,
    max_tokens: int = MOST_UNITS,
    most: int = MOST_UNITS,
    target: int | None = None,
    overlap: int | None = None,
) -> list[Passage]:
    """Cut `text` into passages of about `target` units, none above `most`, in the order of their starts.

    Every character that is not white space is in at least one passage; no passage has outer white space; text of
    only white space has none. `pages[i]` is the offset at which page i+1 starts. Target and overlap default to 200 and
    32, less if `most` is small.
    count_tokens: with it, no passage has more than `max_tokens` either; it counts many strings at once and is called a
    few times per document. Raises UsageError for sizes that cannot be met.
    """
    if min(most, max_tokens) < _LEAST_MOST:
        raise UsageError(f"passages of {min(most, max_tokens)} are below {_LEAST_MOST}; allow at least {_LEAST_MOST}")
    most = most if count_tokens is None else min(most, max_tokens)
    target = min(TARGET_UNITS, most * 4 // 5) if target is None else target
    overlap = min(OVERLAP_UNITS, most // 8) if overlap is None else overlap
    if not 1 <= target <= most:
        raise UsageError(f"target={target} is outside 1..{most}; keep it within the most that a passage may have")
    if not 0 <= overlap <= most // 2:
        raise UsageError(f"overlap={overlap} is outside 0..{most // 2}; keep it within half of a passage")
    limits = Limits(most, max_tokens, count_tokens)
    blocks = blocks_of(text, media_type)
    atoms = fit(text, atoms_of(text, blocks), limits)
    atoms = join_small(atoms, blocks, max(1, target // _GRAIN))
    _demote_huge_headings(atoms, blocks, limits)
    ends = _choose_ends(atoms, blocks, target, limits, _header_sizes(atoms, blocks, limits))
    spans: list[tuple[int, int, int]] = []
    before, begin = -1, 0
    for stop in ends:
        first = _reach_back(atoms, blocks, before + 1, begin, stop, overlap, limits)
        spans.append((atoms[first].start, atoms[begin].start, atoms[stop - 1].end))
        before, begin = begin, stop
    fitted = _shrink(text, spans, limits)
    starts = [block.start for block in blocks]
    return [_passage(text, a, b, blocks, starts, pages) for a, b in fitted]


def _passage(
    text: str, start: int, end: int, blocks: Sequence[Block], starts: Sequence[int], pages: Sequence[int]
) -> Passage:
    page = max(1, bisect_right(pages, start)) if pages else None
    breaks = tuple(pages[page : bisect_left(pages, end)]) if page is not None else ()
    header = blocks[bisect_right(starts, start) - 1].header
    return Passage(start, end, text[start:end], _section(blocks, starts, start, end), page, header, breaks)


def _header_sizes(atoms: Sequence[Atom], blocks: Sequence[Block], limits: Limits) -> list[tuple[int, int]]:
    """For each atom, what the header takes that is read with a passage beginning there; at most half of a passage."""
    named = sorted({block.header for block in blocks if block.header})
    if not named:
        return [(0, 0)] * len(atoms)
    sizes = dict(zip(named, limits.sizes(named), strict=True))
    taken = []
    for atom in atoms:
        block = blocks[atom.block]
        units, tokens = sizes[block.header] if block.header and atom.start > block.start else (0, 0)
        taken.append((min(units, limits.units // 2), min(tokens, limits.tokens // 2)))
    return taken


def _demote_huge_headings(atoms: list[Atom], blocks: list[Block], limits: Limits) -> None:
    """A "heading" that leaves no room for what follows it is text."""
    for this, following in pairwise(atoms):
        block = blocks[this.block]
        excess = limits.excess(this.units + following.units, this.tokens + following.tokens)
        if block.kind == "heading" and excess > 1:
            blocks[this.block] = replace(block, kind="text")


def _choose_ends(
    atoms: Sequence[Atom], blocks: Sequence[Block], target: int, limits: Limits, headers: Sequence[tuple[int, int]]
) -> list[int]:
    """Return the index after the last atom of each passage: the cheapest way to cover all atoms in order.

    headers: units and tokens of what is read above a passage which begins with that atom.
    """
    count = len(atoms)
    best = [0.0] + [float("inf")] * count
    came_from = [0] * (count + 1)
    seam = [0.0, *(_seam_cost(atoms, blocks, i) for i in range(1, count)), 0.0]
    most_chars = limits.units * UNIT_CHARACTERS
    for stop in range(1, count + 1):
        units = tokens = 0
        for start in range(stop - 1, -1, -1):
            units, tokens = units + atoms[start].units, tokens + atoms[start].tokens
            whole = units + headers[start][0]
            excess = limits.excess(whole, tokens + headers[start][1])
            too_long = excess > 1 or atoms[stop - 1].end - atoms[start].start > most_chars
            if too_long and start < stop - 1:
                break
            off = (whole - target) / target
            cost = best[start] + off * off + seam[stop]
            if cost < best[stop]:
                best[stop], came_from[stop] = cost, start
            if blocks[atoms[start].block].kind == "heading" and not _glued(atoms, blocks, start):
                break  # a section's first heading: a passage does not reach over it
    ends: list[int] = []
    stop = count
    while stop > 0:
        ends.append(stop)
        stop = came_from[stop]
    return ends[::-1]


def _glued(atoms: Sequence[Atom], blocks: Sequence[Block], at: int) -> bool:
    """Whether atom `at` may not start a passage because the atom before it is a heading."""
    return at > 0 and atoms[at].block != atoms[at - 1].block and blocks[atoms[at - 1].block].kind == "heading"


def _seam_cost(atoms: Sequence[Atom], blocks: Sequence[Block], at: int) -> float:
    """What it costs to end a passage before atom `at`."""
    if _glued(atoms, blocks, at):
        return 1e6
    own, before = blocks[atoms[at].block], blocks[atoms[at - 1].block]
    if own.kind == "heading":
        return 0.0
    if before.introduces and own.kind in ("item", "table", "code"):
        return 2.0
    if own.kind == "code" and own.level:
        return 0.3 if atoms[at].block != atoms[at - 1].block else 0.5
    if atoms[at].block == atoms[at - 1].block:
        return {"code": 0.5, "table": 0.3}.get(own.kind, 0.15)
    return 0.1 if own.kind == before.kind == "item" else 0.05


def _reach_back(
    atoms: Sequence[Atom], blocks: Sequence[Block], floor: int, begin: int, stop: int, overlap: int, limits: Limits
) -> int:
    """Return the first atom of a passage after taking up to `overlap` units from the one before it.

    `floor` is the second atom of the passage before: a passage never holds all of another.
    """
    if blocks[atoms[begin].block].kind == "heading":
        return begin
    section = blocks[atoms[begin].block].section
    room = min(overlap, limits.units - sum(atom.units for atom in atoms[begin:stop]))
    tokens = limits.tokens - sum(atom.tokens for atom in atoms[begin:stop])
    first = begin
    while first > floor and atoms[first - 1].units <= room and atoms[first - 1].tokens <= tokens:
        previous = blocks[atoms[first - 1].block]
        if previous.section != section or previous.kind not in ("text", "item"):
            break
        room, tokens = room - atoms[first - 1].units, tokens - atoms[first - 1].tokens
        first -= 1
    return first


def _shrink(text: str, spans: Sequence[tuple[int, int, int]], limits: Limits) -> list[tuple[int, int]]:
    """Hold every passage to its limits by measuring it as a whole: first without its overlap, then cut.

    Only tokenizers whose counts do not add up over white space get here.
    """
    out: list[tuple[int, int]] = []
    over: list[tuple[int, int]] = []
    for (start, begin, end), size in zip(spans, limits.sizes([text[a:b] for a, _, b in spans]), strict=True):
        if limits.excess(*size) <= 1:
            out.append((start, end))
        else:
            over.append((begin, end))
    while over:
        rest: list[tuple[int, int]] = []
        for (a, b), size in zip(over, limits.sizes([text[a:b] for a, b in over]), strict=True):
            if limits.excess(*size) <= 1 or b - a <= 1:
                out.append((a, b))
            else:
                rest.extend((piece.start, piece.end) for piece in cut(text, Atom(a, b, 0), 2))
        over = rest
    longest: dict[int, int] = {}  # what a cut left may begin where the next passage's overlap does
    for a, b in out:
        longest[a] = max(b, longest.get(a, b))
    return sorted(longest.items())


def _section(blocks: Sequence[Block], starts: Sequence[int], start: int, end: int) -> tuple[str, ...]:
    """The path of the first block of the passage that is not a heading, else of its last heading."""
    at = bisect_right(starts, start) - 1
    while blocks[at].kind == "heading" and at + 1 < len(blocks) and blocks[at + 1].start < end:
        at += 1
    return blocks[at].section
