"""Is confidence worth its number? Expected calibration error, Brier score, area under the ROC curve."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["auroc", "brier", "expected_calibration_error"]

Floats = npt.NDArray[np.float64]


def expected_calibration_error(confidence: npt.ArrayLike, correct: npt.ArrayLike, bins: int = 10) -> float:
    """Mean |accuracy − confidence| over bins of equal mass, weighted by their size (Nguyen & O'Connor 2015).

    Ties are kept in one bin: a bin ends only between different confidences, so the order of equal ones cannot matter.
    """
    if bins < 1:
        raise ValueError(f"bins={bins} is below 1; use at least one bin")
    p, y = _pair(confidence, correct)
    order = np.argsort(p, kind="stable")
    p, y = p[order], y[order]
    edges = [0]
    for b in range(1, bins):
        cut = round(b * len(p) / bins)
        while 0 < cut < len(p) and p[cut] == p[cut - 1]:
            cut += 1
        if edges[-1] < cut < len(p):
            edges.append(cut)
    edges.append(len(p))
    parts = pairwise(edges)
    return float(sum(abs(p[a:b].mean() - y[a:b].mean()) * (b - a) for a, b in parts) / len(p))


def brier(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> float:
    """Mean squared difference of confidence and outcome (Brier 1950)."""
    p, y = _pair(confidence, correct)
    return float(np.mean((p - y) ** 2))


def auroc(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> float:
    """Chance that a right answer is more confident than a wrong one, ties counted half (Mann–Whitney).

    Raises ValueError when all outcomes are the same.
    """
    p, y = _pair(confidence, correct)
    right, wrong = p[y == 1], p[y == 0]
    if not len(right) or not len(wrong):
        raise ValueError("AUROC needs right and wrong answers; all outcomes are the same")
    ranks = _mid_ranks(p)
    n, m = len(right), len(wrong)
    return float((ranks[y == 1].sum() - n * (n + 1) / 2) / (n * m))


def _mid_ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: Floats = (last - counts + 1 + last) / 2
    return middle[inverse]


def _pair(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> tuple[Floats, Floats]:
    p, y = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    if p.shape != y.shape or p.ndim != 1 or not len(p):
        raise ValueError(f"confidence {p.shape} and correct {y.shape} must be one list each, equally long, not empty")
    if not (p.min() >= 0 and p.max() <= 1):  # so that NaN is refused too
        raise ValueError("confidence lies outside [0, 1]; give probabilities")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("correct must be 0 or 1 for each answer")
    return p, y
