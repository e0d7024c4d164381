"""Deadlines of one prompt: how long the next piece may take, and how a thought is closed in time for its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from ..engines.base import Delta, Engine, Request, Sample
from ..engines.budgets import is_open
from .base import Task

__all__ = ["can_close", "closed", "next_within", "ran_out", "time_left"]


async def next_within(items: AsyncIterator[Delta | Sample], left: float | None) -> Delta | Sample | None:
    """The stream's next item within `left` seconds; None at its end."""
    if left is None:
        return await anext(items, None)
    return await asyncio.wait_for(_step(items), left)


async def _step(items: AsyncIterator[Delta | Sample]) -> Delta | Sample | None:
    return await anext(items, None)


def can_close(engine: Engine, request: Request) -> bool:
    """Whether a thought of this request can be closed while it runs, and its answer drawn after it."""
    tok = engine.tokenizer if engine.capabilities.token_ids else None
    return (
        request.seconds is not None
        and request.thinking_tokens != 0
        and bool(request.prompt_ids)
        and engine.capabilities.streaming
        and engine.capabilities.budget
        and tok is not None
        and tok.think_end_id is not None
    )


def closed(engine: Engine, request: Request, thought: tuple[int, ...], seconds: float | None) -> Request:
    """The request that draws the answer after a thought as far as it has come."""
    tok = engine.tokenizer
    start, end = tok.think_start_id, tok.think_end_id
    assert end is not None
    lead = () if start is None or is_open(request.prompt_ids, start, end) else (start,)
    return replace(request, prompt_ids=(*request.prompt_ids, *lead, *thought, end), thinking_tokens=0, seconds=seconds)


def time_left(task: Task, request: Request, began: float, thinking: bool) -> float | None:
    """Seconds that the next piece may take: within the request's own, and those for thinking while it may be cut."""
    if request.seconds is None:
        return None
    left = max(0.0, request.seconds - (time.perf_counter() - began))
    for more in (task.spend.seconds_to_write, task.spend.seconds_to_think if thinking else None):
        left = left if more is None else min(left, more)
    return left


def ran_out(request: Request, began: float, left: float | None) -> bool:
    """Whether a time of the answer's own ran out: the request's, or what is `left`; engines may stop a little early."""
    if request.seconds is None or left is None:
        return False
    return left <= 0.05 or time.perf_counter() - began >= 0.98 * request.seconds - 0.05
