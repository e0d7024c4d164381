"""The logistic layers on top of the adapter, fitted on documents that it was not trained on.

The kept documents are divided once more by the hash of their name: one half fits the layer, the other measures it.
Newton's method on the log-loss, both labels weighing the same, with a ridge on standardised features.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["fit_layer", "measures", "surround", "write_layer"]

Floats = npt.NDArray[np.float64]
RIDGE = 2.0


def measures(group: str) -> bool:
    """Whether a kept document is of the half that measures."""
    return hashlib.sha256(group.encode()).digest()[2] % 2 == 0


def fit_layer(rows: Floats, labels: npt.NDArray[np.bool_], weights: Floats | None = None) -> tuple[float, Floats]:
    """(bias, coefficients) for rows of features, shape (n, features)."""
    mean, spread = rows.mean(0), rows.std(0)
    spread[spread < 1e-6] = 1.0
    x = np.hstack([np.ones((len(rows), 1)), (rows - mean) / spread])
    share = labels.mean()
    each = np.where(labels, 0.5 / share, 0.5 / (1 - share)) * (1.0 if weights is None else weights)
    ridge = np.full(x.shape[1], RIDGE)
    ridge[0] = 0.0
    w = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (each * (p - labels)) + ridge * w
        hessian = (x * (each * p * (1 - p))[:, None]).T @ x + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    coefficients = w[1:] / spread
    return float(w[0] - coefficients @ mean), coefficients


def write_layer(
    path: Path, names: Sequence[str], bias: float, coefficients: Floats, *, low: float = 0.5, high: float = 0.5
) -> None:
    """Write a layer as `ragkit.reader.layer` reads it."""
    weights = {n: round(float(c), 4) for n, c in zip(names, coefficients, strict=True)}
    found = {"bias": round(bias, 4), "low": round(low, 3), "high": round(high, 3), "weights": weights}
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def surround(examples: Sequence[dict[str, Any]], rng: Random, *, most: int = 3) -> list[str]:
    """A document for each example: its evidence among that of others of its language, as in documents."""
    by_language: dict[str, list[str]] = {}
    for e in examples:
        by_language.setdefault(e["language"], []).append(e["second"])
    found = []
    for e in examples:
        same = by_language[e["language"]]
        others = [o for o in rng.sample(same, min(rng.randint(0, most), len(same))) if o != e["second"]]
        parts = [e["second"], *others]
        rng.shuffle(parts)
        found.append("\n\n".join(parts))
    return found
