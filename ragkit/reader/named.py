"""A reader made of any model of two texts by name: it scores each sentence under its headings."""

from __future__ import annotations

from collections.abc import Sequence

from .answers import Found
from .candidates import Candidate
from .pair_model import PairModel

__all__ = ["NamedReader"]


class NamedReader:
    """A cross-encoder, a reranker or an NLI model. low, high: chances between which it is not sure.

    `python -m bench.extractive FOLDER --reader NAME` shows where its thresholds lie best.
    """

    more = 0.8

    def __init__(self, name: str, *, low: float = 0.3, high: float = 0.6) -> None:
        self._model = PairModel(name)
        self.name, self.low, self.high = name, low, high

    def read(self, question: str, found: Sequence[Candidate]) -> list[Found]:
        """Every candidate with its chance, best first."""
        chances = self._model.chances([(question, f"{c.aside}\n{c.text}".strip()) for c in found]).tolist()
        read = [Found(c, p) for c, p in zip(found, chances, strict=True)]
        return sorted(read, key=lambda f: -f.chance)
