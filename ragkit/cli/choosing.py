"""What commands that answer have in common: options, the index meant when none is named, remarks on the model."""

from __future__ import annotations

from typing import Annotated

import typer

from ..catalogue import STRATEGIES
from .output import Say

__all__ = [
    "STRATEGY_NAMES",
    "AskedIndexOption",
    "BudgetOption",
    "PassagesOption",
    "StrategyOption",
    "index_or_only",
    "tell_of_model",
]

NANO = "nano is a test model: it reads invented worlds alone; for your documents name another, Qwen/Qwen3-4B say"
STRATEGY_NAMES = ", ".join(STRATEGIES)
AskedIndexOption = Annotated[
    str | None, typer.Option("--index", "-i", help="Index to use [RAGKIT_INDEX, else 'default', else the only one].")
]
StrategyOption = Annotated[str | None, typer.Option(help=f"How to reason: {STRATEGY_NAMES}.")]
BudgetOption = Annotated[int | None, typer.Option(min=0, help="Thinking tokens of an answer, a hard cap.")]
PassagesOption = Annotated[int | None, typer.Option("-k", min=1, max=1000, help="Passages an answer may read.")]


def index_or_only(speak: Say, index: str | None) -> str | None:
    """The index named by the option, RAGKIT_INDEX or ragkit.toml, else the only one of the home, which is told.

    None where nothing is named and there is none, one of the default's name, or several to choose from.
    """
    from ..config import settings
    from ..index import list_indexes

    config = settings()
    if index is not None or "index" in config.model_fields_set:
        return index
    names = [record.name for record in list_indexes()]
    if len(names) != 1 or names == [config.index]:
        return None
    speak.err.print(f"index {names[0]!r}, the only one here", style="dim", markup=False)
    return names[0]


def tell_of_model(speak: Say, model: str | None, budget: int | None = None) -> None:
    """Say what a newcomer trips over: a budget where no model thinks, and nano, which cannot read real documents."""
    from ..config import settings
    from ..engines import choose
    from ..engines.consent import host_elsewhere

    choice = choose(settings(model=model).model)
    if choice.kind == "extractive" and budget is not None:
        speak.err.print("no model is configured: the budget has nothing to cap", style="dim", markup=False)
    if choice.kind == "openai" and (host := host_elsewhere(f"openai:{choice.target}")):
        speak.err.print(f"questions and passages go to the model at {host}", style="dim", markup=False)
    if choice.target == "nano":
        speak.err.print(NANO, style="dim", markup=False, soft_wrap=True)
