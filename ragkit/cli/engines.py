"""`ragkit engines check`: whether an engine keeps what it promises, tried on the engine itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from .commands import Commands
from .output import JsonOption, printable, say

if TYPE_CHECKING:
    from ..engines.conformance import Check

__all__ = ["engines"]

engines = Commands(help="What runs models.", no_args_is_help=True)


@engines.callback()
def _group() -> None:
    """What runs models."""


@engines.command()
def check(
    model: Annotated[str, typer.Argument(help="Model: nano, a hub name, a folder, openai:URL#name.")],
    n: Annotated[int, typer.Option("-n", min=1, max=8, help="Questions for each promise.")] = 8,
    as_json: JsonOption = False,
) -> None:
    """Try budgets, streams, seeds, calls and the rest on an engine; exit 1 when a promise is broken."""
    speak = say(as_json)
    from ..engines.conformance import conform
    from ..engines.registry import open_engine

    engine = open_engine(model)

    def show(row: Check) -> None:
        if not as_json:
            share = f"{row.held}/{row.tried}" if row.tried else ""
            speak.out.print(f"{row.name:<19}{row.outcome:<13}{share:<7}{printable(row.note)}", markup=False)

    try:
        found = asyncio.run(conform(engine, n=n, told=show))
    finally:
        engine.close()
    if as_json:
        speak.data({"model": model, "engine": engine.name, "checks": found})
    raise typer.Exit(1 if any(row.outcome == "broken" for row in found) else 0)
