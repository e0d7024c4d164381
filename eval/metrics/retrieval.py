"""Ranking metrics with binary relevance; `ranked` holds document ids, best first, each counted once.

>>> recall(["d1", "d2", "d3"], {"d2", "d9"}, k=2)
0.5
>>> average_precision(["d1", "d2"], {"d2", "d9"}, k=10)
0.25
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

__all__ = ["all_gold", "average_precision", "first_seen", "hit", "ndcg", "recall", "reciprocal_rank"]


def first_seen(ids: Iterable[str]) -> list[str]:
    """Chunk hits turned into a document ranking: every id at its first place."""
    return list(dict.fromkeys(ids))


def recall(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """|top-k ∩ gold| / |gold|."""
    _check(ranked, gold, k)
    return len(set(ranked[:k]) & set(gold)) / len(set(gold))


def hit(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """1.0 if any gold document is among the top k."""
    _check(ranked, gold, k)
    return float(not set(gold).isdisjoint(ranked[:k]))


def all_gold(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """1.0 if every gold document is among the top k: what a multi-hop question needs."""
    _check(ranked, gold, k)
    return float(set(gold) <= set(ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str], k: int | None = None) -> float:
    """1 / rank of the first gold document, 0 if none is within k."""
    _check(ranked, gold, 1 if k is None else k)
    return next((1 / i for i, d in enumerate(ranked[:k], 1) if d in gold), 0.0)


def ndcg(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """DCG@k / ideal DCG@k with discount 1/log2(i + 1) (Järvelin & Kekäläinen 2002)."""
    _check(ranked, gold, k)
    found = sum(1 / math.log2(i + 1) for i, d in enumerate(ranked[:k], 1) if d in gold)
    ideal = sum(1 / math.log2(i + 1) for i in range(1, min(len(set(gold)), k) + 1))
    return found / ideal


def average_precision(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Mean of precision at each gold document's rank, over min(|gold|, k): gold that was missed counts as zero."""
    _check(ranked, gold, k)
    total, found = 0.0, 0
    for i, document in enumerate(ranked[:k], 1):
        if document in gold:
            found += 1
            total += found / i
    return total / min(len(set(gold)), k)


def _check(ranked: Sequence[str], gold: Collection[str], k: int) -> None:
    if len(set(ranked)) != len(ranked):
        raise ValueError("a document stands twice in the ranking; pass it through first_seen")
    if not gold:
        raise ValueError("a question without gold documents has no retrieval metric; leave it out and count it")
    if k < 1:
        raise ValueError(f"k={k} is below 1; rank at least one document")
