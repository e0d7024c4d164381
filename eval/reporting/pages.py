"""What a report's page says: tiles, notes, metric groups and tables, from summary and manifest.

Intervals of the form mean ± t·SE may reach beyond what a metric can be. They are shown up to its range: 0 to 1 for
shares, −1 to 1 for differences of shares, 0 and more for amounts; summary.json keeps them as computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..metrics.metric import groups as groups_by_title
from ..metrics.metric import is_amount, label_of

__all__ = ["fingerprint_rows", "groups_of", "no_budget", "notes_of", "points_of", "slices_of", "tiles_of"]

APART = 0.3  # accuracy above exact match by so much is explained
NOISE = 0.05  # share of answers that may change by a distractor before a reader is told
FIRST = {
    "accuracy": "accuracy",
    "groundedness": "groundedness",
    "citation_recall": "citation recall",
    "necessity": "necessity",
    "recall@5": "recall@5",
    "mrr": "MRR",
}


def percent(value: float | None) -> str:
    """A share as a percentage, — where there is none."""
    return "—" if value is None else f"{100 * value:.1f} %"


def _share(value: float) -> str:
    """A bound of a share: an interval that reaches beyond 0 or 1 ends there."""
    return percent(min(1.0, max(0.0, value)))


def _gain(value: float) -> str:
    """A bound of a difference of shares, in points."""
    return f"{100 * min(1.0, max(-1.0, value)):+.1f}"


def _least(value: float) -> str:
    """A bound of an amount: an interval that reaches below 0 ends there."""
    return _amount(max(0.0, value))


def _amount(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _interval(row: Mapping[str, Any], show: Any) -> str:
    return "" if row["low"] is None else f"{show(row['low'])} – {show(row['high'])}".replace(" % –", " –")


def no_budget(curve: Mapping[str, Any]) -> str:
    """Why a curve recommends no budget, "" where it does."""
    found = curve["recommended"]
    if not found.get("too_few"):
        return ""
    told = f"differences below {100 * found['unseen']:.0f} points cannot be seen"
    return f"too few questions to recommend a budget ({found['accuracy']['n']}; {told})"


def tiles_of(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """The few figures that come first."""
    tiles: list[dict[str, str]] = []
    if "curves" in summary:
        for curve in summary["curves"][:1]:
            best, slope = curve["recommended"], curve["scaling"]
            gain = curve["gain"]
            if no_budget(curve):
                tiles.append(_tile("recommended budget", "—", "too few questions"))
            else:
                accuracy = f"accuracy {percent(best['accuracy']['mean'])}"
                tiles.append(_tile("recommended budget", str(best["cap"]), accuracy))
            by_thousand = slope["per_1000"]
            if by_thousand is not None and abs(by_thousand) <= 1:  # where less was thought, it would reach beyond 100
                tiles.append(_tile("scaling", _points(by_thousand), "points by 1,000 thinking tokens"))
            tiles += [
                _tile("performance", percent(slope["performance"]), "the best point"),
                _tile("gain by thinking", f"{_gain(gain['mean'])} pts", _interval(gain, _gain)),
                _tile("scaling", _points(slope["per_doubling"]), "points a doubling of thought"),
                _tile("control", percent(curve["control"]), "samples within their cap"),
            ]
            if "oracle" in curve:  # sweeps of before have none
                ideal = curve["oracle"]
                told = f"{ideal['thinking_tokens']:.0f} thinking tokens, in hindsight"
                tiles.append(_tile("perfect stopping", percent(ideal["accuracy"]), told))
        if summary.get("stopping"):
            tiles.append(_stopping(summary["stopping"]))
        return tiles
    metrics = summary["metrics"]
    for name, label in FIRST.items():
        if name in metrics:
            tiles.append(_tile(label, percent(metrics[name]["mean"]), _interval(metrics[name], _share)))
    refusals = summary.get("abstention") or {}
    if refusals.get("rejection") is not None:
        tiles.append(_tile("rejection", percent(refusals["rejection"]), "of unanswerable questions"))
    if refusals.get("f") is not None:
        tiles.append(
            _tile("SimpleQA F", f"{refusals['f']:.3f}", f"false rejection {percent(refusals['false_rejection'])}")
        )
    if summary.get("calibration"):
        found = summary["calibration"]
        tiles.append(_tile("calibration error", f"{found['ece']:.3f}", f"Brier {found['brier']:.3f}"))
    for name, label in (("latency_s", "latency p50"), ("in_flight_s", "time in flight p50")):
        if summary.get(name):
            late = summary[name]
            tiles.append(_tile(label, f"{late['p50']:.3g} s", f"p95 {late['p95']:.3g} s"))
            break  # where questions were asked one at a time, that is the latency
    return tiles


def _stopping(found: Mapping[str, Any]) -> dict[str, str]:
    """What `budget="auto"` would do, or why it would do nothing."""
    if found["rule"] is None:
        return _tile("budget auto", "—", found["why"])
    spared = 1 - found["thinking_tokens"] / found["natural_thinking_tokens"]
    promise = f"at most {100 * found['epsilon']:g} % lost, {100 * (1 - found['delta']):g} % sure"
    return _tile("budget auto", f"{percent(spared)} less thinking", f"accuracy {percent(found['accuracy'])}; {promise}")


def _points(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:+.1f}"


def _tile(name: str, value: str, detail: str) -> dict[str, str]:
    return {"name": name, "value": value, "detail": detail}


def notes_of(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a reader must know before the figures."""
    notes: list[dict[str, Any]] = []
    if not summary.get("complete", True):
        notes.append({"ok": False, "text": "The run is not complete: the figures are of the samples so far."})
    for curve in summary.get("curves", []):
        few, alarm = no_budget(curve), curve["alarm"]
        if few:
            notes.append({"ok": False, "text": f"{few[0].upper()}{few[1:]}, k={curve['k']}."})
        if alarm:
            text = (
                f"More thinking hurts: from budget {alarm['from']} to {alarm['to']} accuracy falls by "
                f"{100 * alarm['drop']:.1f} points (p = {alarm['p']:.4f}, k={curve['k']})."
            )
            notes.append({"ok": False, "text": text})
    failed = summary.get("failed", {}).get("samples", 0)
    if failed and "curves" not in summary:
        text = f"{failed} of {summary['samples']} samples failed: they are neither right nor wrong, and in no figure."
        notes.append({"ok": False, "text": text})
    why = _rule_note(summary)
    if why:
        notes.append({"ok": True, "text": why})
    for judge in summary.get("judges", []):
        if judge.startswith("lexical"):
            text = "Groundedness is a lexical support score, not entailment: it cannot see a negation or swapped roles."
            notes.append({"ok": False, "text": text})
    changes = summary.get("metrics", {}).get("distractor_changes")
    if changes and changes["mean"] > NOISE:
        text = (
            f"{percent(changes['mean'])} of the answers change when a passage that they do not cite is taken away: "
            "so much of the necessity may be chance."
        )
        notes.append({"ok": False, "text": text})
    return notes


