"""`ragkit eval`: run, sweep, score, compare, report, calibrate, profile. Mounted, lazily, by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ragkit.cli.output import JsonOption, QuietOption, Say, say
from ragkit.errors import UsageError

__all__ = ["eval_app"]

eval_app = typer.Typer(
    name="eval", help="Measure how factual answers are, and what thinking is worth.", no_args_is_help=True,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

SetArgument = Annotated[str, typer.Argument(help="Question set: a .jsonl or .csv file, a folder, primer, nano:SEED.")]
RunArgument = Annotated[Path, typer.Argument(help="Folder of a run.")]
IndexOption = Annotated[
    str | None, typer.Option("--index", "-i", help="Index; else one is made of the set's documents.")
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the run; an existing one is resumed.")]
ModelOption = Annotated[str | None, typer.Option(help="Model: nano, hub name, folder, openai:URL#name.")]
StrategyOption = Annotated[str | None, typer.Option(help="How to reason.")]
LimitOption = Annotated[float | None, typer.Option(help="Questions: a number, or a share below 1.")]
IdsOption = Annotated[str | None, typer.Option(help="Only these question ids, separated by commas.")]
SeedOption = Annotated[int | None, typer.Option(help="Of sampling, and of which questions --limit takes.")]
SkipOption = Annotated[bool, typer.Option("--skip-invalid", help="Leave invalid lines out instead of stopping.")]
RuleOption = Annotated[str, typer.Option(help="What makes an answer right: contains, em or f1.")]
FlightOption = Annotated[int, typer.Option(help="Questions in flight.")]
CheckerOption = Annotated[str | None, typer.Option(help="Groundedness by: lexical, served, or an NLI model's name.")]


@eval_app.command()
def run(
    questions: SetArgument,
    index: IndexOption = None,
    model: ModelOption = None,
    strategy: StrategyOption = None,
    budget: Annotated[int | None, typer.Option(help="Thinking tokens, a hard cap.")] = None,
    k: Annotated[int | None, typer.Option("-k", help="Passages an answer may read.")] = None,
    samples: Annotated[int, typer.Option(help="Answers drawn for each question.")] = 1,
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Search, ask no model.")] = False,
    mode: Annotated[str, typer.Option(help="With --retrieval-only: hybrid, dense or lexical.")] = "hybrid",
    checker: CheckerOption = None,
    limit: LimitOption = None,
    ids: IdsOption = None,
    seed: SeedOption = None,
    rule: RuleOption = "contains",
    concurrency: FlightOption = 64,
    out: OutOption = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Draw failed samples again.")] = False,
    skip_invalid: SkipOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Ask every question of a set and measure the answers."""
    speak = say(as_json, quiet)
    from .asking import index_for
    from .evaluate import evaluate, evaluate_searches, run_folder

    chosen = _set(speak, questions, limit, ids, seed, skip_invalid)
    searched = index_for(chosen, index)
    folder = out or run_folder(chosen, "search" if retrieval_only else (strategy or "run"))
    if retrieval_only:
        summary = evaluate_searches(searched, chosen, folder, k=k or 50, mode=mode, quiet=speak.quiet)
    else:
        from ragkit.rag import RAG

        with RAG(searched, model=model, strategy=strategy, budget=budget, k=k) as rag:
            summary = evaluate(
                rag, chosen, folder, samples=samples, seed=seed, rule=rule, concurrency=concurrency,
                retry_failed=retry_failed, quiet=speak.quiet,
            )  # fmt: skip
            if checker is not None:
                summary = _check(folder, checker, rag.engine, searched, speak)
    _finish(speak, folder, summary)


