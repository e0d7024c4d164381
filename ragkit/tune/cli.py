"""`ragkit tune`: make a set, train on it, test what was learnt, merge it. Mounted, lazily, by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..cli.commands import Commands
from ..cli.output import JsonOption, QuietOption, Say, say

__all__ = ["tune_app"]

tune_app = Commands(
    name="tune",
    help="Teach a model from your own questions; what it learnt is kept only if a paired test says so.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
SetsArgument = Annotated[list[Path], typer.Argument(help="Sets made by `ragkit tune data`.")]
StudentOption = Annotated[str, typer.Option("--model", help="Model that learns: nano, hub name, folder; base+adapter.")]
RunOption = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run; an existing one is gone on with.")]
LoraOption = Annotated[int, typer.Option("--lora", min=1, help="Rank of the adapter that is trained.")]
FullOption = Annotated[bool, typer.Option("--full", help="Train all weights instead of an adapter.")]
RateOption = Annotated[float | None, typer.Option("--learning-rate", help="2e-4 for an adapter, 2e-5 for --full.")]
EpochsOption = Annotated[float, typer.Option(help="Times that each row is seen at most.")]
BatchOption = Annotated[int, typer.Option(min=1, help="Rows in a step.")]
EveryOption = Annotated[int | None, typer.Option(min=1, help="Steps between checkpoints; a tenth of all by default.")]
TestBudgetOption = Annotated[int, typer.Option("--budget", min=0, help="Thinking tokens allowed in the test.")]
TrainSeedOption = Annotated[int, typer.Option("--seed", help="Of the order of rows and of the adapter's first values.")]


@tune_app.command()
def data(
    questions: Annotated[str, typer.Argument(help="Question set with answers: a .jsonl or .csv file, nano:SEED.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File of the set.")],
    model: StudentOption,
    index: Annotated[str | None, typer.Option("--index", "-i", help="Index; else one of the set's documents.")] = None,
    n: Annotated[int | None, typer.Option("-n", min=1, help="Questions taken at most.")] = None,
    strategy: Annotated[str, typer.Option(help="Whose prompts are learnt: direct or cot.")] = "direct",
    teacher: Annotated[
        str | None, typer.Option(help="Model that writes thoughts and answers; may be the same.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Drawn from the teacher; the shortest right one stays.")] = 4,
    shots: Annotated[int, typer.Option(min=0, help="Worked examples in the prompts that are learnt.")] = 0,
    k: Annotated[int, typer.Option("-k", min=1, help="Passages in a prompt.")] = 6,
    withheld: Annotated[float, typer.Option(help="Share of rows without the answer's passages.")] = 0.2,
    cut: Annotated[float, typer.Option(help="Share of thoughts that are broken off, so that budgets hold.")] = 0.25,
    seed: Annotated[int, typer.Option(help="Of what is withheld and cut.")] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a set to learn from: a strategy's real prompts, ragkit's own distractors, checked answers."""
    speak = say(as_json, quiet)
    from ..engines import open_engine
    from ..eval.running.asking import index_for
    from ..eval.sets.reading import load_set, select
    from .data import Recipe, make_rows
    from .models import learner

    recipe = Recipe(strategy, k, samples, shots, None, withheld, cut, seed=seed)
    recipe.check_teacher(given=teacher is not None)
    student = learner(model)
    chosen = select(load_set(questions), limit=n)
    searched = index_for(chosen, index)
    engine = open_engine(teacher) if teacher else None
    try:
        made = make_rows(
            searched,
            chosen.questions,
            out,
            student=student,
            recipe=recipe,
            teacher=engine,
            teacher_name=teacher or "",
            tell=_counter(speak),
        )
    finally:
        if engine is not None:
            engine.close()
    if as_json:
        speak.data({"out": str(out), "rows": made.rows, "splits": dict(made.splits), "left_out": dict(made.left_out)})
        return
    splits = ", ".join(f"{n} {name}" for name, n in made.splits.items())
    typer.echo(f"{out}: {made.rows} rows ({splits})")
    for why, count in made.left_out.items():
        speak.err.print(f"left out: {count} questions {why}", style="dim", markup=False)


@tune_app.command()
def sft(
    sets: SetsArgument,
    model: StudentOption,
    out: RunOption,
    lora: LoraOption = 16,
    full: FullOption = False,
    four_bit: Annotated[bool, typer.Option("--4bit", help="Hold the frozen weights in four bits (CUDA).")] = False,
    epochs: EpochsOption = 3.0,
    batch: BatchOption = 8,
    learning_rate: RateOption = None,
    every: EveryOption = None,
    seed: TrainSeedOption = 0,
    budget: TestBudgetOption = 512,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Teach a model to write what a set says; exit 1 where the test on unseen documents does not keep it."""
    speak = say(as_json, quiet)
    from .models import learner, needs_extra
    from .rows import read_sets
    from .sft import Training
    from .sft import sft as train

    needs_extra()
    training = Training(0 if full else lora, four_bit, epochs, learning_rate, batch, every, seed, budget)
    finish(speak, out, train(read_sets(sets), learner(model), out, training), model)


@tune_app.command()
def merge(
    adapter: Annotated[Path, typer.Argument(help="Folder of a run or an adapter.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the merged model.")],
    base: Annotated[str | None, typer.Option("--model", help="Base; the one it was trained on by default.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the base with an adapter merged into its weights, as a model of its own."""
    speak = say(as_json, quiet)
    from ..engines.merging import merge as merge_it
    from ..errors import UsageError
    from ..models.adapters import read_adapter
    from ..models.files import find_model

    found = read_adapter(adapter)
    if not (base or found.base):
        raise UsageError(f"{adapter} does not say what it was trained on; name the base with --model")
    merge_it(find_model(base or found.base), found, out)
    speak.data({"out": str(out)}) if as_json else typer.echo(str(out))


def finish(speak: Say, out: Path, result: dict[str, Any], model: str) -> None:
    """Show a run's result; exit 1 where it was not kept."""
    gate = result["gate"]
    if speak.as_json:
        speak.data({"out": str(out), **result})
    else:
        told = "dev loss {dev_loss:.4f} at step {best_step} of {steps}".format(**result) if "dev_loss" in result else ""
        speak.err.print(f"{out}: {told}", style="dim", markup=False)
        typer.echo(gate["why"])
        if gate["kept"]:
            served = str(out) if (out / "config.json").exists() else f"{model.partition('+')[0]}+{out}"
            speak.err.print(f"ask it with --model {served}", markup=False)
    if not gate["kept"]:
        raise typer.Exit(1)


def _counter(speak: Say) -> Any:
    """Tells how many questions are done, now and then."""
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if not speak.quiet and (done == total or done >= told + max(20, total // 20)):
            told = done
            speak.err.print(f"{done} of {total} questions", style="dim", markup=False)

    return tell
