"""Strategies: how an answer is reasoned, one idea per file, found by name."""

from __future__ import annotations

from ..catalogue import STRATEGIES
from .base import Strategy

__all__ = ["STRATEGIES", "strategy"]


def strategy(name: str) -> Strategy:
    """Return a new strategy of that name. Raises UsageError naming the known ones."""
    made: Strategy = STRATEGIES.load(name)()
    return made
