"""A FAISS index as what it is trusted with here: proposing which rows may be near. Scores are never taken from it.

Bytes come from `serialize_index` and are written, hashed and checked by ragkit: FAISS writes in place, does not sync,
reports nothing on a full disk, and loads a damaged page without complaint.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..changes import FloatArray, IdArray
from .device import DeviceRows, gpu_device
from .factory import FLAT, build_index, load_faiss, search_parameters
from .rows import BoolArray

__all__ = ["Nearest", "gpu_memory"]

_GPU_MOST = 2048  # GPU indexes return no more per query, and look into no more lists
_GPU_FILTER = 0.25  # a filter that lets through less is answered by the index on the CPU, which takes selectors


class Nearest:
    """Candidates among the first `size` rows. On a GPU when FAISS sees one; `factory` tells how it was built.

    A flat index on a GPU is a matrix product there (`device`); other types are FAISS's own.
    """

    def __init__(self, index: Any, factory: str, trained_on: int) -> None:
        self.factory, self.trained_on = factory, trained_on
        self._index = index
        self._selects = True
        self._gpu: Any = None
        self._device: DeviceRows | None = None
        faiss = load_faiss()
        if faiss.get_num_gpus() == 0:
            return
        device = gpu_device() if factory == FLAT else None
        if device is not None:
            self._device = DeviceRows(index.reconstruct_n(0, index.ntotal), device)
        else:
            try:
                self._gpu = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
            except RuntimeError:
                self._gpu = None  # a type that has no GPU form (HNSW, RaBitQ) goes on working on the CPU

    @classmethod
    def build(cls, vectors: FloatArray, factory: str) -> Nearest:
        """Train on rows, shape (n, dim), and add them. Raises ConfigError for a factory that cannot hold them."""
        return cls(build_index(vectors, factory), factory, len(vectors))

    @classmethod
    def from_bytes(cls, data: memoryview, factory: str, trained_on: int, *, dim: int, size: int) -> Nearest:
        """Load verified bytes; ValueError when they hold something else than the manifest says."""
        faiss = load_faiss()
        try:
            index = faiss.deserialize_index(np.frombuffer(data, np.uint8))
        except RuntimeError as exc:
            raise ValueError("FAISS cannot read its own file; it was written by another version") from exc
        if index.d != dim or not size or index.ntotal > size:
            raise ValueError(f"the FAISS index holds {index.ntotal} vectors of {index.d}, not {size} of {dim}")
        return cls(index, factory, trained_on)

    def to_bytes(self) -> memoryview:
        """The index as one buffer."""
        return memoryview(load_faiss().serialize_index(self._index))

    @property
    def size(self) -> int:
        """How many rows it holds; they are the first ones."""
        return int(self._index.ntotal)

    @property
    def on_gpu(self) -> bool:
        """Whether searches run on a GPU."""
        return self._gpu is not None or self._device is not None

    def add(self, vectors: FloatArray) -> None:
        """Take in the rows that follow the ones it holds."""
        self._index.add(np.ascontiguousarray(vectors))
        for there in (self._gpu, self._device):
            if there is not None:
                there.add(np.ascontiguousarray(vectors))

    def search(self, query: FloatArray, wanted: int, mask: BoolArray | None, share: float) -> IdArray:
        """About `wanted` positions near the query, shape (dim,), all of them true in `mask` where one is given.

        share: which part of the rows the mask lets through. May return fewer; the caller then scans.
        """
        wanted = min(wanted, self.size)
        if self._device is not None:
            return self._device.search(query[np.newaxis], wanted, mask)[0]
        if mask is None or not self._selects or (self._gpu is not None and share >= _GPU_FILTER):
            return self._over_fetch(query, wanted, mask)
        faiss = load_faiss()
        bits = np.packbits(mask[: self.size], bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)
        parameters = search_parameters(self._index, wanted, share, selector)
        try:
            return self._ask(self._index, query, wanted, parameters)
        except RuntimeError:
            self._selects = False  # this type ignores or refuses selectors
            return self._over_fetch(query, wanted, mask)

    def _over_fetch(self, query: FloatArray, wanted: int, mask: BoolArray | None) -> IdArray:
        """Ask for more and more until enough rows pass the mask or there is no more to ask for."""
        index, most = (self._index, self.size) if self._gpu is None else (self._gpu, min(self.size, _GPU_MOST))
        fetch = min(wanted, most)
        while True:
            parameters = search_parameters(self._index, fetch, wanted / fetch)
            if self._gpu is not None and hasattr(parameters, "nprobe"):  # the clone's own is 1, whatever was set here
                parameters.nprobe = min(parameters.nprobe, _GPU_MOST)
            found = self._ask(index, query, fetch, parameters)
            kept = found if mask is None else found[mask[found]]
            if len(kept) >= wanted or fetch >= most or mask is None:
                return kept[:wanted]
            fetch = min(most, fetch * 4)

    @staticmethod
    def _ask(index: Any, query: FloatArray, k: int, parameters: Any) -> IdArray:
        _, found = index.search(query[np.newaxis], k, params=parameters)
        positions: IdArray = found[0][found[0] >= 0]
        return positions


def gpu_memory() -> int:
    """Free bytes of the first GPU that FAISS sees; 0 without one."""
    faiss = load_faiss()
    if faiss.get_num_gpus() == 0:
        return 0
    return int(faiss.get_free_memory(0)) if hasattr(faiss, "get_free_memory") else 8 << 30
