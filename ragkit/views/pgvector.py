"""The view `pgvector`: vectors in the store's own PostgreSQL, searched there; ``pgvector:vchordrq`` by VectorChord.

Rows are written in the transactions of the log, so the view stands wherever the store does: it replays nothing, keeps
no files, and what one machine commits another finds at its next search. Filters go to the database as conditions.
"""

from __future__ import annotations

import numpy as np

from ..changes import FloatArray, IdArray
from ..errors import IndexMismatchError, StoreError, UsageError
from .base import Conditions, Ground

__all__ = ["PgVectorView", "open_view"]


class PgVectorView:
    """One index's table in the store. Open with `open_view`."""

    kind = "pgvector"

    def __init__(self, ground: Ground) -> None:
        self._store, self._record = ground.store, ground.record
        self._method = ground.target or "hnsw"
        self._store.check_half_vector_store(self._method)
        self.problems: list[str] = []
        self._made = self._fresh = False

    @property
    def needs_publish(self) -> bool:
        """Whether the table is still to be made."""
        self._made = self._made or self._store.has_half_vectors(self._record.id)
        return not self._made

    def search(self, query: FloatArray, k: int, *, where: Conditions = ()) -> tuple[IdArray, FloatArray]:
        """The nearest passages, best first: ids and cosines, of each min(k, what the conditions let through).

        query: float32, shape (dim,), of unit length. Cosines are of float16 numbers, right to about .0005.
        """
        if k < 1:
            raise UsageError(f"k={k} is below 1; ask for at least one hit")
        if self.needs_publish:
            raise StoreError(
                f"index {self._record.name!r} has no vectors for pgvector yet; make them with the same setting: "
                f"ragkit repair {self._record.name}"
            )
        return self._store.nearest(self._record.id, self._checked(query), k, where)

    def score(self, query: FloatArray, ids: IdArray) -> FloatArray:
        """The cosine of the query with each id's vector; NaN where the id is unknown or deleted."""
        return self._store.half_scores(self._record.id, self._checked(query), ids)

    def publish(self) -> None:
        """Make the table where there is none; else clear away what deletions left in it (VACUUM, REINDEX)."""
        if self.needs_publish:
            self._store.make_half_vectors(self._record.id, self._record.dim, self._method)
        elif not self._fresh:
            self._store.tidy_half_vectors(self._record.id)
        self._fresh = False

    def reset(self) -> None:
        """Fill the table anew from the stored vectors, unless it agrees with them."""
        self._fresh = bool(self._store.check_half_vectors(self._record.id))
        if self._fresh:
            self._store.make_half_vectors(self._record.id, self._record.dim, self._method)

    def verify(self) -> list[str]:
        """Compare every row with the store's vector."""
        return self._store.check_half_vectors(self._record.id)

    def close(self) -> None:
        """Nothing is held: the connections are the store's."""

    def _checked(self, query: FloatArray) -> FloatArray:
        if query.shape != (self._record.dim,):
            raise IndexMismatchError(
                f"vectors of dimension {query.shape[-1] if query.ndim else 0} do not fit this index of "
                f"{self._record.dim}; use the encoder it was built with"
            )
        if not np.isfinite(query).all():
            raise UsageError("the query's vector is not finite; embed the question again")
        return query


def open_view(ground: Ground) -> PgVectorView:
    """The view of an index in PostgreSQL. Raises ConfigError for a store that is not there."""
    return PgVectorView(ground)
