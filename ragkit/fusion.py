"""Adaptive fusion: one score out of what the encoder and the words say, as good as the better of them.

Every part speaks in log-odds, so they add, and a score depends on its own chunk alone, not on the other candidates:

    score = SHARPNESS · trust · cosine  +  LEXICAL · (lexical + CLOSENESS · closeness) / ln(1 + chunks)

* *cosine* of question and chunk. Contrastive encoders of the sentence-transformers family are trained on
  softmax(20 · cosine), so 20 · cosine is their own estimate of log p(chunk | question).
* *trust* (0 to 1): how well the encoder knows the language, learnt from the index's own text (`ragkit.index.trust`).
  Before that it is read off the tokenizer: a language that an encoder was not trained on falls into many word pieces
  per word (all-MiniLM-L6-v2: English 1.0-1.6, German 2.3, Cyrillic 6).
* *lexical* = BM25 of word stems + BM25 of character n-grams / 3, one query of the lexical view. BM25 is a sum of
  log-odds under independence (Robertson & Zaragoza 2009); grams overlap, hence their smaller share. An IDF is at most
  about ln(1 + chunks), so dividing by it counts matches in units of "a word found in this chunk alone", and the balance
  with the cosine holds from hundreds of chunks to many thousands.
* *closeness*: words that stand together in the question stand together in the chunk (after Büttcher, Clarke & Lushman
  2006). It reads the chunk's text, so it is added to the first `REREAD` candidates alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from .changes import FloatArray, IdArray

__all__ = ["REREAD", "add_closeness", "closeness", "expected_trust", "fill", "fuse"]

SHARPNESS = 20.0  # the scale of cosines in the encoder's training loss
LEXICAL = 1.8  # nats per match of a word that one chunk alone holds; 1.4 to 2.3 do equally well
CLOSENESS = 1.25  # weight of one close pair beside one matched word
KNOWN, UNKNOWN = 1.5, 3.0  # word pieces per word: an encoder's own languages lie below the first
REACH = 3  # how far apart two words of a question may stand to make a pair
REREAD = 10  # candidates whose text is read for closeness; reading more changes no first hit


def expected_trust(pieces_per_word: float) -> float:
    """Return how far to trust the encoder where nothing was learnt: 1 up to 1.5 word pieces per word, to 0 at 3."""
    return float(np.clip((UNKNOWN - pieces_per_word) / (UNKNOWN - KNOWN), 0.0, 1.0))


def fill(ids: IdArray, found: IdArray, scores: FloatArray, *, full: bool) -> FloatArray:
    """Align the scores of one half, found best first, to `ids`; shape (len(ids),).

    A chunk the half did not find scored no more than the last it did find: it gets that score when the list is `full`
    (as long as was asked for), and 0 when the list ended early, because then nothing else matched.
    Every id of `found` must be in `ids`, which must be sorted.
    """
    floor = float(scores[-1]) if full and len(scores) else 0.0
    aligned = np.full(len(ids), floor, dtype=np.float32)
    aligned[np.searchsorted(ids, found)] = scores
    return aligned


def fuse(dense: FloatArray, lexical: FloatArray, *, trust: float, chunks: int) -> FloatArray:
    """Return the fused score of each candidate, before closeness; higher is better.

    dense: cosines, shape (n,), exact for every candidate. lexical: BM25 of stems and grams, shape (n,), see `fill`.
    trust: in the encoder, 0 to 1. chunks: how many chunks the index holds.
    """
    fused = SHARPNESS * trust * dense + _per_rare_word(chunks) * lexical
    return np.asarray(fused, dtype=np.float32)


def closeness(question: Sequence[tuple[str, float]], passage: Sequence[str]) -> float:
    """Return how closely the question's neighbouring words stand in a passage, at least 0.

    question: stems in order with their IDF; passage: stems in order, by the same tokenizer. Each pair of different
    stems at most 3 words apart in the question adds the smaller IDF divided by their least distance in the passage:

    >>> closeness([("price", 2.0), ("of", 0.1), ("oil", 3.0)], ["oil", "price"])
    2.0
    """
    pairs = [
        (first, second, min(weight, other))
        for i, (first, weight) in enumerate(question)
        for second, other in question[i + 1 : i + 1 + REACH]
        if first != second
    ]
    wanted = {stem for first, second, _ in pairs for stem in (first, second)}
    places: dict[str, list[int]] = {}
    for place, stem in enumerate(passage):
        if stem in wanted:
            places.setdefault(stem, []).append(place)
    return sum(
        weight / _least_distance(places[first], places[second])
        for first, second, weight in pairs
        if first in places and second in places
    )


def add_closeness(fused: FloatArray, close: Sequence[float], *, chunks: int) -> FloatArray:
    """Return `fused` (best first) with the closeness of its first `len(close)` candidates added.

    Closeness only adds, so candidates that were not read stay behind those that were. The result is not sorted anew.
    """
    raised = fused.copy()
    raised[: len(close)] += _per_rare_word(chunks) * CLOSENESS * np.asarray(close, dtype=np.float32)
    return raised


def _per_rare_word(chunks: int) -> float:
    return LEXICAL / log(1 + max(chunks, 1))


def _least_distance(first: Sequence[int], second: Sequence[int]) -> int:
    """Least distance between two ascending, disjoint lists of places, in one walk over both."""
    i = j = 0
    least = abs(first[0] - second[0])
    while i < len(first) and j < len(second):
        least = min(least, abs(first[i] - second[j]))
        if first[i] < second[j]:
            i += 1
        else:
            j += 1
    return least
