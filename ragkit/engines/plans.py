"""How one sample of a request is run by an engine on ids: its prompt, whether it thinks, and how much room there is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..types import Ended
from .base import Request
from .budgets import Room, is_open, room_for
from .tokens import HFTokenizer

__all__ = ["Plan", "deadline_of", "plan_for"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn after `prompt`: a thought if it `thinks`, opened by `lead`, and the answer.

    ended: what is reported when no thought is drawn. deadline: loop time at which all must be done.
    """

    prompt: tuple[int, ...]
    room: Room
    thinks: bool
    lead: tuple[int, ...] = ()
    ended: Ended = "natural"
    deadline: float | None = None


def deadline_of(request: Request) -> float | None:
    """Return the loop time at which a request that starts now must be done."""
    return None if request.seconds is None else asyncio.get_running_loop().time() + request.seconds


def plan_for(request: Request, tokenizer: HFTokenizer) -> Plan:
    """Decide on the prompt, whether a thought is drawn, and how many tokens it and the answer may take.

    Raises UsageError when the prompt fills the context.
    """
    prompt = request.prompt_ids or tuple(
        tokenizer.chat(request.messages, request.tools, thinking=request.thinking_tokens != 0)
    )
    start, end = tokenizer.think_start_id, tokenizer.think_end_id
    opened = is_open(prompt, start, end)
    closed = not opened and end is not None and end in prompt[-4:]
    thinks = start is not None and not closed
    return Plan(
        prompt=prompt,
        room=room_for(
            prompt=len(prompt),
            context=tokenizer.context_tokens,
            cap=request.thinking_tokens,
            answer=request.answer_tokens,
        ),
        thinks=thinks,
        lead=(start,) if thinks and not opened and start is not None else (),
        ended="forced" if request.thinking_tokens == 0 else "natural",
        deadline=deadline_of(request),
    )
