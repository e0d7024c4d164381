"""`ragkit plan`: what a model needs and whether it fits, before anything is fetched or loaded."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import JsonOption, say

__all__ = ["plan"]


def plan(
    model: Annotated[str, typer.Argument(help="A folder, a name in the cache, or nano.")],
    gpus: Annotated[int, typer.Option(help="GPUs to plan for; 0: the CPU.")] = 0,
    memory: Annotated[float | None, typer.Option(help="GiB of one GPU, or of the machine without one.")] = None,
    context: Annotated[int | None, typer.Option(help="Tokens of the window wanted.")] = None,
    chunks: Annotated[int, typer.Option(help="Chunks of the index beside it.")] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """Say from a model's config.json what it needs, what fits and what is given up; exit 1 when it does not fit."""
    speak = say(as_json)
    from ..plan import plan as make_plan
    from ..plan import render

    made = make_plan(model, gpus=gpus, memory_gib=memory, context_tokens=context, chunks=chunks)
    if as_json:
        speak.data(made)
    else:
        speak.out.print(render(made), markup=False, soft_wrap=True)
    raise typer.Exit(0 if made.fits else 1)
