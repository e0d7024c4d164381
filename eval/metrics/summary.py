"""A run's figures, each with its interval, over all questions and over its kinds and languages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from .abstention import abstention
from .calibration import auroc, brier, expected_calibration_error
from .metric import is_amount
from .scoring import POOLED, Table
from .statistics import Estimate, estimate, pooled

__all__ = ["estimate_row", "metric_estimate", "summarise"]

SLICE_LEAST = 5  # questions that a kind or language needs to be shown on its own


def summarise(table: Table, *, rule: str = "contains", complete: bool = True) -> dict[str, Any]:
    """Everything that summary.json says. NaN never appears: what could not be computed is null."""
    whole = range(len(table))
    return {
        "complete": complete,
        "rule": rule,
        "questions": len(table),
        "samples": table.samples,
        "failed": {"samples": sum(table.failed.values()), "reasons": dict(sorted(table.failed.items()))},
        "metrics": _metrics(table, whole),
        "abstention": _abstention(table),
        "calibration": _calibration(table),
        "latency_s": _times(table, "seconds_alone"),
        "in_flight_s": _times(table, "seconds"),
        "kinds": _slices(table, table.kinds),
        "languages": _slices(table, table.languages),
    }


def metric_estimate(table: Table, metric: str, rows: Sequence[int] | range | None = None) -> Estimate | None:
    """Mean (or pooled share) and clustered interval of one metric over the questions that have it; None if none has."""
    if metric in POOLED:
        return _pooled(table, *POOLED[metric], range(len(table)) if rows is None else rows)
    column = table.column(metric)
    chosen = [i for i in (range(len(table)) if rows is None else rows) if not np.isnan(column[i])]
    if not chosen:
        return None
    return estimate(column[chosen], [table.clusters[i] for i in chosen], amount=is_amount(metric))


def _pooled(table: Table, hits: str, total: str, rows: Sequence[int] | range) -> Estimate | None:
    chosen = [i for i in rows if table.counts[i].get(total, 0.0) > 0]
    if not chosen:
        return None
    counts = [table.counts[i] for i in chosen]
    return pooled([c[hits] for c in counts], [c[total] for c in counts], [table.clusters[i] for i in chosen])


def estimate_row(value: Estimate) -> dict[str, Any]:
    """An estimate as JSON; a bound that is not known is null."""
    return {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in asdict(value).items()}


def _metrics(table: Table, rows: Sequence[int] | range) -> dict[str, Any]:
    found = {m: metric_estimate(table, m, rows) for m in (*table.metrics, *table.pooled)}
    return {m: estimate_row(e) for m, e in found.items() if e is not None}


def _slices(table: Table, labels: Sequence[str]) -> dict[str, Any]:
    names = sorted(set(labels) - {""})
    if len(names) < 2:
        return {}
    parts = {name: [i for i, label in enumerate(labels) if label == name] for name in names}
    return {
        name: {"questions": len(rows), "metrics": _metrics(table, rows)}
        for name, rows in parts.items()
        if len(rows) >= SLICE_LEAST
    }


def _abstention(table: Table) -> dict[str, float | None]:
    abstained, answerable = table.column("abstained"), [("contains" in row) for row in table.rows]
    judged = [i for i in range(len(table)) if not np.isnan(abstained[i])]
    if not judged:
        return {}
    accuracy = table.column("accuracy")
    found = abstention(
        [answerable[i] for i in judged],
        [bool(abstained[i] > 0.5) for i in judged],
        [bool(accuracy[i] > 0.5 and answerable[i]) for i in judged],
    )
    return asdict(found)


def _calibration(table: Table) -> dict[str, Any]:
    confidence, accuracy = table.column("confidence"), table.column("accuracy")
    chosen = ~np.isnan(confidence) & np.isin(accuracy, (0, 1))
    if not chosen.any():
        return {}
    p, y = confidence[chosen], accuracy[chosen]
    mixed = 0 < y.sum() < len(y)
    return {
        "questions": int(chosen.sum()),
        "ece": expected_calibration_error(p, y),
        "brier": brier(p, y),
        "auroc": auroc(p, y) if mixed else None,
    }


def _times(table: Table, metric: str) -> Mapping[str, float]:
    seconds = table.column(metric)
    seconds = seconds[~np.isnan(seconds)]
    if not len(seconds):
        return {}
    middle, late = np.quantile(seconds, [0.5, 0.95])
    return {"p50": float(middle), "p95": float(late), "mean": float(seconds.mean())}
