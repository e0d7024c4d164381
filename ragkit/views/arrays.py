"""Arrays as .npy bytes, as `numpy.save` writes and `numpy.load(allow_pickle=False)` reads; the data is not copied."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["from_npy", "to_npy"]

_HEADER_MOST = 4096


def to_npy(*parts: npt.NDArray[Any]) -> list[memoryview]:
    """The buffers of one .npy file holding the parts, joined along the first axis; nothing is copied but the header."""
    first = parts[0]
    shape = (sum(len(part) for part in parts), *first.shape[1:])
    out = io.BytesIO()
    write: Any = np.lib.format.write_array_header_1_0
    write(out, {"descr": first.dtype.str, "fortran_order": False, "shape": shape})
    return [out.getbuffer(), *(np.ascontiguousarray(part).data.cast("B") for part in parts if part.size)]


def from_npy(data: memoryview) -> npt.NDArray[Any]:
    """The array in a .npy file's bytes, as a view of them; ValueError for anything else, objects above all."""
    file = io.BytesIO(data[:_HEADER_MOST])
    read_magic: Any = np.lib.format.read_magic
    read_header: Any = np.lib.format.read_array_header_1_0
    read_magic(file)
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise ValueError("an array of objects is never read")
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape)
