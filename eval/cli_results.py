"""The commands of `ragkit eval` that look at what runs found: compare, report, calibrate, profile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ragkit.cli.output import JsonOption, QuietOption, say

from .options import ModelOption, RunArgument, checker_of, engine_of

__all__ = ["calibrate", "compare", "profile", "report"]


def compare(
    a: Annotated[Path, typer.Argument(help="Folder of the run to compare with.")],
    b: Annotated[Path, typer.Argument(help="Folder of the run that is judged.")],
    expect: Annotated[list[str], typer.Option(help="Part of the fingerprint meant to differ; repeat.")] = [],  # noqa: B006
    metric: Annotated[str, typer.Option(help="Metric of the thresholds.")] = "accuracy",
    min_delta: Annotated[float | None, typer.Option(help="Exit 1 unless B is better by so much.")] = None,
    max_regression: Annotated[float | None, typer.Option(help="Exit 1 if B is worse by more.")] = None,
    rule: Annotated[str | None, typer.Option(help="What makes an answer right.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Show the metrics that are equal, too.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two runs question by question; exit 1 where a threshold is missed."""
    speak = say(as_json, quiet)
    from .metrics.compare import compare as compare_them
    from .metrics.compare import gate
    from .reporting.terminal import show_comparison

    found = compare_them(a, b, expect=expect, rule=rule)
    missed = gate(found, metric=metric, min_delta=min_delta, max_regression=max_regression)
    if as_json:
        speak.data({**found.to_dict(), "missed": missed})
    else:
        show_comparison(speak, found, every=every)
        if missed:
            speak.err.print(f"missed: {missed}", markup=False)
    if missed:
        raise typer.Exit(1)


def report(
    folder: RunArgument,
    to: Annotated[Path | None, typer.Option(help="File to write instead of report.html in the run.")] = None,
    export_to: Annotated[Path | None, typer.Option("--export", help="Folder for CSV, JSON and PNG.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a run's report: one HTML file with everything inside."""
    speak = say(as_json, quiet)
    from .reporting.report import export, write_report

    files = [write_report(folder, to)]
    if export_to is not None:
        files += export(folder, export_to)
    if as_json:
        speak.data([str(f) for f in files])
    else:
        for file in files:
            typer.echo(str(file))


def calibrate(
    checker: Annotated[
        str | None, typer.Option(help="ragkit (ships), lexical, served, or an NLI model's name.")
    ] = None,
    model: ModelOption = None,
    folder: Annotated[Path | None, typer.Option("--claims", help="Folder with claims.jsonl and documents/.")] = None,
    correct: Annotated[Path | None, typer.Option("--run", help="Correct this run's groundedness.")] = None,
    limit: Annotated[int | None, typer.Option(help="No more than this many claims, evenly spread.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure a groundedness checker on labelled claims, and correct a run's rate by it."""
    speak = say(as_json, quiet)
    import json

    from ragkit.config import settings

    from .checking.calibrate import calibrate as calibrate_it
    from .checking.calibrate import correct_groundedness, load_claims
    from .reporting.terminal import show_calibration

    checker = checker or settings().checker
    claims = load_claims(folder)
    if limit is not None and limit < len(claims):
        claims = [claims[int(i * len(claims) / limit)] for i in range(limit)]
    found = calibrate_it(checker_of(checker, engine_of(model) if checker == "served" else None, None), claims)
    corrected = None
    if correct is not None:
        corrected = correct_groundedness(json.loads((correct / "summary.json").read_text(encoding="utf-8")), found)
    if as_json:
        speak.data({"calibration": found, "corrected": corrected})
    else:
        show_calibration(speak, found, corrected)


def profile(
    folder: RunArgument,
    judge: Annotated[str | None, typer.Option(help="Model that judges; the configured one by default.")] = None,
    limit: Annotated[int, typer.Option(help="Answers that are rated.")] = 200,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rate a run's answers for helpfulness, clarity, engagement, depth and factuality."""
    speak = say(as_json, quiet)
    from .metrics.profile import profile as rate
    from .reporting.terminal import show_profile

    found = rate(folder, engine_of(judge), limit=limit)
    speak.data(found) if as_json else show_profile(speak, found)
