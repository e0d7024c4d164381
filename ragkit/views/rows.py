"""Vectors and their ids in memory: a base that never changes, a tail that grows, and which rows are still alive.

A position counts through base and tail; ids increase with it, so an id is found by bisection. Positions never move
while a `Rows` lives, which is why a FAISS index can use them as its own numbers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..changes import FloatArray, IdArray
from ..errors import UsageError

__all__ = ["BoolArray", "Rows", "ascending", "best"]

BoolArray = npt.NDArray[np.bool_]


class Rows:
    """`n` rows of `dim` floats. Scores are inner products, computed exactly."""

    def __init__(self, ids: IdArray, vectors: FloatArray, alive: BoolArray | None = None) -> None:
        self._base_ids, self._base = ids, vectors
        self.dim = vectors.shape[1]
        self._ids = np.empty(0, np.int64)
        self._tail = np.empty((0, self.dim), np.float32)
        self._tail_size = 0
        self._alive: BoolArray = np.ones(len(ids), np.bool_) if alive is None else alive.copy()
        self.dead = len(ids) - int(self._alive.sum())

    @classmethod
    def empty(cls, dim: int) -> Rows:
        """No rows yet."""
        return cls(np.empty(0, np.int64), np.empty((0, dim), np.float32))

    def __len__(self) -> int:
        """All rows, dead ones included."""
        return len(self._base) + self._tail_size

    @property
    def ids(self) -> IdArray:
        """The id of each position, increasing."""
        return np.concatenate([self._base_ids, self._ids[: self._tail_size]])

    @property
    def alive(self) -> BoolArray:
        """Which positions are not deleted."""
        return self._alive[: len(self)]

    @property
    def parts(self) -> tuple[FloatArray, FloatArray]:
        """Base and tail, not copied."""
        return self._base, self._tail[: self._tail_size]

    def append(self, ids: IdArray, vectors: FloatArray) -> None:
        """Add rows, n ids and shape (n, dim); ids that are already here are passed over."""
        new = self.positions(ids) < 0
        ids, vectors = ids[new], vectors[new]
        if not len(ids):
            return
        last = int(self._ids[self._tail_size - 1]) if self._tail_size else int(self._base_ids[-1]) if len(self) else -1
        if int(ids[0]) <= last:
            raise UsageError(f"id {ids[0]} comes after {last}; ids of a view must grow, replay its log from the start")
        self._reserve(self._tail_size + len(ids))
        self._ids[self._tail_size : self._tail_size + len(ids)] = ids
        self._tail[self._tail_size : self._tail_size + len(ids)] = vectors
        self._alive[len(self) : len(self) + len(ids)] = True
        self._tail_size += len(ids)

    def delete(self, ids: IdArray) -> None:
        """Mark rows as deleted; unknown ids are passed over."""
        positions = np.unique(self.positions(ids))
        positions = positions[positions >= 0]
        self.dead += int(self._alive[positions].sum())
        self._alive[positions] = False

    def positions(self, ids: IdArray) -> IdArray:
        """The position of each id, -1 where it is unknown; dead rows have one too."""
        if not len(self):
            return np.full(len(ids), -1, np.int64)
        found = _bisect(self._base_ids, ids, 0)
        tail = _bisect(self._ids[: self._tail_size], ids, len(self._base))
        return np.where(found >= 0, found, tail)

    def ids_at(self, positions: IdArray) -> IdArray:
        """The ids of positions."""
        out = np.empty(len(positions), np.int64)
        tail = positions >= len(self._base)
        out[~tail] = self._base_ids[positions[~tail]]
        out[tail] = self._ids[positions[tail] - len(self._base)]
        return out

    def scores(self, query: FloatArray, positions: IdArray) -> FloatArray:
        """Inner products of the query, shape (dim,), with the rows at some positions."""
        out = np.empty(len(positions), np.float32)
        tail = positions >= len(self._base)
        if not tail.any():
            return self._base[positions] @ query
        out[~tail] = self._base[positions[~tail]] @ query
        out[tail] = self._tail[positions[tail] - len(self._base)] @ query
        return out

    def scores_from(self, query: FloatArray, start: int) -> FloatArray:
        """Inner products of the query with all rows from position `start` on."""
        base, tail = self.parts
        size = len(base)
        if start >= size:
            return tail[start - size :] @ query
        return np.concatenate([base[start:] @ query, tail @ query])

    def slice(self, start: int, stop: int) -> FloatArray:
        """The vectors at positions start..stop, copied only where they cross from base to tail."""
        base, tail = self.parts
        size = len(base)
        if start >= size:
            return tail[start - size : stop - size]
        return base[start:stop] if stop <= size else np.concatenate([base[start:], tail[: stop - size]])

    def compacted(self) -> Rows:
        """The living rows alone, as a new base."""
        base, tail = self.parts
        keep = self.alive
        vectors = np.concatenate([base[keep[: len(base)]], tail[keep[len(base) :]]])
        return Rows(self.ids[keep], vectors)

    def _reserve(self, size: int) -> None:
        if size > len(self._tail):
            capacity = max(64, 2 * len(self._tail), size)
            tail, ids = np.empty((capacity, self.dim), np.float32), np.empty(capacity, np.int64)
            tail[: self._tail_size], ids[: self._tail_size] = self.parts[1], self._ids[: self._tail_size]
            self._tail, self._ids = tail, ids
        if len(self._base) + size > len(self._alive):
            alive = np.zeros(len(self._base) + len(self._tail), np.bool_)
            alive[: len(self)] = self.alive
            self._alive = alive


def best(positions: IdArray, scores: FloatArray, k: int) -> tuple[IdArray, FloatArray]:
    """The k highest scores, best first; equal scores in order of position."""
    if 0 < k < len(scores):
        bar = np.partition(scores, len(scores) - k)[len(scores) - k]
        near = np.flatnonzero(scores >= bar)
        positions, scores = positions[near], scores[near]
    order = np.lexsort((positions, -scores))[:k]
    return positions[order], scores[order]


def ascending(ids: IdArray) -> IdArray:
    """Ids in increasing order without repeats; the array itself when it is so already."""
    ids = np.asarray(ids, np.int64)
    return ids if len(ids) < 2 or bool(np.all(ids[1:] > ids[:-1])) else np.unique(ids)


def _bisect(sorted_ids: IdArray, wanted: IdArray, offset: int) -> IdArray:
    if not len(sorted_ids):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)
    return np.where(sorted_ids[at] == wanted, at + offset, -1)
