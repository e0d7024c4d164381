"""How far a run is, with rate and time left, on stderr: a moving line on a terminal, a line now and then elsewhere.

Whoever shows it elsewhere listens: `with told_to(listener): evaluate(...)`. A listener that raises ends the run, which
can be resumed like any interrupted one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

__all__ = ["RunProgress", "told_to"]

_LISTENER: ContextVar[Callable[[RunProgress], None] | None] = ContextVar("ragkit_eval_listener", default=None)


@contextmanager
def told_to(listener: Callable[[RunProgress], None]) -> Iterator[None]:
    """Have each `RunProgress` made within tell `listener` after each sample and, while samples are drawn, at times.

    It is called on the thread that draws, so it must not block; what it raises ends the run.
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class RunProgress:
    """Counts samples. Costs a clock read for each; writes at most four times a second (every 20 s off a terminal)."""

    def __init__(self, total: int, what: str, *, done: int = 0, quiet: bool = False, out: TextIO | None = None) -> None:
        self.total, self.what, self.quiet = total, what, quiet
        self.done, self.failed = done, 0
        self._out = out if out is not None else sys.stderr
        self._tty = self._out.isatty()
        self._begin = self._last = time.monotonic()
        self._before = done
        self._listener = _LISTENER.get()

    @property
    def rate(self) -> float:
        """Samples a second since this run began; 0 before the first."""
        return (self.done - self._before) / max(time.monotonic() - self._begin, 1e-9)

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at this rate; None before the first sample."""
        return (self.total - self.done) / self.rate if self.done > self._before else None

    @property
    def watched(self) -> bool:
        """Whether somebody listens."""
        return self._listener is not None

    def tell(self) -> None:
        """Tell the listener. Raises what it raises."""
        if self._listener is not None:
            self._listener(self)

    def step(self, *, failed: bool = False) -> None:
        """One sample ended."""
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        if not self.quiet and now - self._last >= (0.25 if self._tty else 20.0):
            self._last = now
            self._show()
        self.tell()

    def close(self) -> None:
        """Say the last word."""
        if not self.quiet and self.done > self._before:
            self._show()
            if self._tty:
                self._out.write("\n")
                self._out.flush()

    def _show(self) -> None:
        failed = f", {self.failed} failed" if self.failed else ""
        line = f"{self.what} {self.done}/{self.total}{failed} · {self.rate:.3g}/s · {_clock(self.left_s or 0.0)} left"
        self._out.write(f"\r\x1b[K{line}" if self._tty else f"{line}\n")
        self._out.flush()


def _clock(seconds: float) -> str:
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"
