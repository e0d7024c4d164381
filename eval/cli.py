"""`ragkit eval`: run, sweep and score, and what looks at their results. Mounted, lazily, by the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ragkit.asking import Ask
from ragkit.cli.choosing import takes_ask
from ragkit.cli.commands import Commands
from ragkit.cli.output import JsonOption, QuietOption, Say, say
from ragkit.types import Budget

from . import cli_make, cli_results
from .options import (
    CheckerOption,
    FlightOption,
    IdsOption,
    LimitOption,
    ModelOption,
    NecessityOption,
    OutOption,
    RuleOption,
    RunArgument,
    SeedOption,
    SetArgument,
    SkipOption,
    check,
    chosen_set,
    engine_of,
    finish,
    necessity_of,
    whole_numbers,
)
from .sets.reading import EXAMPLE

__all__ = ["eval_app"]

SWEPT = "0,16,32,64,128,256"  # budgets of a sweep where none are named

eval_app = Commands(
    name="eval",
    help="Measure how factual answers are, and what thinking is worth.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
FORMAT = (
    f"A question set of your own has one question a line:\n\n\b\n{EXAMPLE}\n\n"  # \b: not to be wrapped
    'No answers ([]) say that the documents hold none; "relevant" and an "id" may be left out.'
)


@eval_app.command(epilog=FORMAT)
@takes_ask("samples", "where")
def run(
    questions: SetArgument,
    ask: Ask,
    samples: Annotated[int, typer.Option(help="Answers drawn for each question.")] = 1,
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Search, ask no model.")] = False,
    mode: Annotated[str, typer.Option(help="With --retrieval-only: hybrid, dense or lexical.")] = "hybrid",
    checker: CheckerOption = None,
    necessity: NecessityOption = False,
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
    from .running.evaluate import SEARCH_DEPTH, evaluate, evaluate_searches, run_folder

    chosen = chosen_set(speak, questions, limit, ids, seed, skip_invalid)
    folder = out or run_folder(chosen, "search" if retrieval_only else str(ask.strategy or "run"))
    searched = _searched(speak, chosen, ask.index, folder)
    if retrieval_only:
        summary = evaluate_searches(searched, chosen, folder, k=ask.k or SEARCH_DEPTH, mode=mode, quiet=speak.quiet)
    else:
        from ragkit.rag import RAG

        with RAG(searched, ask) as rag:
            summary = evaluate(
                rag,
                chosen,
                folder,
                samples=samples,
                seed=seed,
                rule=rule,
                concurrency=concurrency,
                retry_failed=retry_failed,
                quiet=speak.quiet,
            )
            if checker is not None:
                summary = check(folder, checker, rag.engine, searched, speak)
            if necessity:
                summary = necessity_of(folder, rag, concurrency, speak)
    finish(speak, folder, summary)


@eval_app.command(epilog=FORMAT)
@takes_ask("samples", "where", "budget", "k")
def sweep(
    questions: SetArgument,
    ask: Ask,
    budgets: Annotated[str, typer.Option(help="Thinking caps; the natural thought is always added.")] = SWEPT,
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
        bool, typer.Option("--write-config", help="Make the recommended budget, or with --auto the rule, the index's.")
    ] = False,
    auto: Annotated[bool, typer.Option("--auto", help="Fit the rule of budget auto: when a thought may stop.")] = False,
    epsilon: Annotated[float, typer.Option(help="With --auto: the share of questions that may be lost by it.")] = 0.02,
    delta: Annotated[float, typer.Option(help="With --auto: the chance that more are.")] = 0.1,
    skip_invalid: SkipOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure accuracy against thinking: one natural thought a question, forked into every budget."""
    speak = say(as_json, quiet)
    from ragkit.rag import RAG

    from .running.evaluate import run_folder
    from .running.stopping import CHECKPOINTS
    from .running.sweep import Grid
    from .running.sweep import sweep as sweep_it

    grid = Grid(
        caps=CHECKPOINTS if auto and budgets == SWEPT else whole_numbers("--budgets", budgets),
        samples=whole_numbers("--samples", samples),
        ks=whole_numbers("-k", k),
        hops=whole_numbers("--hops", hops),
    )
    chosen = chosen_set(speak, questions, limit, ids, seed, skip_invalid)
    folder = out or run_folder(chosen, "sweep")
    searched = _searched(speak, chosen, ask.index, folder)
    with RAG(searched, replace(ask, budget=Budget())) as rag:  # whatever the settings' own budget is
        summary = sweep_it(
            rag,
            chosen,
            folder,
            grid,
            seed=seed,
            rule=rule,
            concurrency=concurrency,
            quiet=speak.quiet,
            promise=(epsilon, delta) if auto else None,
        )
    finish(speak, folder, summary)
    if write_config and auto:
        _keep_rule(speak, searched, summary["stopping"])
    elif write_config:
        _keep_budget(speak, searched, summary["curves"][0])


