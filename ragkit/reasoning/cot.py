"""Chain of thought: search once, think, answer.

A model that knows thoughts thinks its own way, under the budget. Any other is asked to reason step by step (Kojima et
al. 2022), after worked examples when the task asks for some (Wei et al. 2022), chosen by similarity to the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from ..augment.fewshot import Bank, show_examples
from ..types import Event, Retrieved
from .aloud import reason_aloud
from .answering import engine_of, read, retrieve, write
from .base import Task, closing
from .generation import run

__all__ = ["ChainOfThought", "plan"]


async def plan(task: Task) -> tuple[str, bool, dict[str, Any]]:
    """Return the template, whether the model thinks by itself, and what the template needs beyond the usual."""
    native = engine_of(task).capabilities.budget
    if task.shots:
        bank = await asyncio.to_thread(Bank.load, task.bank)
        cap = task.spend.thinking_left()
        chosen = await asyncio.to_thread(bank.choose, task.question, task.shots, task.encoder(), budget=cap)
        return "fewshot_cot", native, {"examples": show_examples(chosen)}
    return ("answer" if native else "cot"), native, {}


class ChainOfThought:
    """Think, then answer."""

    name = "cot"

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, read, think, write."""
        hits = await retrieve(task)
        yield Retrieved(task.question, hits)
        template, native, more = await plan(task)
        reading = await read(task, hits, template=template, thinking=native, **more)
        async with closing(write(task, reading, runner=run if native and not task.shots else reason_aloud)) as events:
            async for event in events:
                yield event
