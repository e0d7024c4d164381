"""Two runs on the same questions: is one better, and could this set have told?

Paired: the verdict rests on the interval of the differences. Exact McNemar and a bootstrap over clusters stand beside
it, and the smallest effect that so many questions can show. Runs that differ in something nobody announced are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ragkit.errors import EvalError

from ..checking.checks import read_checks
from ..running.runs import differences, read_run
from .scoring import Table, table_of
from .statistics import Estimate, cluster_bootstrap, mcnemar, paired, smallest_detectable

__all__ = ["Comparison", "Difference", "compare", "compare_scores", "gate"]


@dataclass(frozen=True, slots=True)
class Difference:
    """B − A in one metric over the questions that both have. p: exact McNemar, for 0/1 scores only."""

    metric: str
    a: float
    b: float
    difference: Estimate
    bootstrap: tuple[float, float]
    p: float | None
    detectable: float
    wins: int
    losses: int

    @property
    def significant(self) -> bool:
        """Whether the paired 95 % interval leaves zero out."""
        return self.difference.low > 0 or self.difference.high < 0

    @property
    def equal(self) -> bool:
        """Whether no question differs."""
        return self.wins == self.losses == 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All metrics that both runs have, and in what the runs differ."""

    questions: int
    only_a: int
    only_b: int
    differing: Mapping[str, tuple[Any, Any]]
    metrics: tuple[Difference, ...]
    failed_b: int = 0
    """Questions that A answered and on which every sample of B failed: they are in no figure."""

    def get(self, metric: str) -> Difference:
        """One metric. Raises EvalError naming those there are."""
        for d in self.metrics:
            if d.metric == metric:
                return d
        known = ", ".join(d.metric for d in self.metrics)
        raise EvalError(f"the runs have no metric {metric!r} in common; there are {known}")

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "questions": self.questions,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "differing": {k: list(v) for k, v in self.differing.items()},
            "metrics": [{**asdict(d), "significant": d.significant} for d in self.metrics],
        }


def compare_scores(metric: str, a: npt.ArrayLike, b: npt.ArrayLike, clusters: Sequence[str]) -> Difference:
    """Compare one metric, one score for each question in both."""
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    d = y - x
    binary = bool(np.isin(x, (0, 1)).all() and np.isin(y, (0, 1)).all())
    names = list(clusters)
    return Difference(
        metric,
        float(x.mean()),
        float(y.mean()),
        paired(x, y, names),
        cluster_bootstrap(d, names),
        mcnemar(x == 1, y == 1) if binary else None,
        smallest_detectable(x, y, names) if len(set(names)) > 1 else float("nan"),
        int((d > 0).sum()),
        int((d < 0).sum()),
    )


def compare(
    a: str | Path, b: str | Path, *, expect: Sequence[str] = (), rule: str | None = None, only: Sequence[str] = ()
) -> Comparison:
    """Compare run `b` with run `a`. `expect` names the parts of the fingerprint that are meant to differ.

    Raises EvalError naming every other part in which they differ, with both values.
    """
    manifest_a, rows_a = read_run(a)
    manifest_b, rows_b = read_run(b)
    differing = differences(manifest_a["fingerprint"], manifest_b["fingerprint"])
    surprising = {k: v for k, v in differing.items() if not any(k == e or k.startswith(f"{e}.") for e in expect)}
    if surprising:
        told = "; ".join(f"{k}: {_short(x)} / {_short(y)}" for k, (x, y) in list(surprising.items())[:6])
        more = f" and {len(surprising) - 6} more" if len(surprising) > 6 else ""
        parts = " ".join(f"--expect {p}" for p in dict.fromkeys(k.split(".")[0] for k in surprising))
        raise EvalError(f"the runs differ in more than was announced — {told}{more}; if that is meant: {parts}")
    chosen = rule or str(manifest_a.get("rule", "contains"))
    table_a = table_of(rows_a, rule=chosen, extra=read_checks(Path(a))[0])
    table_b = table_of(rows_b, rule=chosen, extra=read_checks(Path(b))[0])
    return compare_tables(table_a, table_b, differing, only)


def compare_tables(
    a: Table, b: Table, differing: Mapping[str, tuple[Any, Any]] | None = None, only: Sequence[str] = ()
) -> Comparison:
    """Compare two tables on the questions that both have."""
    at = {name: i for i, name in enumerate(b.ids)}
    shared = [(i, at[name]) for i, name in enumerate(a.ids) if name in at]
    if not shared:
        raise EvalError("the runs have no question in common; compare runs of one set")
    found = []
    for metric in a.metrics:
        if metric in b.metrics and metric != "failed" and (not only or metric in only):
            x, y = a.column(metric), b.column(metric)
            both = [(i, j) for i, j in shared if not np.isnan(x[i]) and not np.isnan(y[j])]
            if both:
                left, right = [i for i, _ in both], [j for _, j in both]
                found.append(compare_scores(metric, x[left], y[right], [a.clusters[i] for i in left]))
    gone_a, gone_b = a.column("failed") == 1, b.column("failed") == 1
    lost = sum(bool(gone_b[j] and not gone_a[i]) for i, j in shared)
    return Comparison(len(shared), len(a) - len(shared), len(b) - len(shared), differing or {}, tuple(found), lost)


def gate(
    found: Comparison, *, metric: str = "accuracy", min_delta: float | None = None, max_regression: float | None = None
) -> str:
    """Why the comparison misses its thresholds, or "" if it holds them.

    min_delta: B must be better by at least so much. max_regression: B may be worse by at most so much. Questions on
    which B failed are in no figure; where they could turn the verdict, that is why.
    """
    d = found.get(metric)
    n, lost = d.difference.n, found.failed_b
    worst = (d.difference.mean * n - lost) / (n + lost)  # each of them right in A and wrong in B
    wanted = max(
        [*([] if min_delta is None else [min_delta]), *([] if max_regression is None else [-max_regression])],
        default=None,
    )
    if lost and wanted is not None and worst < wanted <= d.difference.mean:
        return (
            f"{metric} cannot be judged: {lost} questions that A answered failed in B, and with them it may have "
            f"fallen by {-worst:.4f}; draw them again with --retry-failed"
        )
    if min_delta is not None and d.difference.mean < min_delta:
        return f"{metric} changed by {d.difference.mean:+.4f}, below the wanted {min_delta:+.4f}"
    if max_regression is not None and d.difference.mean < -max_regression:
        return f"{metric} fell by {-d.difference.mean:.4f}, more than the allowed {max_regression:.4f}"
    return ""


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
