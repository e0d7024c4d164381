"""What the commands of `ragkit eval` share: their options, and how they read and show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ragkit.cli.output import Say
from ragkit.errors import UsageError

SetArgument = Annotated[str, typer.Argument(help="Question set: a .jsonl or .csv file, a folder, primer, nano:SEED.")]
RunArgument = Annotated[Path, typer.Argument(help="Folder of a run.")]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the run; an existing one is resumed.")]
ModelOption = Annotated[str | None, typer.Option(help="Model: nano, hub name, folder, openai:URL#name.")]
LimitOption = Annotated[float | None, typer.Option(help="Questions: a number, or a share below 1.")]
IdsOption = Annotated[str | None, typer.Option(help="Only these question ids, separated by commas.")]
SeedOption = Annotated[int | None, typer.Option(help="Of sampling, and of which questions --limit takes.")]
SkipOption = Annotated[bool, typer.Option("--skip-invalid", help="Leave invalid lines out instead of stopping.")]
RuleOption = Annotated[
    str, typer.Option(help="What makes an answer right: contains, em, f1, contains_forms, squad_em, squad_f1.")
]
FlightOption = Annotated[int, typer.Option(help="Questions in flight.")]
CheckerOption = Annotated[
    str | None, typer.Option(help="Groundedness by: ragkit (ships), lexical, served, or an NLI model's name.")
]

NecessityOption = Annotated[
    bool, typer.Option("--necessity", help="Ask again without each cited passage: does the answer change?")
]


def chosen_set(
    speak: Say, name: str, limit: float | None, ids: str | None, seed: int | None, skip_invalid: bool
) -> Any:
    """The questions that are asked; invalid lines that were left out are told."""
    from .sets.reading import load_set, select

    questions = load_set(name, skip_invalid=skip_invalid)
    for s in questions.skipped[:20]:
        speak.err.print(f"left out line {s.line}: {s.reason}", style="dim", markup=False)
    if len(questions.skipped) > 20:
        speak.err.print(f"… and {len(questions.skipped) - 20} more invalid lines", style="dim", markup=False)
    wanted = [i.strip() for i in ids.split(",") if i.strip()] if ids else None
    return select(questions, limit=limit, ids=wanted, seed=seed)


def whole_numbers(option: str, text: str | None) -> tuple[int, ...]:
    """Read "0,64,256". Raises UsageError."""
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a list of whole numbers, as 0,64,256") from None


def engine_of(model: str | None) -> Any:
    """The engine of a model, or of the configured one. Raises UsageError where neither is a language model."""
    from ragkit.config import settings
    from ragkit.engines import choose, open_engine

    name = settings(model=model).model
    if choose(name).kind == "extractive":
        raise UsageError("judging needs a language model; name one with --model (profile: --judge) or RAGKIT_MODEL")
    return open_engine(name)


def checker_of(name: str, engine: Any, index: Any) -> Any:
    """A groundedness checker by its name. Raises UsageError for one that lacks its model, NotFoundError for none."""
    from .checking.checkers import LexicalChecker, NLIChecker, ServedChecker

    if name == "ragkit":
        from ragkit.embedding import Encoder
        from ragkit.reader import SupportChecker

        return SupportChecker(index.encoder if index is not None else Encoder())
    if name == "lexical":
        from ragkit.embedding import Encoder

        return LexicalChecker(index.encoder if index is not None else Encoder())
    if name == "served":
        if engine is None:
            raise UsageError("the checker 'served' needs a language model; name one with --model or RAGKIT_MODEL")
        return ServedChecker(engine)
    return NLIChecker(name)


def check(folder: Path, name: str, engine: Any, index: Any, speak: Say) -> Any:
    """Check the claims of a run and score it again."""
    from .checking.checks import check_run
    from .running.evaluate import score as score_it

    check_run(folder, checker_of(name, engine, index), quiet=speak.quiet)
    return score_it(folder)


def necessity_of(folder: Path, rag: Any, concurrency: int, speak: Say) -> Any:
    """Ask again without each cited passage, and score the run again."""
    from .running.evaluate import score as score_it
    from .running.necessity import ask_without

    failed = ask_without(folder, rag, concurrency=concurrency, quiet=speak.quiet).failed
    if failed:
        told = (
            f"{failed} answers could not be asked again; the reasons are in necessity.jsonl; score again retries them"
        )
        speak.err.print(told, style="yellow", markup=False)
    return score_it(folder)


def finish(speak: Say, folder: Path, summary: Any) -> None:
    """Show what a command found."""
    from .reporting.terminal import show_summary

    if speak.as_json:
        speak.data({"run": str(folder), **summary})
    else:
        show_summary(speak, folder, summary)
