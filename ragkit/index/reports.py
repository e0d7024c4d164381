"""What the operations on an index report: per-file outcomes of an add, and the health a check found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["AddReport", "Failure", "Health", "Note", "Outcome", "Pace", "PaceCallback", "Progress", "ProgressCallback"]

Outcome = Literal["added", "replaced", "unchanged", "failed", "pruned", "moved", "skipped"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, and why; everything else went in."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What reading a source left in doubt or out: a guessed encoding, pages without text, a part that was not read."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One document is settled: what came of it is on disk before this is sent."""

    source: str
    outcome: Outcome
    chunks: int = 0
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a run has come; sent often, also from within a long file, and not always from the caller's thread.

    files: sources that are settled or read, of all there are; source: the one that is read now, "" while the search
    views are written at the end. passages: embedded so far. share: how much of what had to be read is done, by size.
    """

    files: int
    of_files: int
    passages: int
    share: float
    source: str = ""


ProgressCallback = Callable[[Progress], None]
PaceCallback = Callable[[Pace], None]


@dataclass(frozen=True, slots=True)
class AddReport:
    """Counts of documents by outcome, chunks written, and the sources that failed. True when nothing failed.

    skipped: what the added folders hold that is not read: sound, programs, pictures without text. notes: doubts.
    unknown_language: the ISO 639-1 code of the language that most of the index is in, if its encoder does not know it.
    pruned: deleted, for what they came from is gone. moved: what they came from has another name, and nothing else new.
    dry_run: nothing of this was done.
    """

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    pruned: int = 0
    chunks: int = 0
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0
    skipped: tuple[Failure, ...] = ()
    notes: tuple[Note, ...] = ()
    unknown_language: str | None = None
    moved: int = 0
    dry_run: bool = False

    def __bool__(self) -> bool:
        return not self.failures

    @property
    def changed(self) -> int:
        """How many documents are not as they were."""
        return self.added + self.replaced + self.pruned + self.moved

    def __str__(self) -> str:
        parts = [f"{self.added} added", f"{self.replaced} replaced", f"{self.unchanged} unchanged"]
        parts += [f"{self.moved} moved"] if self.moved else []
        parts += [f"{self.pruned} pruned"] if self.pruned else []
        parts += [f"{len(self.failures)} failed"] if self.failures else []
        parts += [f"{len(self.skipped)} not read"] if self.skipped else []
        first = "nothing was done; would be: " if self.dry_run else ""
        return f"{first}{', '.join(parts)} ({self.chunks} chunks, {self.seconds:.1f} s)"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of one index. `problems` is empty when store and views are sound and agree; True then."""

    index: str
    documents: int
    chunks: int
    sequence: int
    encoder: str
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.problems
