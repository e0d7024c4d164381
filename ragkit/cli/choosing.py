"""What commands that answer have in common: options, the index meant when none is named, remarks on the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..asking import CHOICES, Allowed, Ask, K, read_budget, spread
from ..catalogue import STRATEGIES
from .output import ModelOption, Say, where_filter

if TYPE_CHECKING:
    from ..rag import RAG

__all__ = [
    "STRATEGY_NAMES",
    "AskedIndexOption",
    "index_or_only",
    "joined",
    "pipeline",
    "takes_ask",
    "tell_of_model",
]

NANO = "nano is a test model: it reads invented worlds alone; for your documents name another, Qwen/Qwen3-4B say"
STRATEGY_NAMES = ", ".join(STRATEGIES)
AskedIndexOption = Annotated[
    list[str],
    typer.Option(
        "--index",
        "-i",
        help="Index to use; repeat for several [RAGKIT_INDEX, else 'default', else the only one].",
    ),
]


def _told(name: str, more: str = "") -> str:
    about = CHOICES[name]
    return f"{about[0].upper()}{about[1:]}{more}."


_OPTIONS: dict[str, Any] = {
    "index": AskedIndexOption,
    "model": ModelOption,
    "budget": Annotated[str | None, typer.Option(metavar="N|auto", help=_told("budget"))],
    "strategy": Annotated[str | None, typer.Option(help=_told("strategy", f": {STRATEGY_NAMES}"))],
    "samples": Annotated[int | None, typer.Option(help=_told("samples"))],
    "k": Annotated[int | None, typer.Option("-k", help=_told("k", f" [{K}]"))],
    "where": Annotated[list[str], typer.Option("--where", "-w", help="Metadata filter key=value.")],
}


def joined(names: Sequence[str] | None) -> str | None:
    """The indexes of the option as one name; None where none is given."""
    return "+".join(names) if names else None


_READ: dict[str, Callable[[Any], Any]] = {
    "where": lambda pairs: where_filter(pairs or []),
    "index": joined,
    "budget": read_budget,
}


def takes_ask(*left_out: str) -> Callable[[Callable[..., None]], Any]:
    """Give a command, which has a parameter `ask: Ask`, an option for each choice but those that are left out."""
    options = {name: option for name, option in _OPTIONS.items() if name not in left_out}
    return lambda command: spread(command, options, read=_READ)


def pipeline(speak: Say, ask: Ask, **own: Any) -> RAG:
    """The pipeline that a command asks; what a newcomer trips over is told. own: further options of `RAG`."""
    from ..rag import RAG

    made = RAG(index_or_only(speak, ask.index), ask, **own)  # refuses before anything is told
    tell_of_model(speak, ask.model, ask.budget)
    return made


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


def tell_of_model(speak: Say, model: object, budget: Allowed | None = None) -> None:
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
