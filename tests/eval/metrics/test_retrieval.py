"""Ranking metrics against independent formulas on random rankings; scikit-learn for nDCG where it agrees."""

from __future__ import annotations

import random

import numpy as np
import pytest
from ragkit.eval.metrics.retrieval import (
    all_gold,
    average_precision,
    first_seen,
    hit,
    ndcg,
    recall,
    reciprocal_rank,
)

Case = tuple[list[str], set[str], int]


def cases(count: int, seed: int = 0) -> list[Case]:
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        universe = [f"d{i}" for i in range(rng.randint(1, 30))]
        ranked = rng.sample(universe, rng.randint(0, len(universe)))
        gold = set(rng.sample(universe, rng.randint(1, min(6, len(universe)))))
        made.append((ranked, gold, rng.randint(1, 15)))
    return made


def by_hand(ranked: list[str], gold: set[str], k: int) -> dict[str, float]:
    """Everything from the 0/1 vector of relevance, with array formulas."""
    relevant = np.array([float(d in gold) for d in ranked[:k]] + [0.0] * max(0, k - len(ranked)))
    ranks = np.arange(1, k + 1)
    precision = np.cumsum(relevant) / ranks
    discount = 1 / np.log2(ranks + 1)
    ideal = np.zeros(k)
    ideal[: len(gold)] = 1
    places = np.flatnonzero(relevant)
    return {
        "recall": relevant.sum() / len(gold),
        "hit": float(relevant.any()),
        "all_gold": float(relevant.sum() == len(gold)),
        "rr": 1 / (places[0] + 1) if len(places) else 0.0,
        "ndcg": (relevant @ discount) / (ideal @ discount),
        "ap": (precision * relevant).sum() / min(len(gold), k),
    }


def test_equal_to_array_formulas_on_10000_random_cases() -> None:
    for ranked, gold, k in cases(10_000):
        want = by_hand(ranked, gold, k)
        assert abs(recall(ranked, gold, k) - want["recall"]) < 1e-9
        assert hit(ranked, gold, k) == want["hit"]
        assert all_gold(ranked, gold, k) == want["all_gold"]
        assert abs(reciprocal_rank(ranked, gold, k) - want["rr"]) < 1e-9
        assert abs(ndcg(ranked, gold, k) - want["ndcg"]) < 1e-9
        assert abs(average_precision(ranked, gold, k) - want["ap"]) < 1e-9


def test_ndcg_equals_scikit_learn_where_all_documents_are_ranked() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = random.Random(1)
    for _ in range(200):
        universe = [f"d{i}" for i in range(rng.randint(2, 20))]
        ranked = rng.sample(universe, len(universe))
        gold, k = set(rng.sample(universe, rng.randint(1, len(universe)))), rng.randint(1, 20)
        truth = [[float(d in gold) for d in ranked]]
        scores = [[float(-i) for i in range(len(ranked))]]
        assert ndcg(ranked, gold, k) == pytest.approx(metrics.ndcg_score(truth, scores, k=k), abs=1e-9)


@pytest.mark.slow
def test_equal_to_ranx() -> None:
    ranx = pytest.importorskip("ranx")
    made = [c for c in cases(10_000, seed=2) if c[0]]
    for k in (1, 3, 10):
        qrels = ranx.Qrels({f"{i:05}": dict.fromkeys(gold, 1) for i, (_, gold, _) in enumerate(made)})
        scored = {f"{i:05}": {d: float(-r) for r, d in enumerate(ranked)} for i, (ranked, _, _) in enumerate(made)}
        run = ranx.Run(scored)
        names = {"recall": recall, "hit_rate": hit, "mrr": reciprocal_rank, "ndcg": ndcg}
        theirs = ranx.evaluate(qrels, run, [f"{n}@{k}" for n in names], return_mean=False)
        for name, own in names.items():
            mine = [own(ranked, gold, k) for ranked, gold, _ in made]
            np.testing.assert_allclose(mine, theirs[f"{name}@{k}"], atol=1e-9)


def test_missed_gold_is_not_free_in_average_precision() -> None:
    assert average_precision(["d1"], {"d1", "d2"}, 10) == 0.5


def test_chunks_rank_their_document_once() -> None:
    assert first_seen(["b", "a", "b", "c"]) == ["b", "a", "c"]
    with pytest.raises(ValueError, match="stands twice"):
        ndcg(["a", "a"], {"a"}, 2)


@pytest.mark.parametrize("metric", [recall, hit, all_gold, ndcg, average_precision, reciprocal_rank])
def test_no_gold_and_no_depth_are_refused(metric: object) -> None:
    with pytest.raises(ValueError, match="without gold"):
        metric(["a"], set(), 1)  # type: ignore[operator]
    with pytest.raises(ValueError, match="below 1"):
        metric(["a"], {"a"}, 0)  # type: ignore[operator]
