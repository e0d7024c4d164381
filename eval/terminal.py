"""Figures in the terminal: tables with intervals, the same numbers that the report shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ragkit.cli.output import Say

from .calibrate import Calibration
from .compare import Comparison
from .pages import groups_of, notes_of, points_of, tiles_of

__all__ = ["show_calibration", "show_comparison", "show_profile", "show_summary"]


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right", no_wrap=i > 0)
    return table


def show_summary(speak: Say, folder: Path, summary: Mapping[str, Any]) -> None:
    """The figures of a run or a sweep, and where the rest is."""
    out = speak.out
    if "curves" in summary:
        table = _table("budget", "setting", "accuracy", "95 %", "thinking", "tokens", "cut")
        for p in points_of(summary):
            star = " *" if p["recommended"] else ""
            table.add_row(
                f"{p['cap']}{star}", p["setting"], p["accuracy"], p["interval"], p["thinking"], p["tokens"], p["cut"]
            )
        out.print(table)
        for tile in tiles_of(summary):
            out.print(f"{tile['name']}: {tile['value']} ({tile['detail']})", markup=False)
    else:
        table = _table("metric", "mean", "95 %", "n")
        for group in groups_of(summary):
            for m in group["metrics"]:
                table.add_row(m["name"], m["value"], m["interval"], m["label"].rsplit("n=", 1)[-1])
        out.print(table)
        refusals = summary.get("abstention") or {}
        told = ", ".join(f"{k.replace('_', ' ')} {v:.3f}" for k, v in refusals.items() if v is not None)
        if told:
            out.print(told, markup=False)
    failed = summary["failed"]
    if failed["samples"]:
        out.print(f"{failed['samples']} samples failed:", style="bold red")
        for reason, count in failed["reasons"].items():
            out.print(f"  {count}× {reason}", markup=False)
    for note in notes_of({}, summary):
        out.print(f"! {note['text']}", style="yellow", markup=False)
    speak.err.print(f"\nrun: {folder}\nreport: ragkit eval report {folder}", style="dim", markup=False)


def show_comparison(speak: Say, found: Comparison) -> None:
    """Each metric's paired difference; * marks an interval that leaves zero out."""
    table = _table("metric", "A", "B", "B − A", "95 % paired", "bootstrap", "McNemar p", "could show")
    for d in found.metrics:
        star = " *" if d.significant else ""
        table.add_row(
            d.metric, f"{d.a:.4g}", f"{d.b:.4g}", f"{d.difference.mean:+.4g}{star}",
            f"{d.difference.low:+.3g} … {d.difference.high:+.3g}", f"{d.bootstrap[0]:+.3g} … {d.bootstrap[1]:+.3g}",
            "" if d.p is None else f"{d.p:.4f}", f"{d.detectable:.3g}",
        )  # fmt: skip
    speak.out.print(table)
    told = f"{found.questions} questions in both"
    if found.only_a or found.only_b:
        told += f"; {found.only_a} only in A, {found.only_b} only in B, left out"
    speak.err.print(told, style="dim", markup=False)
    for name, (a, b) in found.differing.items():
        speak.err.print(f"differs as announced: {name}: {a} / {b}", style="dim", markup=False)


def show_calibration(speak: Say, found: Calibration, corrected: Mapping[str, float | None] | None) -> None:
    """Balanced accuracy with its interval, then by kind of claim."""
    low, high = found.interval
    out = speak.out
    out.print(f"{found.checker}: balanced accuracy {found.balanced_accuracy:.3f} [{low:.3f}, {high:.3f}] on "
              f"{found.claims} claims, {found.unparsed} unreadable", style="bold", markup=False)  # fmt: skip
    best = f"best threshold here {found.best_threshold:.3f} ({found.best_balanced_accuracy:.3f})"
    rates = f"sensitivity {found.sensitivity:.3f}, specificity {found.specificity:.3f} at {found.threshold:g}"
    out.print(f"{rates}; {best}", markup=False)
    table = _table("claims", "right", "n")
    for name, (share, count) in {**found.kinds, **found.languages}.items():
        table.add_row(name, f"{share:.3f}", str(count))
    out.print(table)
    if low <= 0.5:
        out.print("! the interval holds 0.5: this checker is no better than a coin here", style="yellow", markup=False)
    if corrected is not None:
        parts = [f"{k} {'unknown' if v is None else f'{v:.3f}'}" for k, v in corrected.items()]
        out.print(f"groundedness corrected for the checker's errors: {', '.join(parts)}", markup=False)


def show_profile(speak: Say, found: Mapping[str, Any]) -> None:
    """Mean ratings with intervals, and who judged."""
    table = _table("aspect", "1–5", "95 %", "n")
    for name, row in found["aspects"].items():
        interval = "" if row["low"] is None else f"{row['low']:.2f} – {row['high']:.2f}"
        table.add_row(name, f"{row['mean']:.2f}", interval, str(row["n"]))
    speak.out.print(table)
    speak.out.print(f"judged by {found['judge']}: {found['answers']} answers, {found['unparsed']} unreadable ratings",
                    markup=False)  # fmt: skip
