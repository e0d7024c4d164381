"""The two search views of one index, kept at the store's sequence.

Every search first asks the store for its sequence; when it has moved, the rows in between are replayed. Opening after a
crash, seeing another process's additions and rebuilding from nothing are therefore the same few lines.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import IndexMismatchError, NotFoundError
from ..store import IndexRecord, Store
from ..views.lexical import LexicalView
from ..views.vectors import VectorView

__all__ = ["LiveViews"]


class LiveViews:
    """Vectors and words of one index; `at()` gives both at the newest sequence, one caller at a time."""

    def __init__(self, store: Store, record: IndexRecord, folder: Path, *, factory: str | None = None) -> None:
        self._store, self._folder, self._factory = store, folder, factory
        self._lock = threading.RLock()
        self._record = record
        self.lexical = LexicalView.open(folder / "lexical")
        self.vectors = self._open_vectors(record)

    def _open_vectors(self, record: IndexRecord) -> VectorView:
        return VectorView.open(
            self._folder / "vectors", dim=record.dim, fingerprint=record.fingerprint, factory=self._factory
        )

    @property
    def problems(self) -> list[str]:
        """What was found broken when the snapshots were opened; it was repaired in memory from the store."""
        return [*self.vectors.problems, *self.lexical.problems]

    @contextmanager
    def at(self, fingerprint: str | None = None) -> Iterator[tuple[VectorView, LexicalView]]:
        """Both views at the store's sequence. Raises IndexMismatchError when the index was re-embedded meanwhile."""
        with self._lock:
            sequence = self._store.sequence(self._record.id)
            if sequence != self.vectors.sequence or sequence != self.lexical.sequence:
                self._catch_up()
            if fingerprint is not None and fingerprint != self._record.fingerprint:
                raise IndexMismatchError(
                    f"index {self._record.name!r} now holds vectors of {self._record.encoder!r}; open it again"
                )
            yield self.vectors, self.lexical

    def _catch_up(self) -> None:
        record = next((r for r in self._store.indexes() if r.id == self._record.id), None)
        if record is None:
            raise NotFoundError(f"index {self._record.name!r} was deleted; create it again with `ragkit add`")
        if record.fingerprint != self._record.fingerprint:
            self.vectors.close()
            self.vectors = self._open_vectors(record)
        self._record = record
        start = min(self.vectors.sequence, self.lexical.sequence)
        for changes in self._store.changes(record.id, after=start):
            for view in (self.vectors, self.lexical):
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
                if force or view.needs_publish:
                    view.publish()

    def rebuild(self) -> None:
        """Forget both views and replay the whole log; then publish. The caller holds the writer's lock."""
        with self._lock:
            self.vectors.reset()
            self.lexical.reset()
            self._catch_up()
            self.publish(force=True)

    def verify(self) -> list[str]:
        """Re-hash the snapshots on disk and compare counts with the store."""
        problems = [*self.problems, *self.vectors.verify(), *self.lexical.verify()]
        with self.at() as (vectors, lexical):
            _, chunks = self._store.counts(self._record.id)
            problems += [
                f"the {name} view holds {len(view)} chunks, the store {chunks}"
                for name, view in (("vector", vectors), ("lexical", lexical))
                if len(view) != chunks
            ]
        return list(dict.fromkeys(problems))

    def close(self) -> None:
        """Release both views."""
        with self._lock:
            self.vectors.close()
            self.lexical.close()
