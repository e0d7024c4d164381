"""Draws the curve of a training run: loss, and accuracy on unseen worlds, over minutes."""

from __future__ import annotations

import json
from pathlib import Path


def plot_curve(curve: Path, out: Path) -> None:
    """Read a run's curve.jsonl and write a PNG (or any format matplotlib knows by the suffix of `out`)."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    lines = [json.loads(line) for line in curve.read_text().splitlines()]
    losses = [(line["minutes"], line["loss"]) for line in lines if "loss" in line]
    tests = [(line["minutes"], line["accuracy"]) for line in lines if "accuracy" in line]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
    left.plot([m for m, _ in losses], [value for _, value in losses])
    left.set(xlabel="minutes", ylabel="loss per written token", yscale="log", title="training loss")
    for cell in sorted({cell for _, accuracy in tests for cell in accuracy}):
        points = [(m, accuracy[cell]) for m, accuracy in tests if cell in accuracy]
        style = ":" if cell.endswith("budget0") else "-"
        right.plot([m for m, _ in points], [v for _, v in points], style, marker=".", label=cell)
    right.set(xlabel="minutes", ylabel="share right", ylim=(0, 1.02), title="unseen worlds, greedy, whole text right")
    if tests:
        right.legend(fontsize=7, ncols=2)
    figure.savefig(out, dpi=110)
    pyplot.close(figure)