@eval_app.command()
def sweep(
    questions: SetArgument,
    index: IndexOption = None,
    model: ModelOption = None,
    strategy: StrategyOption = None,
    budgets: Annotated[
        str, typer.Option(help="Thinking caps; the natural thought is always added.")
    ] = "0,16,32,64,128,256",
    samples: Annotated[str, typer.Option(help="Sizes of the vote, as 1,4,8.")] = "1",
    k: Annotated[str | None, typer.Option("-k", help="Passages read, as 4,8.")] = None,
    hops: Annotated[
        str | None, typer.Option(help="Retrieval rounds of the agent, as 2,4; asked anew for each.")
    ] = None,
    limit: LimitOption = None,
    ids: IdsOption = None,
    seed: SeedOption = None,
    rule: RuleOption = "contains",
    concurrency: FlightOption = 64,
    out: OutOption = None,
    write_config: Annotated[
        bool, typer.Option("--write-config", help="Make the recommended budget the index's.")
    ] = False,
    skip_invalid: SkipOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure accuracy against thinking: one natural thought a question, forked into every budget."""
    speak = say(as_json, quiet)
    from ragkit.rag import RAG

    from .asking import index_for
    from .evaluate import run_folder
    from .sweep import Grid
    from .sweep import sweep as sweep_it

    grid = Grid(
        _numbers("--budgets", budgets), _numbers("--samples", samples), _numbers("-k", k), _numbers("--hops", hops)
    )
    chosen = _set(speak, questions, limit, ids, seed, skip_invalid)
    searched = index_for(chosen, index)
    folder = out or run_folder(chosen, "sweep")
    with RAG(searched, model=model, strategy=strategy) as rag:
        summary = sweep_it(rag, chosen, folder, grid, seed=seed, rule=rule, concurrency=concurrency, quiet=speak.quiet)
    if write_config:
        from .asking import write_budget

        cap = summary["curves"][0]["recommended"]["cap"]
        write_budget(searched, cap)
        speak.err.print(f"index {searched.name!r} now answers with a budget of {cap} thinking tokens", markup=False)
    _finish(speak, folder, summary)


@eval_app.command()
def score(
    folder: RunArgument,
    questions: Annotated[str | None, typer.Option("--set", help="Take the gold from this set instead.")] = None,
    checker: CheckerOption = None,
    model: ModelOption = None,
    rule: Annotated[str | None, typer.Option(help="What makes an answer right: contains, em or f1.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute a run's figures again; nothing is generated, except by a checker that is named."""
    speak = say(as_json, quiet)
    from .evaluate import score as score_it
    from .runs import read_run
    from .sets import load_set

    manifest, _ = read_run(folder)
    if manifest["command"] == "sweep":
        from .sweep import score_sweep

        _finish(speak, folder, score_sweep(folder, rule=rule))
        return
    if checker is not None:
        _check(folder, checker, _engine(model) if checker == "served" else None, None, speak)
    gold = load_set(questions) if questions is not None else None
    _finish(speak, folder, score_it(folder, rule=rule, questions=gold))


@eval_app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="Folder of the run to compare with.")],
    b: Annotated[Path, typer.Argument(help="Folder of the run that is judged.")],
    expect: Annotated[list[str], typer.Option(help="Part of the fingerprint meant to differ; repeat.")] = [],  # noqa: B006
    metric: Annotated[str, typer.Option(help="Metric of the thresholds.")] = "accuracy",
    min_delta: Annotated[float | None, typer.Option(help="Exit 1 unless B is better by so much.")] = None,
    max_regression: Annotated[float | None, typer.Option(help="Exit 1 if B is worse by more.")] = None,
    rule: Annotated[str | None, typer.Option(help="What makes an answer right.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two runs question by question; exit 1 where a threshold is missed."""
    speak = say(as_json, quiet)
    from .compare import compare as compare_them
    from .compare import gate
    from .terminal import show_comparison

    found = compare_them(a, b, expect=expect, rule=rule)
    missed = gate(found, metric=metric, min_delta=min_delta, max_regression=max_regression)
    if as_json:
        speak.data({**found.to_dict(), "missed": missed})
    else:
        show_comparison(speak, found)
        if missed:
            speak.err.print(f"missed: {missed}", markup=False)
    if missed:
        raise typer.Exit(1)


@eval_app.command()
def report(
    folder: RunArgument,
    to: Annotated[Path | None, typer.Option(help="File to write instead of report.html in the run.")] = None,
    export_to: Annotated[Path | None, typer.Option("--export", help="Folder for CSV, JSON and PNG.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a run's report: one HTML file with everything inside."""
    speak = say(as_json, quiet)
    from .report import export, write_report

    files = [write_report(folder, to)]
    if export_to is not None:
        files += export(folder, export_to)
    if as_json:
        speak.data([str(f) for f in files])
    else:
        for file in files:
            typer.echo(str(file))


@eval_app.command()
def calibrate(
    checker: Annotated[str, typer.Option(help="lexical, served, or an NLI model's name.")] = "lexical",
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

    from .calibrate import calibrate as calibrate_it
    from .calibrate import correct_groundedness, load_claims
    from .terminal import show_calibration

    claims = load_claims(folder)
    if limit is not None and limit < len(claims):
        claims = [claims[int(i * len(claims) / limit)] for i in range(limit)]
    found = calibrate_it(_checker(checker, _engine(model) if checker == "served" else None, None), claims)
    corrected = None
    if correct is not None:
        corrected = correct_groundedness(json.loads((correct / "summary.json").read_text(encoding="utf-8")), found)
    if as_json:
        speak.data({"calibration": found, "corrected": corrected})
    else:
        show_calibration(speak, found, corrected)


@eval_app.command()
def profile(
    folder: RunArgument,
    judge: Annotated[str | None, typer.Option(help="Model that judges; the configured one by default.")] = None,
    limit: Annotated[int, typer.Option(help="Answers that are rated.")] = 200,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rate a run's answers for helpfulness, clarity, engagement, depth and factuality."""
    speak = say(as_json, quiet)
    from .profile import profile as rate
    from .terminal import show_profile

    found = rate(folder, _engine(judge), limit=limit)
    speak.data(found) if as_json else show_profile(speak, found)


def _set(speak: Say, name: str, limit: float | None, ids: str | None, seed: int | None, skip_invalid: bool) -> Any:
    from .sets import load_set, select

    questions = load_set(name, skip_invalid=skip_invalid)
    for s in questions.skipped[:20]:
        speak.err.print(f"left out line {s.line}: {s.reason}", style="dim", markup=False)
    if len(questions.skipped) > 20:
        speak.err.print(f"… and {len(questions.skipped) - 20} more invalid lines", style="dim", markup=False)
    wanted = [i.strip() for i in ids.split(",") if i.strip()] if ids else None
    return select(questions, limit=limit, ids=wanted, seed=seed)


def _numbers(option: str, text: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a list of whole numbers, as 0,64,256") from None


def _engine(model: str | None) -> Any:
    from ragkit.config import settings
    from ragkit.engines import open_engine

    return open_engine(settings(model=model).model)


def _checker(name: str, engine: Any, index: Any) -> Any:
    from .checkers import LexicalChecker, NLIChecker, ServedChecker

    if name == "lexical":
        from ragkit.embedding import Encoder

        return LexicalChecker(index.encoder if index is not None else Encoder())
    if name == "served":
        if engine is None:
            raise UsageError("the checker 'served' needs a language model; name one with --model or RAGKIT_MODEL")
        return ServedChecker(engine)
    return NLIChecker(name)


def _check(folder: Path, name: str, engine: Any, index: Any, speak: Say) -> Any:
    from .checks import check_run
    from .evaluate import score as score_it

    check_run(folder, _checker(name, engine, index), quiet=speak.quiet)
    return score_it(folder)


def _finish(speak: Say, folder: Path, summary: Any) -> None:
    from .terminal import show_summary

    if speak.as_json:
        speak.data({"run": str(folder), **summary})
    else:
        show_summary(speak, folder, summary)
