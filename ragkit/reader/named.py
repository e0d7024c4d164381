"""A reader made of any cross-encoder or reranker by name: it scores each sentence under its headings."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..rerank import CrossEncoderReranker
from .answers import Found
from .candidates import Candidate

__all__ = ["NamedReader"]


class NamedReader:
    """A cross-encoder of the hub or a folder. low, high: chances between which it is not sure.

    Its scores are read as chances where they all lie in [0, 1], as sentence-transformers gives them for models of one
    label, and as log-odds elsewhere. `bench/extractive.py` shows where its thresholds lie best.
    """

    def __init__(self, name: str, *, low: float = 0.3, high: float = 0.6) -> None:
        self._model = CrossEncoderReranker(name)
        self.name, self.low, self.high = name, low, high

    def read(self, question: str, found: Sequence[Candidate]) -> list[Found]:
        """Every candidate with its chance, best first."""
        scores = self._model.score(question, [f"{c.aside}\n{c.text}" for c in found]).tolist()
        if any(not 0 <= s <= 1 for s in scores):
            scores = [1 / (1 + math.exp(-max(-30.0, min(30.0, s)))) for s in scores]
        read = [Found(c, float(s)) for c, s in zip(found, scores, strict=True)]
        return sorted(read, key=lambda f: -f.chance)
