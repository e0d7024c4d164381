"""Intervals hold what they promise, and the tests agree with textbook formulas and exact enumeration."""

from __future__ import annotations

import itertools
import math
import statistics
from random import Random

import numpy as np
import pytest
from ragkit.eval.metrics.statistics import (
    cluster_bootstrap,
    estimate,
    majority_accuracy,
    mcnemar,
    pass_at_k,
    pooled,
    smallest_detectable,
    standard_error,
)
from scipy import stats


def plain_clustered_error(scores: list[float], clusters: list[int]) -> float:
    n, mean = len(scores), sum(scores) / len(scores)
    sums: dict[int, float] = {}
    for score, name in zip(scores, clusters, strict=True):
        sums[name] = sums.get(name, 0.0) + score - mean
    return math.sqrt(sum(s * s for s in sums.values()) * len(sums) / (len(sums) - 1)) / n


def test_standard_errors_equal_their_formulas_on_10000_random_cases() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10_000):
        n = int(rng.integers(2, 25))
        scores = rng.random(n) if rng.random() < 0.5 else (rng.random(n) < 0.5).astype(float)
        clusters = [int(c) for c in rng.integers(0, max(2, n // 2), n)]
        values = scores.tolist()
        assert abs(standard_error(scores) - statistics.stdev(values) / math.sqrt(n)) < 1e-9
        if len(set(clusters)) > 1:
            assert abs(standard_error(scores, clusters) - plain_clustered_error(values, clusters)) < 1e-9


def test_singleton_clusters_give_the_plain_error() -> None:
    scores = np.random.default_rng(1).random(50)
    assert standard_error(scores, list(range(50))) == pytest.approx(standard_error(scores))


def test_wilson_equals_scipy() -> None:
    for n, right in itertools.product((1, 5, 40), (0, 1, 3, 39)):
        if right <= n:
            want = stats.binomtest(right, n).proportion_ci(method="wilson")
            got = estimate([1.0] * right + [0.0] * (n - right))
            assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-9)


def test_t_interval_equals_scipy() -> None:
    scores = np.random.default_rng(2).normal(size=30)
    want = stats.ttest_1samp(scores, 0).confidence_interval()
    got = estimate(scores)
    assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-9)


def test_mcnemar_equals_the_enumerated_binomial() -> None:
    for only_a, only_b in itertools.product(range(9), range(9)):
        a = [True] * only_a + [False] * only_b + [True] * 3
        b = [False] * only_a + [True] * only_b + [True] * 3
        n, few = only_a + only_b, min(only_a, only_b)
        want = min(1.0, 2 * sum(math.comb(n, i) for i in range(few + 1)) / 2**n) if n else 1.0
        assert mcnemar(a, b) == pytest.approx(want, abs=1e-12)


def test_pass_at_k_equals_enumeration_of_draws() -> None:
    for n in range(1, 8):
        for right, k in itertools.product(range(n + 1), range(1, n + 1)):
            draws = list(itertools.combinations(range(n), k))
            want = sum(any(i < right for i in draw) for draw in draws) / len(draws)
            assert pass_at_k(n, right, k) == pytest.approx(want, abs=1e-12)


def test_majority_is_the_mean_over_all_orders_of_first_seen_votes() -> None:
    rng = Random(0)
    for _ in range(200):
        answers = [rng.choice("abc") for _ in range(rng.randint(1, 5))]
        right = [a == "a" for a in answers]
        outcomes = []
        for order in itertools.permutations(range(len(answers))):
            votes = [answers[i] for i in order]
            most = max(votes.count(v) for v in votes)
            winners = sorted({v for v in votes if votes.count(v) == most})
            outcomes.append(sum(w == "a" for w in winners) / len(winners))
        assert majority_accuracy(answers, right) == pytest.approx(sum(outcomes) / len(outcomes))


def coverage(rng: np.random.Generator, runs: int, *, clusters: int, size: int, p: float, spread: float) -> float:
    """Share of intervals that hold the true mean; cluster means are Beta-distributed with the given spread."""
    held = 0
    for _ in range(runs):
        means = rng.beta(p * spread, (1 - p) * spread, clusters) if spread else np.full(clusters, p)
        scores = (rng.random((clusters, size)) < means[:, None]).astype(float).ravel()
        names = None if size == 1 else list(np.repeat(np.arange(clusters), size))
        got = estimate(scores, names)
        held += got.low <= p <= got.high
    return held / runs


COVERAGE = [
    {"clusters": 200, "size": 1, "p": 0.5, "spread": 0.0},
    {"clusters": 60, "size": 1, "p": 0.9, "spread": 0.0},
    {"clusters": 100, "size": 5, "p": 0.6, "spread": 3.0},
    {"clusters": 40, "size": 8, "p": 0.5, "spread": 2.0},
    {"clusters": 50, "size": 4, "p": 0.85, "spread": 4.0},
]


@pytest.mark.parametrize("world", COVERAGE, ids=str)
def test_95_percent_intervals_hold_the_truth(world: dict[str, float]) -> None:
    rng = np.random.default_rng(5)
    assert 0.93 <= coverage(rng, 2000, **world) <= 0.97  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("world", COVERAGE, ids=str)
def test_95_percent_intervals_hold_the_truth_in_many_runs(world: dict[str, float]) -> None:
    rng = np.random.default_rng(6)
    assert 0.935 <= coverage(rng, 20_000, **world) <= 0.968  # type: ignore[arg-type]


def test_ignoring_clusters_would_be_overconfident() -> None:
    rng, held = np.random.default_rng(7), 0
    for _ in range(300):
        scores = np.repeat((rng.random(40) < 0.5).astype(float), 8)
        got = estimate(scores)
        held += got.low <= 0.5 <= got.high
    assert held / 300 < 0.7


def test_bootstrap_interval_holds_the_truth() -> None:
    rng, held, runs = np.random.default_rng(8), 0, 400
    for i in range(runs):
        shared = rng.normal(size=60)
        d = (shared[:, None] + rng.normal(size=(60, 3))).ravel()
        low, high = cluster_bootstrap(d, list(np.repeat(np.arange(60), 3)), draws=500, seed=i)
        held += low <= 0 <= high
    assert 0.91 <= held / runs <= 0.98


def test_all_right_in_clusters_is_not_certainty() -> None:
    got = estimate([1.0] * 20, [0] * 10 + [1] * 10)
    assert got.low < 0.5 and got.high == 1.0


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a number"):
        estimate([1.0, float("nan")])


def test_smallest_detectable_shrinks_with_the_square_root_of_n() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.random(40_000), rng.random(40_000)
    assert smallest_detectable(a[:10_000], b[:10_000]) / smallest_detectable(a, b) == pytest.approx(2, rel=0.05)


def test_a_pooled_share_counts_trials_and_its_error_is_that_of_a_ratio() -> None:
    rng = Random(7)
    for _ in range(300):
        totals = [rng.randint(0, 5) for _ in range(rng.randint(3, 30))] + [1, 2]
        hits = [rng.randint(0, t) for t in totals]
        groups = [rng.randint(0, 9) for _ in totals[2:]] + [10, 11]
        found, p = pooled(hits, totals, groups), sum(hits) / sum(totals)
        sums = [sum(h - p * t for h, t, g in zip(hits, totals, groups, strict=True) if g == c) for c in set(groups)]
        held = {g for g, t in zip(groups, totals, strict=True) if t}
        error = math.sqrt(sum(s * s for s in sums) * len(held) / (len(held) - 1)) / sum(totals)
        assert found.mean == pytest.approx(p, abs=1e-12) and found.n == sum(totals) and found.clusters == len(held)
        assert found.error == pytest.approx(error, abs=1e-9) or sum(totals) == len(held)


def test_a_pooled_share_holds_the_truth_where_answers_differ_in_length_and_truth() -> None:
    rng, held, runs = np.random.default_rng(3), 0, 800
    lengths, chances = np.array([1, 2, 6]), np.array([0.95, 0.8, 0.5])
    truth = float((lengths * chances).sum() / lengths.sum())
    for _ in range(runs):
        kind = rng.integers(0, 3, 80)
        own = rng.beta(4 * chances[kind], 4 * (1 - chances[kind]))
        found = pooled(rng.binomial(lengths[kind], own), lengths[kind])
        held += found.low <= truth <= found.high
    assert 0.93 <= held / runs <= 0.97


def test_a_pooled_share_without_trials_is_refused() -> None:
    for hits, totals in (([0], [0]), ([2], [1]), ([1, 1], [1])):
        with pytest.raises(ValueError, match="a pooled share needs"):
            pooled(hits, totals)
