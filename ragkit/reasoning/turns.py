"""Answers that take several turns: a turn may use half of the thought and three quarters of the text that are left.

The last one, which must answer, may use all of it: so the whole stays within the budget, and there is always something
to answer with. Of the seconds a part is kept for it (`spending`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..engines.base import Sample
from ..types import Thinking, Token
from .answering import engine_of
from .base import Task
from .generation import Prompt, answer_room, run

__all__ = ["last_turn", "spent", "text_left", "thinks", "turn"]

CALL = "<tool_call>"


def text_left(task: Task) -> int:
    """Tokens of text that the answer may still take, at least 1."""
    return max(1, task.budget.answer_tokens - task.spend.ledger().answer_tokens)


def thinks(task: Task) -> bool:
    """Whether the next turn has a thought of its own."""
    return engine_of(task).capabilities.budget and task.spend.thinking_left() != 0


def spent(task: Task) -> str | None:
    """Which part of the budget allows no further turn before the last: time, thinking or text; None while all do."""
    if task.spend.seconds_to_think == 0.0:
        return "time"
    left = task.spend.thinking_left()
    if task.budget.thinking_tokens and left is not None and left < 2:
        return "thinking"
    return "text" if text_left(task) < 2 else None


async def turn(task: Task, prompt: Prompt) -> AsyncIterator[Thinking | Sample]:
    """Run a turn that may not be the last; its text is kept back, since it may be no answer."""
    left = text_left(task)
    room = max(1, min(left - max(1, left // 4), answer_room(task, engine_of(task))))
    seconds = task.spend.seconds_to_think
    async for item in run(task, prompt, share=2, drawn=False, answer_tokens=room, seconds=seconds):
        if not isinstance(item, Token):
            yield item


async def last_turn(task: Task, prompt: Prompt) -> AsyncIterator[Thinking | Token | Sample]:
    """Run the turn that answers, with all that is left. A call written in it, where none is offered, is not shown."""
    room = min(text_left(task), answer_room(task, engine_of(task)))
    held = ""
    async for item in run(task, prompt, answer_tokens=room):
        if isinstance(item, Token):
            held += item.text
            certain = _certain(held)
            if certain:
                yield Token(held[:certain])
            held = held[certain:]
        else:
            if isinstance(item, Sample) and held and CALL not in held:
                yield Token(held)
            yield item


def _certain(text: str) -> int:
    """How many characters of `text` cannot belong to a call."""
    at = text.find(CALL)
    if at >= 0:
        return at
    return len(text) - max((n for n in range(1, len(CALL)) if text.endswith(CALL[:n])), default=0)
