"""SQuAD's own exact match and F1, to the letter (Rajpurkar et al. 2016; the script of SQuAD 2.0), for comparison.

They know ASCII punctuation and English articles alone: 2.1 is 21 to them. ragkit's own are in `answers`.

>>> exact_match("The Eiffel Tower!", ["eiffel tower"])
1.0
>>> round(f1("a big big dog", ["big dog"]), 3)
0.8
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from .overlap import f1_of

__all__ = ["exact_match", "f1", "normalise"]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)


def normalise(text: str) -> str:
    """Lower-case, strip ASCII punctuation, drop English articles, collapse white space."""
    lowered = "".join(c for c in text.lower() if c not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def exact_match(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """1.0 if the normalised prediction equals a normalised gold answer, whatever the language.

    No gold: the empty prediction is right.
    """
    return float(normalise(prediction) in _answers(golds))


def f1(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """Greatest token F1 over the gold answers, on multisets; if either side is empty, F1 is their equality."""
    said = normalise(prediction).split()
    return max(f1_of(said, gold.split()) for gold in _answers(golds))


def _answers(golds: Sequence[str]) -> list[str]:
    """Normalised gold answers without empty ones; if none is left, the empty answer, as the script has it."""
    return [g for g in map(normalise, golds) if g] or [""]
