"""What is said while documents go in: what failed, the first that went in, then a line every few seconds.

The line tells how far the run is, how fast, and about how long it will take, also from within a long file. On a
terminal it stays in its place; elsewhere a new one is written every few seconds, none for a run that ends before.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import PurePath
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.text import Text

from ..index.reports import AddReport, Failure, Pace, Progress
from .output import Say, counted, printable

__all__ = ["Course", "conclude", "line"]

EVERY_S = 3.0
_NAMED = 20  # documents that are told one by one, so that a small run says what it did
_SHOWN = 5  # names of files of one kind that were not read
_COLOURS = {"added": "green", "replaced": "yellow", "failed": "bold red", "pruned": "magenta", "moved": "cyan"}


def line(pace: Pace, seconds: float) -> str:
    """How far a run is after so many seconds.

    >>> line(Pace(1200, 20000, 4500, 0.25, "docs/a.pdf"), 60)
    '1,200 of 20,000 files, 4,500 passages, 75 a second, about 3 min left; reading a.pdf'
    """
    if not pace.source:
        return f"{pace.passages:,} passages; writing the search views"
    files, passages = "file" if pace.of_files == 1 else "files", "passage" if pace.passages == 1 else "passages"
    parts = [f"{pace.files:,} of {pace.of_files:,} {files}", f"{pace.passages:,} {passages}"]
    if pace.passages and seconds > 0:
        parts.append(f"{pace.passages / seconds:,.0f} a second")
    if pace.share > 0.005:  # before that it is a guess
        parts.append(f"about {_duration(seconds * (1 - pace.share) / pace.share)} left")
    return f"{', '.join(parts)}; reading {PurePath(pace.source).name}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Course:
    """A run as it is told on stderr; a context manager around the call that takes `tell` and `pace`.

    every: tell of every document, as a dry run must. clock: seconds. `err`: where else to write while it lasts.
    """

    def __init__(self, speak: Say, *, every: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.err, self._every, self._clock = speak.err, every, clock
        self._named = 0
        self._latest: Pace | None = None
        self._ended = threading.Event()
        self._start = clock()
        self._lock = threading.Lock()  # lines of two threads
        self._status: AbstractContextManager[Any] = nullcontext()
        if not speak.quiet and sys.stderr.isatty():
            self._status = self.err.status("reading")
        self._ticking = None if speak.quiet else threading.Thread(target=self._tick, daemon=True, name="ragkit-pace")

    def __enter__(self) -> Self:
        self._shown = self._status.__enter__()
        if self._ticking is not None:
            self._ticking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._status.__exit__(kind, error, trace)

    def pace(self, pace: Pace) -> None:
        """How far the run is; may be called from any thread, and often."""
        if self._latest is None:
            self._start = self._clock()
        self._latest = pace

    def tell(self, step: Progress) -> None:
        """A document is settled."""
        if step.outcome in ("skipped", "unchanged"):  # told together at the end
            return
        with self._lock:
            self._named += step.outcome != "failed"
            if self._every or step.outcome == "failed" or self._named <= _NAMED:
                detail = step.reason or (counted(step.chunks, "chunk") if step.chunks else "")
                told = f"{step.outcome:>9} {printable(step.source)}{'  ' + printable(detail) if detail else ''}"
                text = Text(told)  # in one piece: an interruption leaves no half a line
                text.stylize(_COLOURS[step.outcome], 0, 9)
                self.err.print(text, soft_wrap=True)
            for note in step.notes:
                told = f"     note {PurePath(step.source).name}: {note}"
                self.err.print(told, style="yellow", markup=False, soft_wrap=True)

    def rest(self) -> None:
        """A run is over; another may follow, after a while."""
        self._latest, self._named = None, 0
        if self._shown is not None:
            self._shown.update("waiting for changes; Ctrl-C ends it")

    def look(self) -> None:
        """Say how far it is now."""
        if self._latest is None:
            return
        said = line(self._latest, self._clock() - self._start)
        with self._lock:
            if self._shown is not None:
                from rich.markup import escape

                self._shown.update(escape(said))
            else:
                self.err.print(said, style="dim", markup=False, soft_wrap=True)

    def _tick(self) -> None:
        while not self._ended.wait(EVERY_S if self._shown is None else EVERY_S / 6):
            self.look()


def conclude(err: Console, name: str, report: AddReport) -> None:
    """The last words on a run: what was not read, and the counts."""
    for reason, names in _by_reason(report.skipped).items():
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        err.print(f"not read: {shown}: {reason}", markup=False, soft_wrap=True)
    err.print(f"{name}: {report}", markup=False, soft_wrap=True)


def _by_reason(skipped: tuple[Failure, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for failure in skipped:
        found.setdefault(failure.reason, []).append(PurePath(failure.source).name)
    return found
