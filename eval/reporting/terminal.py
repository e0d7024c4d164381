"""Figures in the terminal: tables with intervals, the same numbers that the report shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ragkit.cli.output import Say

from ..checking.calibrate import Calibration
from ..metrics.compare import Comparison, Difference
from ..metrics.metric import is_amount
from .pages import groups_of, notes_of, points_of, tiles_of

__all__ = ["show_calibration", "show_comparison", "show_profile", "show_summary"]


WIDE = 110  # columns of a terminal from which on a comparison shows everything


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Any:
    """A table whose first column, the names, is as wide as its longest cell however narrow the terminal is."""
    from rich import box
    from rich.table import Table

    cells = list(rows)
    names = max((len(row[0]) for row in cells), default=0)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(columns[0], no_wrap=True, min_width=names)
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    for row in cells:
        table.add_row(*row)
    return table


def show_summary(speak: Say, folder: Path, summary: Mapping[str, Any]) -> None:
    """The figures of a run or a sweep, and where the rest is."""
    out = speak.out
    if "curves" in summary:
        points = points_of(summary)
        rows = [
            (
                f"{p['cap']}{' *' if p['recommended'] else ''}",
                p["setting"],
                p["accuracy"],
                p["interval"],
                p["thinking"],
                p["tokens"],
                p["cut"],
            )
            for p in points
        ]
        out.print(_table(("budget", "setting", "accuracy", "95 %", "thinking", "tokens", "cut"), rows))
        if any(p["recommended"] for p in points):
            told = "* recommended: the smallest budget not shown to be worse than the best, on the same questions"
            out.print(told, style="dim", markup=False)
        for tile in tiles_of(summary):
            out.print(f"{tile['name']}: {tile['value']} ({tile['detail']})", markup=False)
    else:
        metrics = [m for group in groups_of(summary) for m in group["metrics"]]
        measured = [(m["name"], m["value"], m["interval"], m["label"].rsplit("n=", 1)[-1]) for m in metrics]
        out.print(_table(("metric", "mean", "95 %", "n"), measured))
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
        out.print(f"{'·' if note['ok'] else '!'} {note['text']}", style="dim" if note["ok"] else "yellow", markup=False)
    speak.err.print(f"\nrun: {folder}\nreport: ragkit eval report {folder}", style="dim", markup=False)


def show_comparison(speak: Say, found: Comparison, *, every: bool = False) -> None:
    """The paired difference of each metric that differs on some question, of `every` one if asked.

    * marks an interval that leaves zero out. The bootstrap and the smallest detectable effect (MDE) are shown from
    `WIDE` columns on.
    """
    out = speak.out
    shown = [d for d in found.metrics if every or not d.equal]
    wide = out.width >= WIDE
    columns = ("metric", "A", "B", "B − A", "95 % paired", "p", *(("bootstrap", "MDE") if wide else ()))
    if shown:
        out.print(_table(columns, [_compared(d)[: len(columns)] for d in shown]))
        told = "* the paired 95 % interval leaves zero out; p: exact McNemar"
        more = "; MDE: smallest difference found four times in five" if wide else ""
        out.print(told + more, style="dim", markup=False)
    if len(shown) < len(found.metrics):
        told = f"{len(found.metrics) - len(shown)} of {len(found.metrics)} metrics are equal on every question"
        out.print(f"{told}; --all shows them", markup=False)
    told = f"{found.questions} questions in both"
    if found.only_a or found.only_b:
        told += f"; {found.only_a} only in A, {found.only_b} only in B, left out"
    speak.err.print(told, style="dim", markup=False)
    for name, (a, b) in found.differing.items():
        speak.err.print(f"differs as announced: {name}: {a} / {b}", style="dim", markup=False)


def _compared(d: Difference) -> tuple[str, ...]:
    """A row, with what a narrow terminal leaves out at its end."""
    low, high = d.difference.low, d.difference.high
    if not is_amount(d.metric):
        low, high = max(-1.0, low), min(1.0, high)
    return (
        d.metric,
        _figure(d.a),
        _figure(d.b),
        _figure(d.difference.mean, "+") + (" *" if d.significant else "  "),
        f"{_figure(low, '+')} … {_figure(high, '+')}",
        "" if d.p is None else f"{d.p:.4f}",
        f"{_figure(d.bootstrap[0], '+')} … {_figure(d.bootstrap[1], '+')}",
        _figure(d.detectable),
    )


def _figure(value: float, sign: str = "") -> str:
    """A figure of any size in at most seven characters, sign included, below a million."""
    size = abs(value)
    return f"{value:{sign}.3f}" if size < 10 else f"{value:{sign}.1f}" if size < 1000 else f"{value:{sign},.0f}"


def show_calibration(speak: Say, found: Calibration, corrected: Mapping[str, float | None] | None) -> None:
    """Balanced accuracy with its interval, then by kind of claim."""
    low, high = found.interval
    out = speak.out
    out.print(
        f"{found.checker}: balanced accuracy {found.balanced_accuracy:.3f} [{low:.3f}, {high:.3f}] on "
        f"{found.claims} claims, {found.unparsed} unreadable",
        style="bold",
        markup=False,
    )
    best = f"best threshold here {found.best_threshold:.3f} ({found.best_balanced_accuracy:.3f})"
    rates = f"sensitivity {found.sensitivity:.3f}, specificity {found.specificity:.3f} at {found.threshold:g}"
    out.print(f"{rates}; {best}", markup=False)
    parts = {**found.kinds, **found.languages}
    rows = [(name, f"{share:.3f}", str(count)) for name, (share, count) in parts.items()]
    out.print(_table(("claims", "right", "n"), rows))
    if low <= 0.5:
        out.print("! the interval holds 0.5: this checker is no better than a coin here", style="yellow", markup=False)
    if corrected is not None:
        told = [f"{k} {'unknown' if v is None else f'{v:.3f}'}" for k, v in corrected.items()]
        out.print(f"groundedness corrected for the checker's errors: {', '.join(told)}", markup=False)


def show_profile(speak: Say, found: Mapping[str, Any]) -> None:
    """Mean ratings with intervals, and who judged."""
    rows = []
    for name, row in found["aspects"].items():
        interval = "" if row["low"] is None else f"{max(1, row['low']):.2f} – {min(5, row['high']):.2f}"
        rows.append((name, f"{row['mean']:.2f}", interval, str(row["n"])))
    speak.out.print(_table(("aspect", "1–5", "95 %", "n"), rows))
    speak.out.print(
        f"judged by {found['judge']}: {found['answers']} answers, {found['unparsed']} unreadable ratings", markup=False
    )
