"""What thinking is worth: Control, Scaling and Performance (Muennighoff et al. 2025, s1), a knee and an alarm.

A curve is a matrix of scores, shape (questions, budgets), with the thinking tokens each sample really used beside it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .statistics import cluster_index, mcnemar, paired, smallest_detectable

__all__ = ["Alarm", "Recommendation", "Scaling", "control", "inverse_scaling", "oracle", "recommended", "scaling"]

Floats = npt.NDArray[np.float64]
LEVEL = 0.05
WORTH = 0.05  # accuracy that nobody would give away unseen
ONE_WAY = 6  # questions that must differ, all in one way, before exact McNemar goes below 5 %: 2 · 2⁻⁶ = .031


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean slope over all pairs of budgets, and the best accuracy.

    per_1000: accuracy per 1,000 thinking tokens. per_doubling: accuracy per doubling of them, over the pairs in which
    both think; None if there is no such pair.
    """

    per_1000: float | None
    per_doubling: float | None
    performance: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Number of the smallest budget that is not shown to be worse than the best one, number `best`.

    loss: accuracy by which it lies below the best one. unseen: the smallest difference that these questions can show.
    too_few: there are too few of them to recommend anything.
    """

    budget: int
    best: int
    loss: float
    unseen: float
    too_few: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """More thinking hurts: from budget number `start` to number `end` accuracy falls by `drop`; p is family-wise."""

    start: int
    end: int
    drop: float
    p: float


def control(thinking: npt.ArrayLike, cap: int | None) -> float:
    """Share of samples whose thinking lies within the cap; with no cap all do."""
    used = np.asarray(thinking, np.float64)
    if not len(used):
        raise ValueError("control needs at least one sample")
    return 1.0 if cap is None else float((used <= cap).mean())


def scaling(tokens: npt.ArrayLike, accuracy: npt.ArrayLike) -> Scaling:
    """tokens: mean thinking tokens of each budget; accuracy: its mean score.

    Pairs of budgets with the same mean thinking have no slope and are left out.
    """
    x, y = np.asarray(tokens, np.float64), np.asarray(accuracy, np.float64)
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise ValueError("a curve needs one accuracy for each of at least one budget")
    pairs = [(i, j) for i, j in combinations(np.argsort(x, kind="stable"), 2) if x[j] > x[i]]
    linear = [(y[j] - y[i]) / (x[j] - x[i]) * 1000 for i, j in pairs]
    doubling = [(y[j] - y[i]) / np.log2(x[j] / x[i]) for i, j in pairs if x[i] > 0]
    return Scaling(
        float(np.mean(linear)) if linear else None, float(np.mean(doubling)) if doubling else None, float(y.max())
    )


def oracle(scores: npt.ArrayLike, tokens: npt.ArrayLike) -> tuple[float, float]:
    """Accuracy and mean thinking tokens of perfect stopping in hindsight: the first budget where a question is best.

    scores, tokens: shape (questions, budgets), budgets ascending. A bound that no rule reaches, for nobody knows in
    advance which answer is right (ThinkBrake, arXiv:2510.00546); a question that is never right costs nothing.
    """
    table, spent = _table(scores), np.asarray(tokens, np.float64)
    first, best = table.argmax(1), table.max(1)
    used = np.where(best > 0, spent[np.arange(len(table)), first], 0.0)
    return float(best.mean()), float(used.mean())


def recommended(scores: npt.ArrayLike, clusters: Sequence[Hashable] | None = None) -> Recommendation:
    """Return the smallest budget that is not shown to be worse than the best one on the same questions.

    scores: shape (questions, budgets), budgets ascending. Worse is shown by a paired 95 % interval that leaves zero out
    and, for 0/1 scores, by exact McNemar too: with few questions that differ the interval alone promises too much.
    What remains may still be worse unseen: by 2.8 SE of its least certain difference, and by `ONE_WAY` questions even
    where none differs. So no budget is recommended when it lies more than `WORTH` below the best one, which may or may
    not be chance, or when no two budgets lie as far apart as what could be seen, unless that is below `WORTH`.
    """
    table = _table(scores)
    means = table.mean(0)
    best = int(means.argmax())
    left = [j for j in range(table.shape[1]) if not _worse(table[:, j], table[:, best], clusters)]
    detectable = [smallest_detectable(table[:, best], table[:, j], clusters) for j in left if j != best]
    unseen = min(1.0, max([ONE_WAY / len(table), *(d if np.isfinite(d) else 1.0 for d in detectable)]))
    loss, spread = float(means[best] - means[left[0]]), float(means.max() - means.min())
    return Recommendation(left[0], best, loss, unseen, loss > WORTH or unseen > max(spread, WORTH))


def _worse(one: Floats, best: Floats, clusters: Sequence[Hashable] | None) -> bool:
    """Whether `one` is shown to be worse than `best`."""
    if not paired(one, best, clusters, 1 - LEVEL).low > 0:
        return False
    binary = bool(np.isin(one, (0, 1)).all() and np.isin(best, (0, 1)).all())
    return not binary or mcnemar(one == 1, best == 1) < LEVEL


def inverse_scaling(
    scores: npt.ArrayLike,
    clusters: Sequence[Hashable] | None = None,
    *,
    level: float = 0.04,
    draws: int = 2000,
    seed: int = 0,
) -> Alarm | None:
    """Return the clearest fall from a smaller budget to a larger one, or None when no fall is beyond chance.

    All pairs of budgets are tested at once: the largest one-sided t of the clustered differences against its
    distribution under random signs of whole clusters (max-T, Westfall & Young 1993; wild cluster bootstrap). So equal
    budgets raise an alarm in about `level` of sweeps, however many there are; 4 % keeps clear of the promised 5 %.
    """
    table = _table(scores)
    pairs = list(combinations(range(table.shape[1]), 2))
    if not pairs or len(table) < 2:
        return None
    falls = np.stack([table[:, i] - table[:, j] for i, j in pairs], 1)
    index = np.arange(len(table)) if clusters is None else cluster_index(clusters)
    groups = int(index.max()) + 1
    sums, sizes = np.zeros((groups, len(pairs))), np.bincount(index)
    np.add.at(sums, index, falls)
    mean = falls.mean(0)
    centred = sums - sizes[:, None] * mean
    spread = np.sqrt((centred**2).sum(0))
    alive = spread > 0
    if groups < 2 or not alive.any():
        return None
    t = np.where(alive, mean * len(table) / np.where(alive, spread, 1), -np.inf)
    signs = np.random.default_rng(seed).integers(0, 2, (draws, groups)) * 2.0 - 1
    # under the null of no fall the mean is 0: sums keep their own size and lose only their direction
    null = signs @ sums[:, alive]
    variance = (sums[:, alive] ** 2).sum(0) - null**2 / groups
    largest = (null / np.sqrt(np.maximum(variance, 1e-12))).max(1)
    worst = int(t.argmax())
    p = (1 + int((largest >= t[worst]).sum())) / (draws + 1)
    if p > level or mean[worst] <= 0:
        return None
    start, end = pairs[worst]
    return Alarm(start, end, float(mean[worst]), p)


def _table(scores: npt.ArrayLike) -> Floats:
    table = np.asarray(scores, np.float64)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise ValueError("a curve is a full matrix of scores, one row for each question, one column for each budget")
    return table
