"""Strategies: how an answer is reasoned, one idea per file, found by name."""

from __future__ import annotations

from importlib import import_module

from ..errors import UsageError
from .base import Strategy

__all__ = ["STRATEGIES", "strategy"]

STRATEGIES = {
    "agent": ("agent", "Agent"),
    "auto": ("auto", "Auto"),
    "best_of_n": ("best_of_n", "BestOfN"),
    "cot": ("cot", "ChainOfThought"),
    "direct": ("direct", "Direct"),
    "extractive": ("extractive", "Extractive"),
    "iterative": ("iterative", "Iterative"),
    "self_consistency": ("self_consistency", "SelfConsistency"),
}
"""Name -> module and class; loaded when asked for."""


def strategy(name: str) -> Strategy:
    """Return a new strategy of that name. Raises UsageError naming the known ones."""
    if name not in STRATEGIES:
        raise UsageError(f"unknown strategy {name!r}; known: {', '.join(STRATEGIES)}")
    module, kind = STRATEGIES[name]
    made: Strategy = getattr(import_module(f".strategies.{module}", __name__), kind)()
    return made
