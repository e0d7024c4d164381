"""How far a groundedness checker can be trusted: measured on labelled claims, and rates corrected by it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ragkit.errors import EvalError

from ..metrics.calibration import auroc
from ..metrics.groundedness import corrected_rate
from ..metrics.statistics import cluster_index
from .checkers import Checker

__all__ = ["Calibration", "Claim", "calibrate", "correct_groundedness", "load_claims"]

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about one document, and whether that document supports it."""

    id: str
    document_id: str
    document: str
    claim: str
    supported: bool
    kind: str
    language: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a checker gets right. Intervals are over documents, drawn whole."""

    checker: str
    threshold: float
    claims: int
    unparsed: int
    sensitivity: float
    specificity: float
    balanced_accuracy: float
    interval: tuple[float, float]
    auroc: float | None
    kinds: Mapping[str, tuple[float, int]]
    languages: Mapping[str, tuple[float, int]]
    best_threshold: float
    best_balanced_accuracy: float

    def correct(self, observed: float) -> float | None:
        """The true share of supported claims behind an observed one."""
        return corrected_rate(observed, self.sensitivity, self.specificity)


def load_claims(folder: Path | None = None) -> list[Claim]:
    """The shipped claims about the primer, or claims.jsonl and documents/ of another folder."""
    folder = folder or Path(__file__).parents[1] / "primer"
    texts: dict[str, str] = {}
    claims = []
    try:
        for number, line in enumerate((folder / "claims.jsonl").read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            name = row["document"]
            if name not in texts:
                texts[name] = (folder / "documents" / Path(name).name).read_text(encoding="utf-8")
            if row["label"] not in ("supported", "unsupported"):
                raise EvalError(f"claims.jsonl line {number}: label {row['label']!r}; write supported or unsupported")
            claims.append(
                Claim(
                    row["id"],
                    name,
                    texts[name],
                    row["claim"],
                    row["label"] == "supported",
                    row["kind"],
                    row["language"],
                )
            )
    except (OSError, ValueError, KeyError) as exc:
        raise EvalError(f"{folder} holds no readable claims.jsonl with documents/: {exc}") from exc
    return claims


def calibrate(checker: Checker, claims: Sequence[Claim], *, seed: int = 0) -> Calibration:
    """Check every claim and say how often the checker is right. Claims it cannot read are counted apart.

    Raises EvalError if it read no claim of one of the labels.
    """
    chances = checker.check([(c.document, c.claim) for c in claims])
    read = [(c, p) for c, p in zip(claims, chances, strict=True) if p is not None]
    truth = np.array([c.supported for c, _ in read])
    p = np.array([chance for _, chance in read], np.float64)
    if not truth.any() or truth.all():
        raise EvalError(
            f"checker {checker.name!r} gave {len(claims) - len(read)} unreadable verdicts of {len(claims)}; it cannot "
            "be measured, choose another one"
        )
    verdict = p > checker.threshold
    right = verdict == truth
    documents = [c.document_id for c, _ in read]
    thresholds = np.unique(p)
    best = max(thresholds, key=lambda t: _balanced(p > t, truth))
    return Calibration(
        checker=checker.name,
        threshold=checker.threshold,
        claims=len(claims),
        unparsed=len(claims) - len(read),
        sensitivity=float(right[truth].mean()),
        specificity=float(right[~truth].mean()),
        balanced_accuracy=_balanced(verdict, truth),
        interval=_interval(verdict, truth, documents, seed),
        auroc=auroc((p - p.min()) / (np.ptp(p) or 1.0), truth),
        kinds=_parts(right, [c.kind for c, _ in read]),
        languages=_parts(right, [c.language for c, _ in read]),
        best_threshold=float(best),
        best_balanced_accuracy=_balanced(p > best, truth),
    )


def correct_groundedness(summary: Mapping[str, Any], calibration: Calibration) -> dict[str, float | None]:
    """The groundedness of a run as the checker saw it, and corrected for the checker's own errors."""
    seen = summary["metrics"].get("groundedness")
    if seen is None:
        raise EvalError("the run was not checked for groundedness; run `ragkit eval score RUN --checker …` first")
    return {"observed": seen["mean"], **{k: calibration.correct(seen[k]) for k in ("mean", "low", "high")}}


def _balanced(verdict: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    return float((verdict[truth].mean() + (~verdict[~truth]).mean()) / 2)


def _interval(
    verdict: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_], documents: Sequence[str], seed: int
) -> tuple[float, float]:
    """Percentile interval of balanced accuracy, documents drawn with replacement."""
    index = cluster_index(documents)
    groups = int(index.max()) + 1
    counts = [
        np.bincount(index, weights=w, minlength=groups) for w in (truth & verdict, truth, ~truth & ~verdict, ~truth)
    ]
    picks = np.random.default_rng(seed).integers(0, groups, (DRAWS, groups))
    hit, supported, refused, unsupported = (c[picks].sum(1) for c in counts)
    whole = (supported > 0) & (unsupported > 0)
    drawn = (hit[whole] / supported[whole] + refused[whole] / unsupported[whole]) / 2
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _parts(right: npt.NDArray[np.bool_], labels: Sequence[str]) -> dict[str, tuple[float, int]]:
    names = np.array(labels)
    return {str(n): (float(right[names == n].mean()), int((names == n).sum())) for n in sorted(set(labels))}
