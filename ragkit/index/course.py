"""The course of a run: how much of its work is done, told as it goes, and how it is stopped at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ..loaders import Source
from .reports import Pace, PaceCallback

__all__ = ["Course", "StoppedError", "Work"]

_OPENING = 2000  # bytes: what opening a file costs beside reading it


class StoppedError(Exception):
    """Raised within the encoder's thread once the run was interrupted; nobody waits for its vectors."""


class Course:
    """Counts work by the size of the sources that have to be read.

    Work that waits for its embeddings counts once these are stored, and by their share while they are made.
    """

    def __init__(self, tell: PaceCallback | None) -> None:
        self._tell = tell
        self._files = self._of = self._passages = 0
        self._done = self._waiting = 0.0
        self._total = 1.0
        self._source = ""
        self._stopped = threading.Event()

    def begin(self, sources: Sequence[Source], unread: Sequence[Source]) -> None:
        """sources: all of the run. unread: those that have to be read."""
        self._of = len(sources)
        self._total = max(1.0, sum(map(_weight, unread)))

    def reads(self, source: Source) -> None:
        """A source is the next to be read."""
        self._source = str(source)
        self._send(self._passages, 0.0)
        self._files += 1

    def took(self, source: Source, share: float, *, waits: bool) -> None:
        """A share of a source is done, or waits to be embedded."""
        if waits:
            self._waiting += share * _weight(source)
        else:
            self._done += share * _weight(source)

    def batch(self, size: int) -> Work:
        """What waits is embedded now, as `size` passages."""
        weight, self._waiting = self._waiting, 0.0
        return Work(self, weight, size)

    def stored(self, batch: Work) -> None:
        """A batch is stored."""
        self._done += batch.weight
        self._passages += batch.size

    def ends(self) -> None:
        """All is stored; what is left is to write the search views."""
        self._source = ""
        self._send(self._passages, 0.0)

    def stop(self) -> None:
        """End the encoder's thread at its next sign of life."""
        self._stopped.set()

    def embeds(self, batch: Work, done: int) -> None:
        """The encoder has done so many passages of a batch. Raises StoppedError once the run was stopped."""
        if self._stopped.is_set():
            raise StoppedError
        self._send(self._passages + done, batch.weight * done / max(1, batch.size))

    def _send(self, passages: int, more: float) -> None:
        if self._tell is not None:
            share = min(1.0, (self._done + more) / self._total)
            self._tell(Pace(self._files, self._of, passages, share, self._source))


class Work:
    """One batch: the work it stands for, and the encoder's report on it."""

    def __init__(self, course: Course, weight: float, size: int) -> None:
        self._course, self.weight, self.size = course, weight, size

    def __call__(self, done: int) -> None:
        self._course.embeds(self, done)


def _weight(source: Source) -> float:
    return (source.size or 0) + _OPENING
