"""Rows as an encoder gives them: topics within themes, unit length, most variance in few directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ragkit.changes import Changes, FloatArray


def unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def clustered(count: int, dim: int = 32, *, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    scale = 1 / np.sqrt(1 + np.arange(dim))
    themes = rng.standard_normal((max(2, count // 400), dim))
    topics = themes[rng.integers(0, len(themes), max(4, count // 20))]
    topics = topics + 0.8 * rng.standard_normal(topics.shape)
    rows = topics[rng.integers(0, len(topics), count)] + 0.6 * rng.standard_normal((count, dim))
    return unit((rows * scale).astype(np.float32))


def changes(
    sequence: int,
    ids: Sequence[int] = (),
    vectors: FloatArray | None = None,
    texts: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    deleted: Sequence[int] = (),
) -> Changes:
    n = len(ids)
    return Changes(
        sequence,
        np.array(ids, np.int64),
        np.ones((n, 1), np.float32) if vectors is None else vectors,
        [""] * n if texts is None else list(texts),
        [""] * n,
        ["en"] * n if languages is None else list(languages),
        np.array(deleted, np.int64),
    )
