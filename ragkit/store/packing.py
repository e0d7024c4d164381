"""Vectors as bytes: float16 (half the space, cosines within 0.001) or float32, little-endian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ..changes import FloatArray
from ..errors import StoreDamagedError

__all__ = ["TYPES", "Precision", "pack", "unpack"]

Precision = Literal["float16", "float32"]
TYPES: dict[str, np.dtype[Any]] = {"float16": np.dtype("<f2"), "float32": np.dtype("<f4")}


def pack(vectors: FloatArray, precision: Precision) -> list[bytes]:
    """One blob per row of `vectors`, shape (n, dim)."""
    return [row.tobytes() for row in np.ascontiguousarray(vectors, dtype=TYPES[precision])]


def unpack(blobs: Sequence[bytes], dim: int) -> FloatArray:
    """The rows as float32, shape (n, dim). Rows kept as float16 are brought back to the length they lost by rounding.

    Raises StoreDamagedError for a blob of neither 2·dim nor 4·dim bytes.
    """
    sizes = set(map(len, blobs))
    if sizes == {2 * dim}:
        rows: FloatArray = np.frombuffer(b"".join(blobs), TYPES["float16"]).reshape(-1, dim).astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        unit = np.abs(lengths - 1) < 0.01  # float16 rounds a unit row by far less; leave any other row alone
        rows[unit] /= lengths[unit, None]
        return rows
    if sizes == {4 * dim}:
        exact: FloatArray = np.frombuffer(b"".join(blobs), TYPES["float32"]).reshape(-1, dim).astype(np.float32)
        return exact
    strange = sizes - {2 * dim, 4 * dim}
    if strange:
        raise StoreDamagedError(
            f"a stored vector has {min(strange)} bytes, not {2 * dim} or {4 * dim} (dim {dim}); "
            "re-embed with `ragkit repair --encoder`"
        )
    return np.concatenate([np.empty((0, dim), np.float32), *(unpack([blob], dim) for blob in blobs)])
