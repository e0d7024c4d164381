"""The two search views of one index, vectors and words, kept at the store's newest change.

Every search first asks the store for its place in the log; when that has moved, the rows in between are replayed.
Opening after a crash, seeing another process's additions and rebuilding from nothing are therefore the same few lines.
A view that stands where this store has never been (an older copy was restored, another database put in its place) is
made anew.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..changes import IdArray
from ..errors import IndexMismatchError, NotFoundError, StoreError, UsageError
from ..store import Condition, IndexRecord, Store
from ..views.base import Conditions, Follower, Ground, View, follows, open_view
from ..views.generations import Generations, strange
from ..views.lexical import PUBLISH_ROWS, PUBLISH_SHARE, LexicalView

__all__ = ["LiveViews", "is_behind"]


class Selection:
    """The ids that conditions let through, asked of the store once for the views of one search.

    Apart from `LiveViews`: a view keeps it, and would otherwise keep what keeps the view.
    """

    def __init__(self, store: Store, index_id: str) -> None:
        self._store, self._index_id = store, index_id
        self._last: tuple[tuple[Condition, ...], IdArray] | None = None

    def __call__(self, where: Conditions) -> IdArray:
        """Sorted ids. Raises UsageError for a key that no document of the index has."""
        asked = tuple(where)
        if self._last is None or self._last[0] != asked:
            self._last = asked, self._store.select_chunks(self._index_id, asked)
        return self._last[1]

    def forget(self) -> None:
        """A new search begins: what was let through may be another now."""
        self._last = None


class LiveViews:
    """Vectors and words of one index; `at()` gives both at the newest sequence, one caller at a time.

    view: the vector view, ``name`` or ``name:target``. sequence: where the store stood when they last caught up.
    """

    def __init__(self, store: Store, record: IndexRecord, folder: Path, *, view: str = "faiss") -> None:
        self._store, self._folder, self._view = store, folder, view
        self._lock = threading.RLock()
        self._ended = ""
        self.sequence = 0
        self.select = Selection(store, record.id)
        self._store.state(record.id)  # a dropped index gets no working folder
        self._record = record
        self.lexical = LexicalView.open(folder / "lexical", belongs=self._belongs)
        self.vectors = self._open_vectors(record)

    def _open_vectors(self, record: IndexRecord) -> View:
        return open_view(
            self._view,
            lambda target: Ground(
                self._store, record, self._folder / "vectors", self.select, self._belongs, target=target
            ),
        )

    @property
    def _followers(self) -> list[Follower]:
        return [self.vectors, self.lexical] if follows(self.vectors) else [self.lexical]

    def _belongs(self, sequence: int, lineage: str) -> bool:
        return self._store.holds(self._record.id, sequence, lineage)

    @property
    def problems(self) -> list[str]:
        """What was found broken when the snapshots were opened; it was repaired in memory from the store."""
        return [*self.vectors.problems, *self.lexical.problems]

    @property
    def behind(self) -> bool:
        """Whether the snapshots lag so far behind, or are of so old a version, that opening them is slow."""
        return self.vectors.needs_publish or self.lexical.needs_publish

    @property
    def settings(self) -> Mapping[str, Any]:
        """What was kept with the index when the views last caught up."""
        return self._record.settings

    @contextmanager
    def at(self, fingerprint: str | None = None) -> Iterator[tuple[View, LexicalView]]:
        """Both views at the store's newest change. Raises IndexMismatchError when the index was re-embedded since."""
        with self._lock:
            if self._ended:
                raise UsageError(self._ended)
            self._follow()
            if fingerprint is not None and fingerprint != self._record.fingerprint:
                raise IndexMismatchError(
                    f"index {self._record.name!r} now holds vectors of {self._record.encoder!r}; open it again"
                )
            self.select.forget()
            yield self.vectors, self.lexical

    def _follow(self) -> None:
        """Bring both views to the store's newest change, wherever a working copy of the words finds room."""
        while True:
            place = self._store.state(self._record.id)
            try:
                if any((view.sequence, view.lineage) != place for view in self._followers):
                    self._catch_up()
                self.lexical.commit()
                self.sequence = place[0]
                return
            except StoreError:
                if not self.lexical.failed or self.lexical.in_memory:
                    raise  # else the next round begins it anew elsewhere

    def _catch_up(self) -> None:
        record = next((r for r in self._store.indexes() if r.id == self._record.id), None)
        if record is None:
            raise NotFoundError(f"index {self._record.name!r} was deleted; create it again with `ragkit add`")
        if record.fingerprint != self._record.fingerprint:
            self.vectors.close()
            self.vectors = self._open_vectors(record)
        self._record = record
        for view in self._followers:
            if not self._belongs(view.sequence, view.lineage):
                problem = f"a {view.kind} view in memory: {strange(view.sequence)}"
                view.reset()
                view.problems.append(problem)
        start = min(view.sequence for view in self._followers)
        for changes in self._store.changes(record.id, after=start):
            for view in self._followers:
                if changes.sequence > view.sequence:
                    view.apply(changes)

    def publish(self, *, force: bool = False) -> None:
        """Write new snapshots where the replayed tail has grown. The caller holds the writer's lock.

        Where deleted chunks weigh on the word statistics, the lexical view is first replayed from the start.
        """
        with self.at() as views:
            if self.lexical.needs_rebuild:
                self.lexical.reset()
                self._catch_up()
            for view in views:
                if force or view.needs_publish or view.problems:
                    view.publish()

    def rebuild(self) -> None:
        """Forget both views and replay the whole log; then publish. The caller holds the writer's lock."""
        with self._lock:
            self.vectors.reset()
            self.lexical.reset()
            self._catch_up()
            self.publish(force=True)

    def verify(self) -> list[str]:
        """Re-hash the snapshots on disk and compare what the views hold with the store."""
        problems = [*self.problems, *self.vectors.verify(), *self.lexical.verify()]
        with self.at():
            stored = self._store.chunk_ids(self._record.id)
            for view in self._followers:
                held = view.held()
                missing, extra = len(np.setdiff1d(stored, held)), len(np.setdiff1d(held, stored))
                if missing or extra:
                    problems.append(f"the {view.kind} view lacks {missing} chunks of the store and has {extra} others")
        return list(dict.fromkeys(problems))

    def close(self, why: str = "these views are closed; open the index again") -> None:
        """Release both views once whoever uses them is done; who comes later is told `why`."""
        with self._lock:
            self._ended = why
            self.vectors.close()
            self.lexical.close()


def is_behind(store: Store, index_id: str, folder: Path) -> bool:
    """Whether the written snapshot of the words is so far behind the store that opening it is slow; opens nothing."""
    found, _ = Generations(folder / "lexical", "lexical").candidates()
    written = found[0].manifest.sequence if found else 0
    return store.chunks_since(index_id, written) > max(PUBLISH_ROWS, PUBLISH_SHARE * store.counts(index_id)[1])
