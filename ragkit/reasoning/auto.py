"""Choose a strategy by question, budget and engine, and say why in the answer's notes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.util import find_spec

from ..text.language import words
from ..types import Done, Event
from .base import Strategy, Task, closing
from .best_of_n import BestOfN
from .cot import ChainOfThought
from .direct import Direct
from .extractive import Extractive
from .self_consistency import SelfConsistency

__all__ = ["Auto", "choose", "looks_linked"]

MIN_THOUGHT = 16  # thinking tokens below which thinking is not worth a second thought
_LINKS = re.compile(
    r"\b(?:whose|which|that|where|who)\b.*\b(?:of|by|in|for)\b.*\b(?:of|by|who|that|which|whose)\b"
    r"|\bof\b.*\bof\b|\b\w+['’]s\b.*\bof\b|\bof\b.*\b\w+['’]s\b"
    r"|котор\w+|\bчей\b|\bчья\b|\bчьё\b|\bякий\b.*\bякого\b|\bчий\b|\bчия\b|\bdessen\b|\bderen\b",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip


def looks_linked(question: str) -> bool:
    """Whether a question seems to need one fact to find the next ("the seat of the employer of Ann").

    >>> looks_linked("Where is the employer of the author of Dune based?"), looks_linked("Who wrote Dune?")
    (True, False)
    """
    return len(words(question)) >= 6 and _LINKS.search(question) is not None


def choose(task: Task) -> tuple[Strategy, str]:
    """The strategy, and the reason in words."""
    engine, budget = task.engine, task.budget
    if engine is None:
        return Extractive(), "no model is configured"
    if budget.samples > 1 and budget.thinking_tokens == 0:
        return BestOfN(), f"{budget.samples} samples and no thinking"
    if budget.samples > 1:
        return SelfConsistency(), f"the budget allows {budget.samples} samples"
    cap = budget.thinking_tokens
    if cap is not None and cap < MIN_THOUGHT:
        return Direct(), f"{cap} thinking tokens leave nothing to think with"
    if budget.hops > 1 and looks_linked(task.question):
        linked = _hopping(tools=engine.capabilities.tools and engine.capabilities.budget)
        if linked is not None:
            return linked, "one fact of the question leads to the next"
    return ChainOfThought(), "one search seems enough, and there is room to think"


def _hopping(*, tools: bool) -> Strategy | None:
    """The strategy that searches again: the agent for a model that calls tools, else retrieve-reason rounds."""
    from . import strategy

    name = "agent" if tools else "iterative"
    return strategy(name) if find_spec(f"{__package__}.{name}") else None


class Auto:
    """Hands the task to the strategy that suits it."""

    name = "auto"

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Choose, then pass on what the chosen one yields."""
        chosen, why = choose(task)
        async with closing(chosen.run(task)) as events:
            async for event in events:
                if isinstance(event, Done):
                    notes = (*event.answer.notes, f"strategy {chosen.name}: {why}")
                    event = Done(replace(event.answer, strategy=chosen.name, notes=notes))
                yield event
