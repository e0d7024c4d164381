"""An event loop whose clock is not the wall's: waiting takes no time, so deadlines are exact on any machine."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")
CLOCKS = ("spending", "generation", "deadlines")  # modules of ragkit.reasoning that read a clock


class _Selector(selectors.DefaultSelector):
    """Waits in earnest for threads only; else the clock is set forward to the next timer."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if self.loop.threads or timeout is None:
            return super().select(None if timeout != 0 else 0)
        self.loop.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Seconds pass only by timers; what a thread does takes none."""

    def __init__(self) -> None:
        self.now, self.threads = 0.0, 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        future = super().run_in_executor(executor, func, *args)
        self.threads += 1
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future: Any) -> None:
        self.threads -= 1


@contextmanager
def virtual_time() -> Iterator[VirtualLoop]:
    """A loop whose clock the budgets of `ragkit.reasoning` read too."""
    loop = VirtualLoop()
    clock = SimpleNamespace(perf_counter=loop.time)
    patches = [patch(f"ragkit.reasoning.{name}.time", clock) for name in CLOCKS]
    for p in patches:
        p.start()
    try:
        yield loop
    finally:
        for p in patches:
            p.stop()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def run(work: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run a coroutine that makes its own tasks and spends; returns its result and the seconds that it took."""
    with virtual_time() as loop:
        return loop.run_until_complete(work), loop.now
