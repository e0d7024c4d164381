"""A logistic layer: a chance out of named features, by coefficients that were fitted.

chance = σ(bias + Σ weight · feature)
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Layer"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Coefficients by the features' names. low, high: chances below which it is a no, and from which it is a yes."""

    bias: float
    weights: Mapping[str, float]
    low: float = 0.5
    high: float = 0.5

    def chance(self, names: Sequence[str], values: Sequence[float]) -> float:
        """The chance in (0, 1) for features in the order of `names`; those without a coefficient count nothing."""
        score = self.bias + sum(self.weights.get(n, 0.0) * v for n, v in zip(names, values, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))

    @classmethod
    def load(cls, path: Path) -> Layer:
        """Read {"bias": …, "weights": {…}, "low": …, "high": …}."""
        found = json.loads(path.read_text(encoding="utf-8"))
        weights = {str(k): float(v) for k, v in found["weights"].items()}
        return cls(float(found["bias"]), weights, float(found.get("low", 0.5)), float(found.get("high", 0.5)))
