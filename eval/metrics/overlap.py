"""F1 of two lists of units, on multisets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

__all__ = ["f1_of"]


def f1_of(said: Sequence[str], gold: Sequence[str]) -> float:
    """Harmonic mean of the share of `said` that `gold` has and the share of `gold` that is said.

    If either is empty, 1.0 for both.

    >>> f1_of(["dog", "dog"], ["dog", "cat"])
    0.5
    """
    if not said or not gold:
        return float(len(said) == len(gold))
    common = sum((Counter(said) & Counter(gold)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(said), common / len(gold)
    return 2 * precision * recall / (precision + recall)
