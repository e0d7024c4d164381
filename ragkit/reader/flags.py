"""Marks for the words of a pair of texts: what kind each word is, and whether the other text says it too.

A small encoder that was trained to embed single texts compares two of them poorly, and one that never learned a
language cannot compare its words at all. The marks tell it, in any language, which words, numbers and names the two
texts share; it learns what follows from that. One mark is one row of a table of embeddings:

    0                                    special tokens and punctuation
    1 + (side · 5 + kind) · 3 + match    side: 0 first text, 1 second; match: 0 none, 1 same beginning, 2 same word
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .tokens import NUMBER, Word, read_words

__all__ = ["FLAGS", "flag_tokens", "match_words"]

KINDS, MATCHES = 5, 3
FLAGS = 1 + 2 * KINDS * MATCHES

Ints = npt.NDArray[np.int64]


def match_words(text: str, other: str) -> list[int]:
    """Return for each word of `text` whether `other` says it: 2 the same word or number, 1 the same beginning, 0 no."""
    said = read_words(other)
    forms, stems = {w.form for w in said}, {w.stem for w in said if w.kind != NUMBER}
    return [_match(w, forms, stems) for w in read_words(text)]


def flag_tokens(first: str, second: str, offsets: Sequence[tuple[int, int]], sides: Sequence[int | None]) -> Ints:
    """Return the mark of each token of a pair, shape (tokens,).

    offsets: of each token in its text. sides: 0, 1, or None for a special token.
    """
    marks = np.zeros(len(offsets), dtype=np.int64)
    of_character = [_by_character(first, second, 0), _by_character(second, first, 1)]
    for i, ((start, _), side) in enumerate(zip(offsets, sides, strict=True)):
        if side is not None and start < len(of_character[side]):
            marks[i] = of_character[side][start]
    return marks


def _by_character(text: str, other: str, side: int) -> Ints:
    marks = np.zeros(len(text) + 1, dtype=np.int64)
    for word, match in zip(read_words(text), match_words(text, other), strict=True):
        marks[word.start : word.end] = 1 + (side * KINDS + word.kind) * MATCHES + match
    return marks


def _match(word: Word, forms: set[str], stems: set[str]) -> int:
    if word.form in forms:
        return 2
    return int(word.kind != NUMBER and len(word.stem) >= 4 and word.stem in stems)