def _rule_note(summary: Mapping[str, Any]) -> str:
    """Why accuracy and exact match are far apart, where they are."""
    found = summary.get("metrics", {})
    if summary.get("rule") != "contains" or not {"accuracy", "em", "words"} <= set(found):
        return ""
    accuracy, exact, words = (found[name]["mean"] for name in ("accuracy", "em", "words"))
    if accuracy - exact < APART:
        return ""
    return (
        f"Accuracy {percent(accuracy)} beside exact match {percent(exact)}: an answer is right that contains the gold "
        f"one; exact match wants nothing else said, and answers here are {_amount(words)} words long."
    )


def groups_of(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Metrics in groups, shares with a bar from 0 to 100 %."""
    groups = []
    for title, names in groups_by_title().items():
        rows = [_metric(n, summary["metrics"][n]) for n in names if n in summary.get("metrics", {})]
        if rows:
            groups.append({"title": title, "metrics": rows})
    return groups


def _metric(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    bar = not is_amount(name)
    show = percent if bar else _amount
    low = row["low"] if row["low"] is not None else row["mean"]
    high = row["high"] if row["high"] is not None else row["mean"]
    low, high = max(0.0, low), min(1.0, high) if bar else high
    clusters = f" in {row['clusters']} clusters" if row.get("clusters", row["n"]) < row["n"] else ""
    told = f"{label_of(name)} {show(row['mean'])}, n={row['n']}{clusters}"
    return {
        "name": label_of(name),
        "bar": bar,
        "value": show(row["mean"]),
        "interval": _interval(row, _share if bar else _least),
        "low": f"{100 * low:.2f}",
        "width": f"{100 * max(0.0, high - low):.2f}",
        "at": f"{100 * row['mean']:.2f}",
        "label": told,
    }


def points_of(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The points of a sweep as table rows."""
    rows = []
    for curve in summary.get("curves", []):
        for p in curve["points"]:
            setting = f"k={p['k']}" + (f", vote of {p['samples']}" if p["samples"] > 1 else "")
            rows.append(
                {
                    "cap": p["cap"],
                    "setting": setting + (f", {p['hops']} hops" if p["hops"] else ""),
                    "accuracy": percent(p["accuracy"]["mean"]),
                    "interval": _interval(p["accuracy"], _share),
                    "thinking": f"{p['thinking_tokens']:,.0f}",
                    "tokens": f"{p['tokens']:,.0f}",
                    "seconds": _amount(p["seconds"]),
                    "cut": percent(p["truncated"]),
                    "empty": percent(p["empty"]),
                    "recommended": p["cap"] == curve["recommended"]["cap"] and not no_budget(curve),
                }
            )
    return rows


def slices_of(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accuracy by kind and language (retrieval runs: MRR)."""
    rows = []
    for part in ("kinds", "languages"):
        for name, slice_ in summary.get(part, {}).items():
            found = (
                slice_["metrics"].get("accuracy") or slice_["metrics"].get("mrr") if isinstance(slice_, dict) else None
            )
            if found:
                rows.append(
                    {
                        "name": name,
                        "questions": slice_["questions"],
                        "accuracy": percent(found["mean"]),
                        "interval": _interval(found, _share),
                    }
                )
    return rows


def fingerprint_rows(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fingerprint, flattened."""
    rows: list[tuple[str, str]] = [("set", f"{manifest['set']['name']} ({manifest['set']['sha256'][:12]})")]

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for k, v in value.items():
                walk(f"{prefix}.{k}" if prefix else str(k), v)
        elif not prefix.startswith("prompts.") and value not in (None, ""):
            rows.append((prefix, str(value)))

    walk("", {k: v for k, v in manifest["fingerprint"].items() if k != "questions"})
    return rows
