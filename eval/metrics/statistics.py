"""How sure a figure is: standard errors, intervals, paired tests (Miller 2024, arXiv:2411.00640).

Scores of questions that share a document move together; their standard error is clustered. Two runs on the same
questions are compared by their differences, which is far sharper than comparing two intervals.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

__all__ = [
    "Estimate",
    "cluster_bootstrap",
    "cluster_index",
    "estimate",
    "majority_accuracy",
    "mcnemar",
    "paired",
    "pass_at_k",
    "pooled",
    "smallest_detectable",
    "standard_error",
]

Floats = npt.NDArray[np.float64]
POWER = 2.8  # 1.96 (5 % two-sided) + 0.84 (80 % power), in standard errors


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval. n: scores; clusters: groups they fall into (equal to n when independent)."""

    mean: float
    low: float
    high: float
    error: float
    n: int
    clusters: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}"


def standard_error(scores: npt.ArrayLike, clusters: Sequence[Hashable] | None = None) -> float:
    """sqrt(s²/n); with clusters sqrt(Σ_c (Σ_{i∈c} (s_i − s̄))² · C/(C−1)) / n. NaN for a single score or cluster."""
    s = np.asarray(scores, np.float64)
    n = len(s)
    if clusters is None:
        return float(np.sqrt(s.var(ddof=1) / n)) if n > 1 else float("nan")
    index = cluster_index(clusters)
    groups = int(index.max()) + 1
    if groups < 2:
        return float("nan")
    sums = np.bincount(index, weights=s - s.mean())
    return float(np.sqrt((sums**2).sum() * groups / (groups - 1)) / n)


def estimate(
    scores: npt.ArrayLike, clusters: Sequence[Hashable] | None = None, level: float = 0.95, *, amount: bool = False
) -> Estimate:
    """Mean and interval; C clusters (or scores) give C−1 degrees of freedom.

    0/1 scores (unless they are an `amount` that happens to be 0 or 1) get Wilson's interval, which holds at small n
    and near 0 and 1; clustered ones at the effective number of scores p(1−p)/SE² (Korn & Graubard 1998), at C when
    all are equal. All else: mean ± t·SE.
    A single cluster says nothing about the spread: its interval is NaN, or Wilson's at n = 1 for 0/1 scores.
    """
    from scipy import stats

    s = np.asarray(scores, np.float64)
    if s.ndim != 1 or not len(s) or not np.isfinite(s).all():
        raise ValueError("an estimate needs at least one score, and each must be a number")
    n, mean = len(s), float(s.mean())
    groups = n if clusters is None else len(set(clusters))
    error = standard_error(s, clusters if groups < n else None)
    binary = not amount and bool(np.isin(s, (0, 1)).all())
    if binary and groups == n:
        low, high = _wilson(mean, n, float(stats.norm.ppf(0.5 + level / 2)))
    elif binary:
        spread = mean * (1 - mean)
        effective = min(spread / error**2, n) if spread > 0 and error > 0 else groups
        quantile = stats.t.ppf(0.5 + level / 2, groups - 1) if groups > 1 else stats.norm.ppf(0.5 + level / 2)
        low, high = _wilson(mean, effective, float(quantile))
    else:
        reach = float(stats.t.ppf(0.5 + level / 2, groups - 1)) * error if groups > 1 else float("nan")
        low, high = mean - reach, mean + reach
    return Estimate(mean, low, high, error, n, groups)


def pooled(
    hits: npt.ArrayLike, totals: npt.ArrayLike, clusters: Sequence[Hashable] | None = None, level: float = 0.95
) -> Estimate:
    """The share Σ hits / Σ totals of units that hold several trials each, as answers hold claims; n counts trials.

    A unit's trials move together: each unit is a cluster of 0/1 scores, or lies within the cluster it is given.
    """
    h, t = np.asarray(hits, np.int64), np.asarray(totals, np.int64)
    if h.shape != t.shape or h.ndim != 1 or (h < 0).any() or (h > t).any() or not t.sum():
        raise ValueError("a pooled share needs as many hits as totals, 0 <= hits <= totals, and one total above 0")
    units = np.arange(len(t)) if clusters is None else cluster_index(clusters)
    first = np.concatenate([np.arange(n) for n in t])  # the trials of each unit, its hits first
    return estimate((first < np.repeat(h, t)).astype(np.float64), np.repeat(units, t).tolist(), level)


