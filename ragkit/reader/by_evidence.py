"""The reader without a trained part: what a sentence means and what it says, against a threshold.

    evidence = (trust · cos(question, sentence) + COVERAGE · coverage) / (trust + COVERAGE)
    score    = evidence + PLACE · (score of its passage − score of the best passage)

*trust* is how well the encoder knows the question's language (see `ragkit.fusion`). *coverage* is the share of the
question's words that the sentence holds, each weighted by its rarity among the sentences at hand; a word that stands
only in the title, the headings, a row's column names or the sentence before counts half. Words are compared folded and
by their first letters, which forgives spelling and endings; those with a digit whole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..embedding import EncoderLike
from ..fusion import expected_trust
from ..text.folding import fold
from ..text.language import detect_language, function_words, words
from .answers import Found
from .candidates import Candidate

__all__ = ["EvidenceReader", "coverage", "stems"]

THRESHOLD = 0.45  # of evidence; read off the curve that bench/extractive.py prints
COVERAGE = 0.8
PLACE = 0.015  # per nat of the fused score
ASIDE = 0.5  # weight of a word found beside the sentence, not in it
STEM = 5  # letters compared

_DIGIT = re.compile(r"\d")


class EvidenceReader:
    """`reader = "off"`: every candidate with its evidence, best score first; it never says "probably"."""

    name, low, high, more = "off", THRESHOLD, THRESHOLD, 0.85

    def __init__(self, encoder: EncoderLike) -> None:
        self._encoder = encoder

    def read(self, question: str, found: Sequence[Candidate]) -> list[Found]:
        """The `chance` of each is its evidence, in [0, 1]."""
        if not found:
            return []
        known = expected_trust(self._encoder.pieces_per_word(question))
        rows = self._encoder.encode([f"{c.header}\n{c.text}".strip() for c in found])
        cosines = (rows @ self._encoder.encode_query(question)).tolist()
        covered = coverage(question, [(stems(c.text), stems(c.aside)) for c in found])
        best = found[0].hit.score
        scored = []
        for c, cosine, share in zip(found, cosines, covered, strict=True):
            evidence = (known * max(0.0, cosine) + COVERAGE * share) / (known + COVERAGE)
            scored.append((evidence + PLACE * (c.hit.score - best), Found(c, evidence)))
        return [f for _, f in sorted(scored, key=lambda item: -item[0])]


def coverage(question: str, sentences: Sequence[tuple[frozenset[str], frozenset[str]]]) -> list[float]:
    """Share of the question's word stems each (said, aside) holds, weighted by ln(1 + (n + 1) / (1 + df))."""
    wanted = stems(question, function_words(detect_language(question)))
    weights = {w: math.log(1 + (len(sentences) + 1) / (1 + sum(w in said for said, _ in sentences))) for w in wanted}
    total = sum(weights.values())
    if not total:
        return [0.0] * len(sentences)
    return [
        sum(weight * (1.0 if w in said else ASIDE if w in aside else 0.0) for w, weight in weights.items()) / total
        for said, aside in sentences
    ]


def stems(text: str, skip: frozenset[str] = frozenset()) -> frozenset[str]:
    """The first letters of every word, folded, that is not in `skip`; one with a digit (a number, a code) is whole."""
    return frozenset(w if _DIGIT.search(w) else w[:STEM] for w in map(fold, words(text)) if w not in skip)
