"""The pictures of a report: curve, frontier, radar. SVG takes the page's colours, so it reads in light and in dark."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ragkit.errors import MissingDependencyError

from .pages import no_budget

__all__ = ["curve_chart", "frontier_chart", "png", "radar_chart", "svg"]

INK = "#123456"  # stands for the page's text colour; replaced by currentColor in SVG
COLOURS = ("#3b82f6", "#f97316", "#10b981", "#a855f7", "#eab308", "#06b6d4")
STYLE: Any = {
    "font.size": 10,
    "font.family": "sans-serif",
    "svg.fonttype": "none",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "axes.linewidth": 0.8,
    "svg.hashsalt": "ragkit",
}


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as exc:
        raise MissingDependencyError("the report's charts", extra="eval") from exc
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    return figure


def _styled() -> Any:
    import matplotlib as mpl

    return mpl.rc_context(STYLE)


def svg(figure: Any) -> str:
    """The figure as an inline SVG element, without the parts a page does not need."""
    out = io.StringIO()
    with _styled():
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1))
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return text.replace(INK, "currentColor").replace("font: ", "font:")


def png(figure: Any) -> bytes:
    """The figure as a PNG on white."""
    out = io.BytesIO()
    with _styled():
        figure.savefig(out, format="png", dpi=160, facecolor="white")
    return out.getvalue()


def curve_chart(curves: Sequence[Mapping[str, Any]], questions: int) -> Any:
    """Accuracy against the mean thinking really done (log2), 95 % intervals; below, shares truncated and empty."""
    with _styled():
        figure = _figure(4.6, 4.4)
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
        xs = [p["thinking_tokens"] for c in curves for p in c["points"] if p["thinking_tokens"] > 0]
        least = max(1.0, min(xs, default=1.0) / 2)
        for colour, curve in zip(_colours(len(curves)), curves, strict=True):
            points = sorted(curve["points"], key=lambda p: p["thinking_tokens"])
            x = [p["thinking_tokens"] for p in points]
            y = [100 * p["accuracy"]["mean"] for p in points]
            low, high = ([_bound(p["accuracy"], end) for p in points] for end in ("low", "high"))
            reach = [[a - b for a, b in zip(y, low, strict=True)], [b - a for a, b in zip(y, high, strict=True)]]
            top.errorbar(x, y, yerr=reach, color=colour, marker="o", ms=4, capsize=2.5, lw=1.6, label=_name(curve))
            if not no_budget(curve):
                best = next(p for p in points if p["cap"] == curve["recommended"]["cap"])
                ring = {"ms": 12, "mfc": "none", "mec": colour, "mew": 1.6}
                top.plot(best["thinking_tokens"], 100 * best["accuracy"]["mean"], "o", **ring)
            bottom.plot(x, [100 * p["truncated"] for p in points], color=colour, marker=".", lw=1.2)
            bottom.plot(x, [100 * p["empty"] for p in points], color=colour, marker="x", ms=4, lw=1, ls=":")
        top.set_xscale("symlog", base=2, linthresh=least, linscale=0.7)
        top.set_xlim(left=-0.08 * least)
        top.set_ylabel("accuracy, %")
        ringed = not all(map(no_budget, curves))
        told = "questions; ring: recommended budget" if ringed else "questions, too few to recommend a budget"
        top.set_title(f"{questions} {told}", fontsize=9, color=INK, loc="left")
        top.grid(axis="y", color=INK, alpha=0.15)
        top.set_axisbelow(True)
        if len(curves) > 1:
            top.legend(fontsize=8)
        bottom.set_ylim(-4, 104)
        bottom.set_ylabel("cut — , empty ··, %", fontsize=8)
        bottom.set_xlabel("mean thinking tokens really used (log2)")
        bottom.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        bottom.grid(axis="y", color=INK, alpha=0.15)
    return figure


def frontier_chart(curves: Sequence[Mapping[str, Any]]) -> Any:
    """Accuracy against tokens for each question; the line joins the points that no other beats."""
    with _styled():
        figure = _figure(4.6, 4.0)
        axes = figure.subplots()
        for colour, curve in zip(_colours(len(curves)), curves, strict=True):
            points = curve["points"]
            axes.scatter(
                [p["tokens"] for p in points],
                [100 * p["accuracy"]["mean"] for p in points],
                s=[34 if p["frontier"] else 14 for p in points],
                color=colour,
                label=_name(curve),
                zorder=3,
            )
        on = sorted((p["tokens"], p["accuracy"]["mean"], p) for c in curves for p in c["points"] if p["frontier"])
        axes.plot([x for x, _, _ in on], [100 * y for _, y, _ in on], color=INK, alpha=0.5, lw=1, ls="--", zorder=2)
        for x, y, p in on:
            axes.annotate(
                str(p["cap"]),
                (x, 100 * y),
                xytext=(0, 7),
                textcoords="offset points",
                fontsize=8,
                ha="center",
                color=INK,
            )
        axes.set_xlabel("tokens written for each question (thought and answer)")
        axes.set_ylabel("accuracy, %")
        axes.margins(y=0.12)
        axes.grid(color=INK, alpha=0.15)
        axes.set_axisbelow(True)
        if len(curves) > 1:
            axes.legend(fontsize=8)
    return figure


def radar_chart(profile: Mapping[str, Any]) -> Any:
    """Mean ratings 1–5 of the aspects with their intervals; the judge's name stands on it."""
    import numpy as np

    aspects = profile["aspects"]
    names = list(aspects)
    angles = np.linspace(0, 2 * np.pi, len(names), endpoint=False)
    around = np.append(angles, angles[0])

    def closed(key: str) -> Any:
        values = [aspects[n][key] if aspects[n][key] is not None else aspects[n]["mean"] for n in names]
        return np.array([*values, values[0]])

    with _styled():
        figure = _figure(4.6, 4.2)
        axes = figure.add_subplot(projection="polar")
        axes.set_theta_offset(np.pi / 2)
        axes.set_theta_direction(-1)
        axes.fill_between(around, closed("low"), closed("high"), color=COLOURS[0], alpha=0.25, lw=0)
        axes.plot(around, closed("mean"), color=COLOURS[0], marker="o", ms=4, lw=1.6)
        axes.set_ylim(1, 5)
        axes.set_yticks([1, 2, 3, 4, 5], ["1", "2", "3", "4", "5"], fontsize=8)
        axes.set_xticks(angles, [f"{n}\n{aspects[n]['mean']:.2f}" for n in names])
        axes.patch.set_alpha(0)
        axes.grid(color=INK, alpha=0.2)
        axes.set_title(f"judged by {profile['judge']}, {profile['answers']} answers", fontsize=8, color=INK, pad=16)
    return figure


def _bound(row: Mapping[str, Any], end: str) -> float:
    """An end of an interval in percent, the mean where it is not known, never beyond 0 or 100."""
    value = row["mean"] if row[end] is None else row[end]
    return 100 * min(1.0, max(0.0, float(value)))


def _name(curve: Mapping[str, Any]) -> str:
    parts = [f"k={curve['k']}"]
    if curve["samples"] > 1:
        parts.append(f"vote of {curve['samples']}")
    if curve["hops"]:
        parts.append(f"{curve['hops']} hops")
    return ", ".join(parts)


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]
