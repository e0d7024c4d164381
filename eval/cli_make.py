"""`ragkit eval make`: a question set of an index's own documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ragkit.cli.output import IndexOption, JsonOption, QuietOption, say

from .options import ModelOption, engine_of

__all__ = ["make"]


def make(
    out: Annotated[Path, typer.Option(help="The set, a JSONL file; what was tried is written beside it.")],
    index: IndexOption = None,
    count: Annotated[int, typer.Option("-n", min=1, help="Questions.")] = 200,
    model: ModelOption = None,
    seed: Annotated[int, typer.Option(help="The same documents and seed give the same set.")] = 1,
    test: Annotated[
        float, typer.Option(min=0, max=1, help="Share of documents whose questions are a test split.")
    ] = 0.3,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a question set of your own documents: verified questions, with and without an answer."""
    speak = say(as_json, quiet)
    from ragkit.index import Index

    from .making.make import make as make_it

    engine = engine_of(model) if model is not None else None
    with Index(index, must_exist=True) as searched:
        made = make_it(searched, count, out, seed=seed, test=test, engine=engine)
    kinds: dict[str, int] = {}
    for line in made.lines:
        kinds[line["meta"]["made"]] = kinds.get(line["meta"]["made"], 0) + 1
    if as_json:
        speak.data({"questions": len(made.lines), "kinds": kinds, "refused": made.refused, "missing": made.missing})
        return
    speak.err.print(f"{out}: {len(made.lines)} questions", markup=False)
    for kind, number in sorted(kinds.items()):
        speak.err.print(f"  {number:5} {kind}", markup=False)
    if made.refused:
        speak.err.print(f"refused: {sum(made.refused.values())}", markup=False)
        for reason, number in made.refused.most_common():
            speak.err.print(f"  {number:5} {reason}", markup=False)
    if made.missing:
        lacking = ", ".join(f"{number} of kind {kind!r}" for kind, number in made.missing.items())
        speak.err.print(f"the documents gave too few: {lacking}", style="bold", markup=False)
