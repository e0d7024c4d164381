"""What a vector view is: something that finds the passages nearest to a vector, beside or inside the store.

Three small protocols. Every view is a `View`. One that keeps rows of its own and replays the store's log into them is
a `Follower`; one whose rows are written in the store's own transactions (pgvector) is not. One that can tell the score
of passages it did not propose has `Scores`; hybrid search then scores what the words found exactly.

A view is opened by its name (`ragkit.catalogue.VIEWS`) with the ground it stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeGuard, runtime_checkable

from ..catalogue import VIEWS
from ..changes import Changes, FloatArray, IdArray
from ..store import Condition, IndexRecord, Store
from .generations import Belongs

__all__ = [
    "Conditions",
    "Follower",
    "Ground",
    "Opener",
    "Scores",
    "Select",
    "View",
    "check_view",
    "follows",
    "open_view",
]

Conditions = Sequence[Condition]
Select = Callable[[Conditions], IdArray]


class Kept(Protocol):
    """What every search structure can be told. `problems`: what was found broken when it was opened."""

    @property
    def kind(self) -> str:
        """A word for messages."""
        ...

    problems: list[str]

    @property
    def needs_publish(self) -> bool:
        """Whether `publish` has something to do that would make opening or searching faster."""
        ...

    def publish(self) -> None:
        """Put on disk, or on the server, what searches start from. The caller holds the writer's lock."""
        ...

    def reset(self) -> None:
        """Forget everything; a follower's log is then replayed from 0, and `publish` called."""
        ...

    def verify(self) -> list[str]:
        """Read again what is kept; what is not as it should be, one line each."""
        ...

    def close(self) -> None:
        """Let go of memory, files and connections."""
        ...


class View(Kept, Protocol):
    """Finds the nearest passages."""

    def search(self, query: FloatArray, k: int, *, where: Conditions = ()) -> tuple[IdArray, FloatArray]:
        """The nearest passages, best first: ids and cosines, of each min(k, what the conditions let through).

        query: float32, shape (dim,), of unit length.
        """
        ...


class Follower(Kept, Protocol):
    """What replays the log. It stands at `sequence`, whose mark in the store's history is `lineage`.

    Several processes may apply the same changes to rows they share: applying twice must change nothing.
    """

    @property
    def sequence(self) -> int:
        """The number of the last change applied; 0 before the first."""
        ...

    @property
    def lineage(self) -> str:
        """The store's mark of that change."""
        ...

    def apply(self, changes: Changes) -> None:
        """Take one batch of the log, in order."""
        ...

    def held(self) -> IdArray:
        """The ids of all passages in the view, sorted."""
        ...


@runtime_checkable
class Scores(Protocol):
    """A view that can score any passage."""

    def score(self, query: FloatArray, ids: IdArray) -> FloatArray:
        """The cosine of the query with each id's vector, shape (n,); NaN where the view does not hold the id."""
        ...


@runtime_checkable
class _Applies(Protocol):
    def apply(self, changes: Changes) -> None: ...


def follows(view: View) -> TypeGuard[Follower]:
    """Whether a view replays the log."""
    return isinstance(view, _Applies)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a view is opened on.

    folder: its own place on this machine, made by the first that writes there. target: what followed the view's name
    and a colon in the setting. select: the ids that conditions let through, for a view (or a condition) that cannot be
    filtered otherwise; a document's id, source and title may change without a change in the log, its metadata cannot.
    belongs: whether a place in the log, (sequence, lineage), is one that the store has been at.
    """

    store: Store
    record: IndexRecord
    folder: Path
    select: Select
    belongs: Belongs
    target: str = ""


class Opener(Protocol):
    """Opens a view; what a name in the registry stands for. Raises ConfigError where the ground cannot carry it."""

    def __call__(self, ground: Ground) -> View: ...


def open_view(name: str, ground: Callable[[str], Ground]) -> View:
    """The view that a setting names, ``name`` or ``name:target``; `ground` makes its ground for a target."""
    kind, _, target = name.partition(":")
    opener: Opener = VIEWS.load(kind)
    return opener(ground(target))


def check_view(name: str) -> str:
    """Return the setting as it is. Raises UsageError for a view that nobody offers, naming the known ones."""
    VIEWS.check(name.partition(":")[0])
    return name