def paired(
    scores_a: npt.ArrayLike, scores_b: npt.ArrayLike, clusters: Sequence[Hashable] | None = None, level: float = 0.95
) -> Estimate:
    """B − A over the same questions: mean difference ± t·SE, clustered. Equal differences leave no doubt: SE is 0."""
    from scipy import stats

    a, b = np.asarray(scores_a, np.float64), np.asarray(scores_b, np.float64)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(f"paired scores {a.shape} and {b.shape} must be one list each, equally long, not empty")
    d = b - a
    groups = len(d) if clusters is None else len(set(clusters))
    error = 0.0 if bool((d == d[0]).all()) else standard_error(d, clusters if groups < len(d) else None)
    reach = float(stats.t.ppf(0.5 + level / 2, groups - 1)) * error if groups > 1 else float("nan")
    return Estimate(float(d.mean()), float(d.mean()) - reach, float(d.mean()) + reach, error, len(d), groups)


def _wilson(p: float, n: float, z: float) -> tuple[float, float]:
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def smallest_detectable(
    scores_a: npt.ArrayLike, scores_b: npt.ArrayLike, clusters: Sequence[Hashable] | None = None
) -> float:
    """The smallest mean difference that this many paired questions would show four times in five: 2.8 SE."""
    return POWER * standard_error(np.asarray(scores_a, np.float64) - np.asarray(scores_b, np.float64), clusters)


def mcnemar(right_a: npt.ArrayLike, right_b: npt.ArrayLike) -> float:
    """Exact two-sided p-value that two runs are equally often right, from the questions on which they differ."""
    from scipy import stats

    a, b = np.asarray(right_a, bool), np.asarray(right_b, bool)
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(stats.binomtest(only_a, only_a + only_b, 0.5).pvalue)


def cluster_bootstrap(
    differences: npt.ArrayLike,
    clusters: Sequence[Hashable] | None = None,
    *,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of the mean difference, whole clusters drawn with replacement."""
    d = np.asarray(differences, np.float64)
    index = np.arange(len(d)) if clusters is None else cluster_index(clusters)
    sums, sizes = np.bincount(index, weights=d), np.bincount(index)
    rng, means = np.random.default_rng(seed), np.empty(draws)
    block = max(1, 1_000_000 // len(sums))  # whole draws at a time, so that memory stays flat
    for start in range(0, draws, block):
        picks = rng.integers(0, len(sums), (min(block, draws - start), len(sums)))
        means[start : start + len(picks)] = sums[picks].sum(1) / sizes[picks].sum(1)
    low, high = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Chance that at least one of k samples out of n is right: 1 − C(n−c, k)/C(n, k) (Chen et al. 2021)."""
    if not 1 <= k <= n or not 0 <= correct <= n:
        raise ValueError(f"pass@{k} of {n} samples with {correct} right is not defined; need 1 <= k <= n, 0 <= c <= n")
    return 1.0 - comb(n - correct, k) / comb(n, k)


def majority_accuracy(answers: Sequence[Hashable], right: Sequence[bool]) -> float:
    """Expected accuracy of a majority vote; tied answers share the vote, so the order of samples cannot matter."""
    if not answers or len(answers) != len(right):
        raise ValueError("a vote needs one verdict for each of at least one answer")
    votes: dict[Hashable, list[bool]] = {}
    for answer, good in zip(answers, right, strict=True):
        votes.setdefault(answer, []).append(good)
    most = max(len(v) for v in votes.values())
    winners = [v for v in votes.values() if len(v) == most]
    return sum(sum(v) / len(v) for v in winners) / len(winners)


def cluster_index(clusters: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    """The clusters numbered from 0 in the order they come."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(c, len(known)) for c in clusters], np.int64)
