"""`ask`: one question, one call; the pipeline behind it is kept for the next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..config import settings
from ..types import Answer, Budget
from .core import RAG

__all__ = ["ask"]


@lru_cache(maxsize=8)
def _pipeline(**choices: Any) -> RAG:
    return RAG(**choices)


def ask(
    question: str,
    *,
    index: str | None = None,
    model: str | None = None,
    strategy: str | None = None,
    budget: int | Budget | None = None,
    k: int | None = None,
    shots: int = 0,
    bank: str | None = None,
    where: Mapping[str, Any] | None = None,
    home: str | Path | None = None,
) -> Answer:
    """Answer `question` from the documents of `index`, with citations; the options are those of `RAG`.

    One pipeline is kept per settings, so that a second call loads nothing. Raises UsageError for an empty question,
    NotFoundError for an index that does not exist.
    """
    config = settings(home=home, index=index, model=model, strategy=strategy, k=k)
    chosen = _pipeline(
        index=config.index,
        model=config.model,
        strategy=config.strategy,
        k=config.k,
        home=str(config.home),
        prompts=None if config.prompts is None else str(config.prompts),
        shots=shots,
        bank=bank,
    )
    return chosen.ask(question, budget=budget if budget is not None else config.budget, where=where)
