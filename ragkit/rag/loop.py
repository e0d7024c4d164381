"""One background event loop for all synchronous calls, so that sync and async share a single implementation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import lru_cache
from typing import Any, TypeVar

__all__ = ["iterate", "run"]

T = TypeVar("T")
_END = object()


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="ragkit-loop", daemon=True).start()
    return loop


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop and wait for it; Ctrl-C cancels it there."""
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def iterate(source: AsyncIterator[T]) -> Iterator[T]:
    """Draw from an async iterator step by step; leaving the loop early closes it, which cancels its work."""
    running: asyncio.Task[Any] | None = None

    async def step() -> Any:
        nonlocal running
        running = asyncio.current_task()
        return await anext(source, _END)

    async def close() -> None:
        if running is not None and not running.done():  # interrupted in the middle of a step: that ends first
            running.cancel()
            await asyncio.wait([running])
        closing = getattr(source, "aclose", None)
        if closing is not None:
            await closing()

    try:
        while (item := run(step())) is not _END:
            yield item
    finally:
        run(close())