@eval_app.command()
def score(
    folder: RunArgument,
    questions: Annotated[str | None, typer.Option("--set", help="Take the gold from this set instead.")] = None,
    checker: CheckerOption = None,
    model: ModelOption = None,
    necessity: NecessityOption = False,
    index: Annotated[str | None, typer.Option("--index", "-i", help="With --necessity: another index to ask.")] = None,
    concurrency: FlightOption = 64,
    rule: Annotated[str | None, typer.Option(help="What makes an answer right: contains, em or f1.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute a run's figures again; nothing is generated, except by a checker that is named and for --necessity."""
    speak = say(as_json, quiet)
    from .running.evaluate import score as score_it
    from .running.runs import read_run
    from .sets.reading import load_set

    manifest, _ = read_run(folder)
    if manifest["command"] == "sweep":
        from .running.sweep import score_sweep

        finish(speak, folder, score_sweep(folder, rule=rule))
        return
    if checker is not None:
        check(folder, checker, engine_of(model) if checker == "served" else None, None, speak)
    if necessity:
        from .running.necessity import pipeline_of

        with pipeline_of(folder, index=index) as rag:
            necessity_of(folder, rag, concurrency, speak)
    gold = load_set(questions) if questions is not None else None
    finish(speak, folder, score_it(folder, rule=rule, questions=gold))


def _searched(speak: Say, questions: Any, name: str | None, folder: Path) -> Any:
    """The index to search; where the run goes and which index is made for it are told first."""
    from .running.asking import index_for, index_name

    speak.err.print(f"run: {folder}", style="dim", markup=False)
    if name is None and questions.documents is not None:
        made = index_name(questions.name)
        told = f"index: {made}, made of the set's documents; `ragkit rm --all -i {made}` removes it"
        speak.err.print(told, style="dim", markup=False)
    return index_for(questions, name)


def _keep_budget(speak: Say, index: Any, curve: Any) -> None:
    """Make a curve's recommended budget the index's; exit 1 where the sweep recommends none."""
    from .reporting.pages import no_budget
    from .running.asking import write_budget

    refused = no_budget(curve)
    if refused:
        speak.err.print(f"{refused}; index {index.name!r} keeps the budget it had", style="bold red", markup=False)
        raise typer.Exit(1)
    cap = curve["recommended"]["cap"]
    write_budget(index, cap)
    speak.err.print(f"index {index.name!r} now answers with a budget of {cap} thinking tokens", markup=False)


def _keep_rule(speak: Say, index: Any, found: Any) -> None:
    """Keep the stopping rule with the index; exit 1 where none was found."""
    from .running.stopping import write_rule

    if found["rule"] is None:
        speak.err.print(f"no stopping rule: {found['why']}", style="bold red", markup=False)
        raise typer.Exit(1)
    write_rule(index, found["rule"])
    speak.err.print(f"index {index.name!r} now knows when a thought may stop: ask with --budget auto", markup=False)


for command in (cli_make.make, cli_results.compare, cli_results.report, cli_results.calibrate, cli_results.profile):
    eval_app.command()(command)
