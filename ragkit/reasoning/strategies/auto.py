"""Choose a strategy by question, budget and engine, and say why in the answer's notes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import lru_cache

from ...text.languages import Language, languages
from ...types import Done, Event
from ..base import Strategy, Task, closing
from .best_of_n import BestOfN
from .cot import ChainOfThought
from .direct import Direct
from .extractive import Extractive
from .self_consistency import SelfConsistency

__all__ = ["Auto", "choose", "looks_linked"]

MIN_THOUGHT = 16  # thinking tokens below which thinking is not worth a second thought


def looks_linked(question: str) -> bool:
    """Whether a question seems to need one fact to find the next; a guess by its form.

    "What is the seat of Veltro?" asks for one fact; every further "the … of" or "who …" describes another one.

    >>> [looks_linked(q) for q in ("Where is the employer of Ann based?", "What is the seat of Veltro?")]
    [True, False]
    """
    links, asks_for_one = _linking(languages())
    return len(links.findall(question)) > bool(asks_for_one.match(question))


@lru_cache(maxsize=2)
def _linking(known: tuple[Language, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How one thing is described by another, and how a question asks for a single thing."""
    links = "|".join(each.linking for each in known if each.linking)
    one = "|".join(each.asks_for_one for each in known if each.asks_for_one)
    return re.compile(links, re.IGNORECASE), re.compile(rf"\W*(?:{one})", re.IGNORECASE)


def choose(task: Task) -> tuple[Strategy, str]:
    """The strategy, and the reason in words."""
    engine, budget = task.engine, task.budget
    if engine is None:
        return Extractive(), "no model is configured"
    if budget.stopping is not None and budget.samples == 1:
        return ChainOfThought(), "the budget's stopping rule is for one thought"
    if budget.samples > 1 and budget.thinking_tokens == 0:
        return BestOfN(), f"{budget.samples} samples and no thinking"
    if budget.samples > 1:
        return SelfConsistency(), f"the budget allows {budget.samples} samples"
    cap = budget.thinking_tokens
    if cap is not None and cap < MIN_THOUGHT:
        return Direct(), f"{cap} thinking tokens leave nothing to think with"
    if budget.hops > 1 and looks_linked(task.question):
        linked = _hopping(tools=engine.capabilities.tools and engine.capabilities.budget)
        return linked, "one fact of the question leads to the next"
    return ChainOfThought(), "one search seems enough, and there is room to think"


def _hopping(*, tools: bool) -> Strategy:
    """The strategy that searches again: the agent for a model that calls tools, else retrieve-reason rounds."""
    from .. import strategy

    return strategy("agent" if tools else "iterative")


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
