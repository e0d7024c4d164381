"""How far a run is, with rate and time left, on stderr: a moving line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

__all__ = ["Progress"]


class Progress:
    """Counts samples. Costs a clock read for each; writes at most four times a second (every 20 s off a terminal)."""

    def __init__(self, total: int, what: str, *, done: int = 0, quiet: bool = False, out: TextIO | None = None) -> None:
        self.total, self.what, self.quiet = total, what, quiet
        self.done, self.failed = done, 0
        self._out = out if out is not None else sys.stderr
        self._tty = self._out.isatty()
        self._begin = self._last = time.monotonic()
        self._before = done

    def step(self, *, failed: bool = False) -> None:
        """One sample ended."""
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        if not self.quiet and now - self._last >= (0.25 if self._tty else 20.0):
            self._last = now
            self._show(now)

    def close(self) -> None:
        """Say the last word."""
        if not self.quiet and self.done > self._before:
            self._show(time.monotonic())
            if self._tty:
                self._out.write("\n")
                self._out.flush()

    def _show(self, now: float) -> None:
        rate = (self.done - self._before) / max(now - self._begin, 1e-9)
        left = (self.total - self.done) / rate if rate > 0 else 0.0
        failed = f", {self.failed} failed" if self.failed else ""
        line = f"{self.what} {self.done}/{self.total}{failed} · {rate:.3g}/s · {_clock(left)} left"
        self._out.write(f"\r\x1b[K{line}" if self._tty else f"{line}\n")
        self._out.flush()


def _clock(seconds: float) -> str:
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"
