"""Fit a stopping rule on a sweep that was run, and make it the index's: what ``budget="auto"`` then follows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ragkit.config import settings
from ragkit.errors import EvalError
from ragkit.index import Index, open_store
from ragkit.stopping import StoppingRule

from ..metrics.stopping import Fitted, fit, thoughts_of
from .runs import read_run

__all__ = ["CHECKPOINTS", "fit_run", "write_rule"]

CHECKPOINTS = (0, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Where thoughts are looked at when nothing else is said: close together at first, then half as far again each."""


def fit_run(folder: Path, *, epsilon: float, delta: float, rule: str | None = None) -> Fitted:
    """Fit on the answers of the sweep in `folder` after one search, at its first k; `rule`: what makes them right.

    Raises EvalError for a folder that holds no sweep, or one without the probabilities of its answers.
    """
    manifest, rows = read_run(folder)
    if manifest["command"] != "sweep":
        raise EvalError(f"{folder} holds no sweep; a stopping rule is fitted on one: ragkit eval sweep SET --auto")
    asked, grid = manifest["fingerprint"], manifest["grid"]
    k, caps = grid["ks"][0], tuple(grid["caps"])
    kept = [row for row in rows if not row.get("error") and row["hops"] == 0 and row["k"] == k]
    return fit(
        thoughts_of(kept, caps, rule=rule or manifest.get("rule", "contains")),
        caps,
        epsilon=epsilon,
        delta=delta,
        clusters=[row["cluster"] for row in kept],
        made_for={"model": asked["model"].get("name", ""), "strategy": "cot", "k": k},
    )


def write_rule(index: Index, rule: Mapping[str, Any]) -> None:
    """Store a rule, as the summary of its sweep tells it, with the index."""
    checked = StoppingRule.from_dict(rule)
    store = open_store(settings(home=index.folder.parent))
    kept = store.index(index.name).settings
    store.set_settings(index.record.id, {**kept, "stopping": checked.to_dict()})
