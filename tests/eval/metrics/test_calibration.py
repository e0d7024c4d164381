"""Calibration against scikit-learn and a plain re-derivation, with ties."""

from __future__ import annotations

import numpy as np
import pytest
from ragkit.eval.metrics.calibration import auroc, brier, expected_calibration_error


def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n = int(rng.integers(2, 40))
    steps = int(rng.integers(2, 12))  # few distinct values: many ties
    p = rng.integers(0, steps, n) / (steps - 1)
    return p, (rng.random(n) < 0.5).astype(float)


def test_auroc_and_brier_equal_scikit_learn_on_10000_random_cases() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    for i in range(10_000):
        p, y = draw(rng)
        if i % 100 == 0:  # scikit-learn is slow; every case is checked by counting pairs below
            assert brier(p, y) == pytest.approx(metrics.brier_score_loss(y, p, pos_label=1), abs=1e-9)
            if 0 < y.sum() < len(y):
                assert auroc(p, y) == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-9)
        if 0 < y.sum() < len(y):
            right, wrong = p[y == 1][:, None], p[y == 0][None, :]
            assert auroc(p, y) == pytest.approx(((right > wrong) + 0.5 * (right == wrong)).mean(), abs=1e-9)


def plain_ece(p: np.ndarray, y: np.ndarray, bins: int) -> float:
    """Groups of equal confidence are put into a bin until it reaches the next b/bins of all answers."""
    groups = [(v, [float(t) for q, t in zip(p, y, strict=True) if q == v]) for v in sorted(set(p))]
    cuts, taken = [round(b * len(p) / bins) for b in range(1, bins)], 0
    made: list[list[tuple[float, float]]] = [[]]
    for value, outcomes in groups:
        if made[-1] and any(c <= taken for c in cuts):
            made.append([])
        cuts = [c for c in cuts if c > taken]
        made[-1] += [(value, o) for o in outcomes]
        taken += len(outcomes)
    return float(sum(abs(sum(v - o for v, o in b)) for b in made) / len(p))


def test_ece_equals_a_plain_rederivation_on_10000_random_cases() -> None:
    rng = np.random.default_rng(1)
    for _ in range(10_000):
        p, y = draw(rng)
        bins = int(rng.integers(1, 12))
        assert expected_calibration_error(p, y, bins) == pytest.approx(plain_ece(p, y, bins), abs=1e-9)


def test_ece_does_not_depend_on_the_order_of_ties() -> None:
    p, y = np.array([0.5] * 10), np.array([1.0] * 5 + [0.0] * 5)
    assert expected_calibration_error(p, y) == expected_calibration_error(p, y[::-1]) == 0.0


@pytest.mark.parametrize("confidence", [[-0.1, 0.5], [1.1, 0.5], [float("nan"), 0.5]])
def test_confidence_outside_probabilities_is_refused(confidence: list[float]) -> None:
    with pytest.raises(ValueError, match="outside"):
        brier(confidence, [0, 1])


def test_auroc_of_one_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="all outcomes are the same"):
        auroc([0.1, 0.9], [1, 1])
