"""Search once, read, answer at once: no thinking."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ...types import Event, Retrieved
from ..answering import read, retrieve, write
from ..base import Task, closing

__all__ = ["Direct"]


class Direct:
    """The cheapest strategy with a model; the floor that others are measured against."""

    name = "direct"

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, read, write."""
        hits = await retrieve(task)
        yield Retrieved(task.question, hits)
        reading = await read(task, hits, thinking=False)
        async with closing(write(task, reading)) as events:
            async for event in events:
                yield event
