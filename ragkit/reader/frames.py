"""The frame of a document's pages: headers, footers, notices, told by their repetition."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from ..types import Chunk

__all__ = ["is_frame"]

TIMES = 3  # that a line repeats to be part of the frame
_NUMBER = re.compile(r"\d+")
_STOPS = tuple(".!?…。！？")
_MOST_WORDS = 40  # of a line that is looked for; a longer one is text


def is_frame(line: str, chunks: Iterable[Chunk]) -> bool:
    """Whether a document repeats `line` in three places or more, as it is or with a page number that counts on.

    "Step 1 costs 5 euros.", "Step 2 costs 6 euros." differ in what they tell: two numbers, or a sentence.

    chunks: all of the document. Those that overlap repeat nothing: places count, not passages.
    """
    words = line.split()
    if not words or len(words) > _MOST_WORDS:
        return False
    parts = [re.escape(w) for w in words]
    counted = not line.rstrip().endswith(_STOPS)
    pattern = re.compile(r"\s+".join(_NUMBER.sub(r"(\\d+)", p) if counted else p for p in parts) + r"(?!\w)")
    places: dict[int, tuple[str, ...]] = {}
    for chunk in chunks:
        for m in pattern.finditer(chunk.text):
            if m.start() == 0 or not chunk.text[m.start() - 1].isalnum():
                places[chunk.start + m.start()] = m.groups()
    rows = [places[at] for at in sorted(places)]
    same = tuple(_NUMBER.findall(line)) if counted else ()
    return sum(row == same for row in rows) >= TIMES or _counts_on(rows)


def _counts_on(rows: list[tuple[str, ...]]) -> bool:
    """Whether one number alone differs from place to place, and goes up by one as pages do."""
    differing = [column for column in zip(*rows, strict=True) if len(set(column)) > 1]
    if len(rows) < TIMES or len(differing) != 1:
        return False
    steps = [int(b) - int(a) for a, b in itertools.pairwise(differing[0])]
    return sum(step == 1 for step in steps) >= len(steps) / 2 and min(steps) >= 0
