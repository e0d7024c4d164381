"""From a sweep's samples to its curve: accuracy against the thinking really done, cost, frontier, knee and alarm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ragkit.errors import EvalError

from .answers import normalise
from .curve import control, inverse_scaling, oracle, recommended, scaling
from .scoring import drawn_right, prediction
from .statistics import estimate, majority_accuracy, paired
from .summary import estimate_row

__all__ = ["curve_of", "pareto"]

NATURAL = "natural"


def curve_of(rows: Iterable[Mapping[str, Any]], grid: Mapping[str, Any], *, rule: str = "contains") -> dict[str, Any]:
    """Points, scaling, recommended budget and alarm for every k, size of the vote and number of hops."""
    kept: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    failed: dict[str, int] = {}
    cost: dict[str, float] = {}
    for row in rows:
        if row.get("error"):
            reason = f"{row['error']['type']}: {row['error']['message']}"
            failed[reason] = failed.get(reason, 0) + 1
            continue
        kept.setdefault((row["k"], row["hops"]), []).append(row)
        for name, value in row["cost"].items():
            cost[name] = cost.get(name, 0) + value
    if not kept:
        raise EvalError(f"the sweep holds no samples that worked ({sum(failed.values())} failed); see {failed or 'it'}")
    caps: list[Any] = [*grid["caps"], NATURAL]
    curves = [
        _curve(part, caps, k=k, hops=hops, votes=votes, rule=rule)
        for (k, hops), part in sorted(kept.items())
        for votes in ([1] if hops else grid["samples"])
    ]
    points = [p for c in curves for p in c["points"]]
    for p, on in zip(points, pareto([(p["tokens"], p["accuracy"]["mean"]) for p in points]), strict=True):
        p["frontier"] = on
        # a forked point is never run alone: its time is its tokens at the pace of the natural samples
        p["seconds"] = p["tokens"] * cost["natural_s"] / cost["natural_tokens"] if cost.get("natural_tokens") else None
    return {
        "rule": rule,
        "questions": max(len({r["id"] for r in part}) for part in kept.values()),
        "failed": {"samples": sum(failed.values()), "reasons": failed},
        "curves": curves,
        "cost": _cost(cost, points),
    }


def _curve(
    rows: Sequence[Mapping[str, Any]], caps: Sequence[Any], *, k: int, hops: int, votes: int, rule: str
) -> dict[str, Any]:
    scores = np.array([[_score(row, str(cap), votes, rule) for cap in caps] for row in rows])
    clusters = [row["cluster"] for row in rows]
    points = []
    for j, cap in enumerate(caps):
        samples = [f[str(cap)] for row in rows for f in row["forks"][:votes]]
        thinking = [s["thinking_tokens"] for s in samples]
        per_question = len(samples) / len(rows)
        mean_thinking = float(np.mean(thinking)) * per_question
        answer = float(np.mean([s["answer_tokens"] for s in samples])) * per_question
        points.append(
            {
                "cap": cap,
                "k": k,
                "hops": hops,
                "samples": votes,
                "accuracy": estimate_row(estimate(scores[:, j], clusters)),
                "thinking_tokens": mean_thinking,
                "answer_tokens": answer,
                "tokens": mean_thinking + answer,
                "truncated": float(np.mean([s["ended"] == "forced" for s in samples])),
                "empty": float(np.mean([not s["text"].strip() for s in samples])),
                "abstained": float(np.mean([s["status"] == "abstained" for s in samples])),
                "control": control(thinking, None if cap == NATURAL else int(cap)),
            }
        )
    spent = [
        [float(np.sum([f[str(cap)]["thinking_tokens"] for f in row["forks"][:votes]])) for cap in caps] for row in rows
    ]
    ideal = oracle(scores, spent)
    found = recommended(scores, clusters)
    alarm = inverse_scaling(scores, clusters)
    slope = scaling([p["thinking_tokens"] for p in points], [p["accuracy"]["mean"] for p in points])
    return {
        "k": k,
        "hops": hops,
        "samples": votes,
        "points": points,
        "scaling": asdict(slope),
        "oracle": {"accuracy": ideal[0], "thinking_tokens": ideal[1]},
        "control": float(np.mean([p["control"] for p in points])),
        "recommended": {
            "cap": caps[found.budget],
            "accuracy": points[found.budget]["accuracy"],
            "best": points[found.best]["accuracy"],
            "loss": found.loss,
            "unseen": found.unseen,
            "too_few": found.too_few,
        },
        "alarm": None
        if alarm is None
        else {
            "from": caps[alarm.start],
            "to": caps[alarm.end],
            "drop": alarm.drop,
            "p": alarm.p,
        },
        "gain": estimate_row(paired(scores[:, 0], scores[:, -1], clusters)),
        "kinds": _kinds(rows, scores, caps),
    }


def _kinds(rows: Sequence[Mapping[str, Any]], scores: Any, caps: Sequence[Any]) -> dict[str, Any]:
    labels = [str(row["meta"].get("kind", row["meta"].get("type", ""))) for row in rows]
    found: dict[str, Any] = {}
    for name in sorted(set(labels) - {""}):
        chosen = [i for i, label in enumerate(labels) if label == name]
        clusters = [rows[i]["cluster"] for i in chosen]
        if len(chosen) >= 5:
            found[name] = [
                {"cap": cap, "accuracy": estimate_row(estimate(scores[chosen, j], clusters))}
                for j, cap in enumerate(caps)
            ]
    return found


def _score(row: Mapping[str, Any], cap: str, votes: int, rule: str) -> float:
    """Accuracy of one question at one point: of its single samples on average, or of the vote of the first ones."""
    gold, language = row["answers"], row["language"]
    drawn = [f[cap] for f in row["forks"][:votes]]
    right = [drawn_right(s, gold, language, rule) for s in drawn]
    if votes == 1:
        return right[0]
    keys = ["" if s["status"] == "abstained" else normalise(prediction(s), language) for s in drawn]
    if rule != "f1":
        return majority_accuracy(keys, [r == 1.0 for r in right])
    most = max(keys.count(key) for key in keys)
    return float(np.mean([r for r, key in zip(right, keys, strict=True) if keys.count(key) == most]))


def pareto(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Which (cost, gain) points no other one beats: none is as cheap and better, or cheaper and as good."""
    return [not any((c <= cost and g > gain) or (c < cost and g >= gain) for c, g in points) for cost, gain in points]


def _cost(cost: Mapping[str, float], points: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What was drawn for all forked points, and what asking each of them by itself would have drawn."""
    drawn = cost.get("natural_tokens", 0) + cost.get("forced_tokens", 0)
    return {**cost, "drawn_tokens": drawn} if points else {}
