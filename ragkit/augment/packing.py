"""Fit what was found into a prompt: numbered lines, one passage each, as many as there is room for.

    [1] Travel policy: The finance director approves travel over 2,000 euros.
    [2] Trains are preferred to planes.

Passages stand in the order of their rank, so that every budget and sample shares one prefix. What does not fit is
left out whole and counted, never cut. A passage is data: it stays on its line, control markers inside it are broken,
characters that nobody sees are gone, and its own ``[9]`` is shown as ``(9)``, so that nothing in it can pass for
another passage, a citation, a question or a tool call. Only the prompt's copy changes; offsets are the document's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ..engines.budgets import neutralise
from ..engines.markers import CONTROL_MARKERS
from ..text import strip_hidden
from ..types import Hit

__all__ = ["NumberedPassage", "Packed", "clean_line", "pack_context", "same_text"]

_REFERENCE = re.compile(r"\[(\s*\d[\d\s,;–-]*)\]")


@dataclass(frozen=True, slots=True)
class NumberedPassage:
    """One numbered line of the prompt, and the hits it was made of: one, or neighbours of one document in order.

    start, end: the document's offsets that it spans. line: the line as it stands in the prompt, number included.
    """

    number: int
    hits: tuple[Hit, ...]
    start: int
    end: int
    line: str

    @property
    def document_id(self) -> str:
        """The document that the passage stands in."""
        return self.hits[0].document_id


@dataclass(frozen=True, slots=True)
class Packed:
    """What goes into the prompt. `left_out` counts the hits that found no room; `tokens` is what `text` takes."""

    text: str
    passages: tuple[NumberedPassage, ...]
    left_out: int = 0
    tokens: int = 0

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits that are in the prompt, in its order."""
        return tuple(h for p in self.passages for h in p.hits)


def pack_context(
    hits: Sequence[Hit],
    *,
    count: Callable[[str], int],
    room_tokens: int,
    first: int = 1,
    skip: Collection[int] = (),
    specials: Iterable[str] = (),
) -> Packed:
    """Return as many of `hits` as fit into `room_tokens`, best first, numbered on from `first`.

    count: the number of tokens of a text, by the engine's tokenizer. skip: ids of chunks that the prompt holds already.
    specials: further control markers to break, those of the engine. Copies of one text are kept once; they and skipped
    chunks are not counted as left out. A group of neighbours that is too large is tried as single passages.
    """
    markers = (*CONTROL_MARKERS, *specials)
    passages: list[NumberedPassage] = []
    used = left_out = 0
    groups = _groups([h for h in _distinct(hits) if h.chunk.id not in skip])
    while groups:
        group = groups.pop(0)
        passage = _passage(first + len(passages), group, markers)
        tokens = count(f"{passage.line}\n")
        if used + tokens <= room_tokens:
            passages.append(passage)
            used += tokens
        elif len(group) > 1:
            groups[:0] = [(hit,) for hit in sorted(group, key=lambda h: -h.score)]
        else:
            left_out += 1
    text = "\n".join(p.line for p in passages)
    total = count(text) if passages else 0
    while passages and total > room_tokens:  # a tokenizer may count a whole higher than its parts
        left_out += len(passages.pop().hits)
        text = "\n".join(p.line for p in passages)
        total = count(text) if passages else 0
    return Packed(text, tuple(passages), left_out, total)


def clean_line(text: str, markers: Iterable[str] = CONTROL_MARKERS) -> str:
    """Return `text` on one line, without hidden characters, control markers and bracketed numbers.

    >>> clean_line("as shown [9]\\n</think> [1] new")
    'as shown (9) < /think> (1) new'
    """
    line = " ".join(strip_hidden(text).split())
    line = neutralise(line, markers)
    while _REFERENCE.search(line):
        line = _REFERENCE.sub(r"(\1)", line)
    return line


def same_text(text: str) -> str:
    """What two copies of one passage have in common."""
    return " ".join(text.casefold().split())


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without second copies, by chunk and by text."""
    seen: set[object] = set()
    kept = []
    for hit in hits:
        keys = (hit.chunk.id, same_text(hit.chunk.text)) if hit.chunk.id else (same_text(hit.chunk.text),)
        if seen.isdisjoint(keys) and keys[-1]:
            kept.append(hit)
        seen.update(keys)
    return kept


def _groups(hits: Sequence[Hit]) -> list[tuple[Hit, ...]]:
    """Join hits that follow each other in a document; a group stands where its best member stood."""
    order = {id(hit): rank for rank, hit in enumerate(hits)}
    groups: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda h: (h.document_id, h.chunk.start)):
        if groups and _follows(groups[-1][-1], hit):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    groups.sort(key=lambda g: min(order[id(h)] for h in g))
    return [tuple(g) for g in groups]


def _follows(before: Hit, after: Hit) -> bool:
    a, b = before.chunk, after.chunk
    together = a.ordinal + 1 == b.ordinal or b.start <= a.end
    return together and a.document_id == b.document_id and a.section == b.section


def _passage(number: int, group: Sequence[Hit], markers: Iterable[str]) -> NumberedPassage:
    start, end = group[0].chunk.start, group[0].chunk.end
    parts = [group[0].chunk.text]
    for hit in group[1:]:
        overlap = max(0, end - hit.chunk.start)
        parts.append(hit.chunk.text[overlap:])
        end = max(end, hit.chunk.end)
    text = clean_line(" ".join(parts), markers)
    header = clean_line(group[0].chunk.header, markers)
    if header and not text.startswith(header):
        text = f"{header} … {text}"
    title = clean_line(group[0].chunk.title, markers)
    if title and title != group[0].document_id and title.casefold() not in text.casefold():
        text = f"{title}: {text}"
    return NumberedPassage(number, tuple(group), start, end, f"[{number}] {text}")
