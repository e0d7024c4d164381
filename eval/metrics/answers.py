"""How near an answer is to the gold ones: exact match, token F1, containment (Rajpurkar et al. 2016, SQuAD).

>>> exact_match("The Eiffel Tower!", ["eiffel tower"])
1.0
>>> round(f1("a big big dog", ["big dog"]), 3)
0.8
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

__all__ = ["contains", "exact_match", "f1", "normalise", "tokens"]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_ASCII_PUNCTUATION = frozenset(string.punctuation)


def normalise(text: str, language: str = "en") -> str:
    """Lower-case, strip punctuation, drop English articles, collapse white space.

    English is the published SQuAD script's rule to the letter. Other languages have no article list; punctuation is
    what Unicode calls so (categories P*), and case is folded.
    """
    if language == "en":
        lowered = "".join(c for c in text.lower() if c not in _ASCII_PUNCTUATION)
        return " ".join(_ARTICLES.sub(" ", lowered).split())
    folded = "".join(c for c in text.casefold() if not unicodedata.category(c).startswith("P"))
    return " ".join(folded.split())


def tokens(text: str, language: str = "en") -> list[str]:
    """The normalised words."""
    return normalise(text, language).split()


def exact_match(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """1.0 if the normalised prediction equals a normalised gold answer. No gold: the empty prediction is right."""
    said = normalise(prediction, language)
    return float(said in _answers(golds, language))


def f1(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """Greatest token F1 over the gold answers, on multisets; if either side is empty, F1 is their equality."""
    said = tokens(prediction, language)
    return max(_f1(said, gold.split()) for gold in _answers(golds, language))


def _answers(golds: Sequence[str], language: str) -> list[str]:
    """Normalised gold answers without empty ones; if none is left, the empty answer, as the SQuAD 2.0 script has it."""
    return [g for g in (normalise(gold, language) for gold in golds) if g] or [""]


def _f1(said: list[str], gold: list[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    common = sum((Counter(said) & Counter(gold)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(said), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def contains(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """1.0 if some normalised gold answer stands in the prediction as whole words. Report the answer's length beside it.

    A long answer contains more; with no gold answer it is 0.
    """
    said = f" {normalise(prediction, language)} "
    wanted = [normalise(g, language) for g in golds]
    return float(any(w and f" {w} " in said for w in wanted))
