"""Chain of thought: search once, think, answer.

A model that knows thoughts thinks its own way, under the budget. Any other is asked to reason step by step (Kojima et
al. 2022), after worked examples when the task asks for some (Wei et al. 2022), chosen by similarity to the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from ...augment.fewshot import Bank, Example, show_examples
from ...types import Event, Retrieved
from ..answering import Runner, engine_of, read, retrieve, write
from ..base import Task, closing
from ..generation import count_tokens, run, window_tokens
from .aloud import reason_aloud

__all__ = ["ChainOfThought", "plan_prompt"]

EXAMPLES_SHARE = 0.33  # of the window; passages, thought and answer need the rest


async def plan_prompt(task: Task) -> tuple[str, bool, dict[str, Any]]:
    """Return the template, whether the model thinks by itself, and what the template needs beyond the usual."""
    native = engine_of(task).capabilities.budget
    if task.shots:
        bank = await asyncio.to_thread(Bank.load, task.bank)
        cap = task.spend.thinking_left()
        chosen = await asyncio.to_thread(bank.choose, task.question, task.shots, task.encoder(), budget=cap)
        examples = await asyncio.to_thread(_that_fit, task, chosen)
        if examples:
            return "fewshot_cot", native, {"examples": show_examples(examples)}
    return ("answer" if native else "cot"), native, {}


def _that_fit(task: Task, examples: Sequence[Example]) -> Sequence[Example]:
    """The nearest of the examples, which stand last, as many as fit their share of the engine's window."""
    engine = engine_of(task)
    room = int(EXAMPLES_SHARE * window_tokens(engine))
    kept = examples
    while kept and count_tokens(engine, show_examples(kept)) > room:
        kept = kept[1:]
    if len(kept) < len(examples):
        left_out = len(examples) - len(kept)
        task.spend.remarks.append(f"left out {left_out} of {len(examples)} worked examples: {room} tokens are for them")
    return kept


def _tell_what_the_rule_is_worth(task: Task, *, settles: bool) -> None:
    """Remark where the promise of the stopping rule does not hold for this answer."""
    rule, engine = task.budget.stopping, engine_of(task)
    if not settles or not engine.capabilities.logprobs:
        task.spend.remarks.append(
            "budget auto: this engine or prompt cannot be stopped by the rule; it thought to the end"
        )
    elif rule is not None and rule.k not in (0, task.k):
        task.spend.remarks.append(
            f"budget auto: the stopping rule was fitted with k={rule.k}; with k={task.k} it promises nothing"
        )


class ChainOfThought:
    """Think, then answer."""

    name = "cot"

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, read, think, write."""
        hits = await retrieve(task)
        yield Retrieved(task.question, hits)
        template, native, more = await plan_prompt(task)
        reading = await read(task, hits, template=template, thinking=native, **more)
        runner: Runner = partial(run, settling=True) if native and not task.shots else reason_aloud
        if task.budget.stopping is not None:
            _tell_what_the_rule_is_worth(task, settles=runner is not reason_aloud)
        async with closing(write(task, reading, runner=runner)) as events:
            async for event in events:
                yield event
