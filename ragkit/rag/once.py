"""`ask`: one question, one call; the pipeline behind it is kept for the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Unpack

from ..asking import Ask, Choices, Limits
from ..config import settings
from ..index.group import JOINT
from ..types import Answer
from .core import RAG

__all__ = ["ask"]


@lru_cache(maxsize=8)
def _pipeline(limits: Limits, **kept: Any) -> RAG:  # limits: told apart by them, too
    return RAG(**kept)


def ask(
    question: str,
    *,
    index: str | Sequence[str] | None = None,
    model: str | None = None,
    home: str | Path | None = None,
    shots: int = 0,
    bank: str | None = None,
    **choices: Unpack[Choices],
) -> Answer:
    """Answer `question` from the documents of `index`, with citations; the options are those of `RAG`.

    index: a name, or several: a list of names or "a+b". choices: strategy, budget, samples, k, where …, see
    `ragkit.asking.Ask`. One pipeline is kept per settings, so that a second call loads nothing. Raises UsageError for
    an empty question or a choice outside its limits, NotFoundError for an index that does not exist.
    """
    named = index if index is None or isinstance(index, str) else JOINT.join(index)
    config = settings(home=home, index=named, model=model)
    kept = _pipeline(
        config.limits,
        index=config.index,
        model=config.model,
        strategy=config.strategy,
        budget=config.budget,
        k=config.k,
        home=str(config.home),
        prompts=None if config.prompts is None else str(config.prompts),
        shots=shots,
        bank=bank,
    )
    return kept.ask(question, Ask(**choices))
