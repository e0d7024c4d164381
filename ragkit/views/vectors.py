"""The vector view: which chunks lie nearest to a query's vector.

All vectors stay at hand in full precision; for more than a few thousand a FAISS index proposes candidates, which are
then scored exactly. Rows newer than the index are scanned. So scores are true cosines whatever the index, a filter
never starves the result, and adding a row rewrites nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..changes import Changes, FloatArray, IdArray
from ..errors import IndexMismatchError, UsageError
from ..store import Condition
from .arrays import from_npy, to_npy
from .factory import FLAT, available_memory, choose_factory
from .generations import Belongs, Buffer, Generations, anywhere
from .manifest import Generation, Manifest
from .nearest import Nearest, gpu_memory
from .rows import BoolArray, Rows, ascending, best

__all__ = ["VectorView"]

CANDIDATES = 100  # rescored exactly for k <= 25; 4 k beyond
SCAN_ROWS = 4_096  # a filter this small is answered by scoring all it allows
TAIL_ROWS = 1_024  # rows beyond the FAISS index that are scanned before it takes them in
PUBLISH_ROWS, PUBLISH_SHARE = 256, 0.1
COMPACT_SHARE = 0.2  # dead rows before the index is built anew
RETRAIN_GROWTH = 2.0


class VectorView:
    """Rows, their FAISS index and the place in the log they stand at. Open with `VectorView.open`."""

    kind = "vector"

    def __init__(
        self,
        folder: Path,
        *,
        dim: int,
        fingerprint: str,
        factory: str | None = None,
        select: Callable[[Sequence[Condition]], IdArray] | None = None,
    ) -> None:
        self._select = select
        self._generations = Generations(folder, "vectors")
        self._fingerprint, self._factory = fingerprint, factory
        self.dim = dim
        self.sequence, self.lineage = 0, ""
        self.problems: list[str] = []
        self._rows = Rows.empty(dim)
        self._nearest: Nearest | None = None
        self._published = (0, 0)
        self._forgotten = False

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        dim: int,
        fingerprint: str,
        factory: str | None = None,
        belongs: Belongs = anywhere,
        select: Callable[[Sequence[Condition]], IdArray] | None = None,
    ) -> VectorView:
        """The newest sound snapshot; else the one before; else an empty view at sequence 0. See `problems`.

        factory: a FAISS factory string to use instead of the one chosen by size. belongs: see `Generations.open`.
        select: the ids that conditions let through; without it `search` takes no conditions.
        """
        view = cls(folder, dim=dim, fingerprint=fingerprint, factory=factory, select=select)
        _, view.problems = view._generations.open(view._load, fingerprint=fingerprint, belongs=belongs)
        return view

    def __len__(self) -> int:
        return len(self._rows) - self._rows.dead

    @property
    def ids(self) -> IdArray:
        """The ids of all living rows, sorted."""
        return self._rows.ids[self._rows.alive]

    def held(self) -> IdArray:
        """The same, as every view that follows the log tells it."""
        return self.ids

    @property
    def needs_publish(self) -> bool:
        """Whether enough has changed since the snapshot that opening it would be slow."""
        size, dead = self._published
        changed = len(self._rows) - size + self._rows.dead - dead
        return changed > max(PUBLISH_ROWS, PUBLISH_SHARE * size)

    def apply(self, changes: Changes) -> None:
        """Take one batch of the log; rows that are already here are passed over.

        Raises IndexMismatchError for another dimension, UsageError for vectors that are not finite.
        """
        if len(changes):
            vectors = np.ascontiguousarray(changes.vectors, dtype=np.float32)
            if vectors.ndim != 2 or vectors.shape[1] != self.dim:
                raise IndexMismatchError(self._dimension(vectors.shape[-1]))
            finite = np.isfinite(vectors).all(axis=1)
            if not finite.all():
                raise UsageError(f"the vector of chunk {changes.ids[~finite][0]} is not finite; embed it again")
            self._rows.append(changes.ids, vectors)
        self._rows.delete(changes.deleted)
        self.sequence, self.lineage = changes.sequence, changes.lineage
        if self._nearest is not None and len(self._rows) - self._nearest.size > TAIL_ROWS:
            self._nearest.add(self._rows.slice(self._nearest.size, len(self._rows)))

    def search(
        self, query: FloatArray, k: int, *, where: Sequence[Condition] = (), allowed: IdArray | None = None
    ) -> tuple[IdArray, FloatArray]:
        """The nearest chunks, best first: ids and cosines, exactly min(k, available) of each.

        query: float32, shape (dim,), of unit length. where: conditions, by which `select` finds the allowed ids.
        allowed: only these ids may be returned; unknown ones are ignored.
        """
        query = self._checked(query)
        if where:
            if self._select is None:
                raise UsageError("this view was opened without `select`; give allowed= instead of where=")
            allowed = self._select(where)
        if k < 1:
            raise UsageError(f"k={k} is below 1; ask for at least one hit")
        if allowed is None:
            found, scores = self._among_all(query, min(k, len(self)))
        else:
            found, scores = self._among(query, k, allowed)
        return self._rows.ids_at(found), scores

    def score(self, query: FloatArray, ids: IdArray) -> FloatArray:
        """The exact cosine of the query with each id's vector; NaN where the id is unknown or deleted."""
        query = self._checked(query)
        positions = self._rows.positions(ids)
        known = positions >= 0
        known[known] = self._rows.alive[positions[known]]
        out = np.full(len(ids), np.nan, np.float32)
        out[known] = self._rows.scores(query, positions[known])
        return out

    def publish(self) -> None:
        """Write a snapshot of what the view holds now. The caller holds the writer's lock.

        Raises StoreError when the disk refuses; the snapshot before goes on being served.
        """
        self._rebuild_if_due()
        files: dict[str, Sequence[Buffer]] = {
            "ids.npy": to_npy(self._rows.ids),
            "alive.npy": to_npy(self._rows.alive),
            "vectors.npy": to_npy(*self._rows.parts),
        }
        details: dict[str, str | int | float] = {"factory": FLAT, "trained_on": 0, "rows": len(self._rows)}
        if self._nearest is not None:
            files["index.faiss"] = [self._nearest.to_bytes()]
            details |= {"factory": self._nearest.factory, "trained_on": self._nearest.trained_on}
        manifest = Manifest(
            "vectors", self.sequence, len(self), self.dim, "inner product", self._fingerprint, self.lineage, details
        )
        self._generations.publish(manifest, files, alone=self._forgotten or bool(self.problems))
        self._published = (len(self._rows), self._rows.dead)
        self._forgotten = False
        self.problems = []

    def verify(self) -> list[str]:
        """Re-read the snapshots on disk; what is not as it was written, one line each."""
        return self._generations.verify()

    def reset(self) -> None:
        """Forget everything; the caller replays the log from 0. The next publication replaces all snapshots."""
        self.close()
        self._published, self._forgotten = (0, 0), True

    def close(self) -> None:
        """Let go of the memory."""
        self._rows, self._nearest = Rows.empty(self.dim), None
        self.sequence, self.lineage = 0, ""

    def _among_all(self, query: FloatArray, k: int) -> tuple[IdArray, FloatArray]:
        mask = self._rows.alive if self._rows.dead else None
        if self._nearest is not None:
            found = self._near(query, k, mask, len(self) / max(1, len(self._rows)))
            if len(found[0]) == k:
                return found
        scores = self._rows.scores_from(query, 0)
        positions = np.arange(len(scores))
        return best(positions, scores, k) if mask is None else best(positions[mask], scores[mask], k)

    def _among(self, query: FloatArray, k: int, allowed: IdArray) -> tuple[IdArray, FloatArray]:
        positions = self._rows.positions(ascending(allowed))
        positions = positions[positions >= 0]
        positions = positions[self._rows.alive[positions]]
        k = min(k, len(positions))
        if self._nearest is not None and len(positions) > SCAN_ROWS:
            mask = np.zeros(len(self._rows), np.bool_)
            mask[positions] = True
            found = self._near(query, k, mask, len(positions) / len(mask))
            if len(found[0]) == k:
                return found
        return best(positions, self._rows.scores(query, positions), k)

    def _near(self, query: FloatArray, k: int, mask: BoolArray | None, share: float) -> tuple[IdArray, FloatArray]:
        """Candidates of the FAISS index and the whole tail, scored exactly; perhaps fewer than k."""
        if self._nearest is None or k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        start = self._nearest.size
        near = self._nearest.search(query, max(CANDIDATES, 4 * k), mask, share)
        scores = [self._rows.scores(query, near), self._rows.scores_from(query, start)]
        positions = np.concatenate([near, np.arange(start, len(self._rows))])
        both = np.concatenate(scores)
        if mask is not None:
            keep = mask[positions]
            positions, both = positions[keep], both[keep]
        return best(positions, both, k)

    def _rebuild_if_due(self) -> None:
        """Compact, or build the FAISS index anew, when it no longer fits what the view holds."""
        memory = gpu_memory()
        wanted = self._factory or choose_factory(len(self), self.dim, memory or available_memory(), gpu=memory > 0)
        compact = self._rows.dead > COMPACT_SHARE * len(self._rows)
        if compact:
            self._rows = self._rows.compacted()
        exact_on_cpu = wanted == FLAT and not memory
        if exact_on_cpu or not len(self._rows):
            self._nearest = None
            return
        old = self._nearest
        grown = old is not None and len(self._rows) > RETRAIN_GROWTH * old.trained_on
        if old is None or compact or grown or (self._factory is not None and old.factory != wanted):
            self._nearest = Nearest.build(self._rows.slice(0, len(self._rows)), wanted)
        elif old.size < len(self._rows):
            old.add(self._rows.slice(old.size, len(self._rows)))

    def _load(self, generation: Generation) -> bool:
        manifest = generation.manifest
        rows = int(manifest.details["rows"])
        if manifest.dim != self.dim:
            raise ValueError(self._dimension(manifest.dim))
        large = rows * self.dim * 4 > available_memory() // 2
        vectors = from_npy(generation.map("vectors.npy") if large else generation.read("vectors.npy"))
        ids, alive = from_npy(generation.read("ids.npy")), from_npy(generation.read("alive.npy"))
        if vectors.shape != (rows, self.dim) or ids.shape != (rows,) or alive.shape != (rows,):
            raise ValueError(f"its arrays do not hold {rows} rows of {self.dim}")
        nearest = None
        if "index.faiss" in manifest.files:
            factory, trained_on = str(manifest.details["factory"]), int(manifest.details["trained_on"])
            data = generation.read("index.faiss")
            nearest = Nearest.from_bytes(data, factory, trained_on, dim=self.dim, size=rows)
        self._rows, self._nearest = Rows(ids, vectors, alive), nearest
        self.sequence, self.lineage = manifest.sequence, manifest.lineage
        self._published = (rows, self._rows.dead)
        return True

    def _checked(self, query: FloatArray) -> FloatArray:
        query = np.ascontiguousarray(query, dtype=np.float32)
        if query.shape != (self.dim,):
            raise IndexMismatchError(self._dimension(query.shape[-1] if query.ndim else 0))
        if not np.isfinite(query).all():
            raise UsageError("the query's vector is not finite; embed the question again")
        return query

    def _dimension(self, found: int) -> str:
        return f"vectors of dimension {found} do not fit this index of {self.dim}; use the encoder it was built with"
