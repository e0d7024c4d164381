"""Which FAISS structure for how many vectors: the one place that decides, builds and tunes.

Up to `FLAT_ROWS` rows an exact scan is fastest and needs nothing but the vectors. Beyond, FAISS proposes candidates
and the exact vectors, which every view keeps, give the final order; so the structure only has to find the
neighbourhood, and the smallest codes are good enough. Measured on 100,000 sentence embeddings of dimension 384, one
core, recall@10 against the exact scan after re-scoring (`bench/views.py` repeats it):

    IVF1024,RaBitQ  nprobe 96    built in  4 s     8 MB    .985   0.5 ms
    IVF1024,SQ8     nprobe 64    built in  4 s    41 MB    .984   0.8 ms
    IVF1024,PQ96x4fs nprobe 96   built in  4 s     8 MB    .977   0.4 ms
    HNSW32          ef 64        built in 51 s   180 MB
"""

from __future__ import annotations

import importlib.metadata
import math
import os
from functools import cache
from pathlib import Path
from typing import Any

from ..changes import FloatArray
from ..errors import ConfigError, MissingDependencyError

__all__ = ["FLAT", "available_memory", "build_index", "choose_factory", "load_faiss", "search_parameters"]

FLAT = "Flat"
FLAT_ROWS = 5_000
GPU_FLAT_BYTES = 0.5
_DISTRIBUTIONS = ("faiss-cpu", "faiss-gpu", "faiss-gpu-cu11", "faiss-gpu-cu12")


def choose_factory(count: int, dim: int, memory: int, *, gpu: bool = False) -> str:
    """The FAISS factory string for `count` vectors when `memory` bytes (of the GPU, if `gpu`) may be used.

    >>> choose_factory(1_000, 384, 8 << 30), choose_factory(100_000, 384, 8 << 30)
    ('Flat', 'IVF1024,RaBitQ')
    >>> choose_factory(100_000, 384, 80 << 30, gpu=True), choose_factory(100_000_000, 384, 80 << 30, gpu=True)
    ('Flat', 'IVF32768,SQ8')
    """
    lists = 2 ** round(math.log2(4 * math.sqrt(max(count, 1)) * 0.8))
    if gpu:
        for factory, size in ((FLAT, 4 * dim), (f"IVF{lists},SQ8", dim + 8)):
            if count * size <= GPU_FLAT_BYTES * memory:
                return factory
        return f"IVF{lists},PQ{_divisor(dim, 48)}"
    if count <= FLAT_ROWS:
        return FLAT
    coarse = f"IVF{lists}_HNSW32" if lists > 8192 else f"IVF{lists}"
    if count * (dim // 8 + 24) <= memory // 2:
        return f"{coarse},RaBitQ"
    return f"{coarse},PQ{_divisor(dim, max(1, dim // 16))}x4fs"


def build_index(vectors: FloatArray, factory: str) -> Any:
    """Train and fill a FAISS index of inner products; position i in it is row i of `vectors`, shape (n, dim)."""
    faiss = load_faiss()
    try:
        index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as exc:
        raise ConfigError(
            f"FAISS knows no index {factory!r} for dimension {vectors.shape[1]}; give another factory string or none"
        ) from exc
    lists = _lists(index)
    if lists is not None:
        # Six rounds on 48 points a list: a quarter of the default's time for the same recall.
        lists.cp.niter, lists.cp.max_points_per_centroid, lists.cp.min_points_per_centroid = 6, 48, 1
    try:
        if not index.is_trained:
            index.train(vectors)
        index.add(vectors)
    except RuntimeError as exc:
        raise ConfigError(
            f"{len(vectors)} vectors are too few or unfit for {factory!r}; add more or use a smaller index, e.g. Flat"
        ) from exc
    return index


def search_parameters(index: Any, wanted: int, share: float = 1.0, selector: Any = None) -> Any:
    """How hard to look for `wanted` candidates when a selector lets through `share` of the rows."""
    faiss = load_faiss()
    plain = index
    if isinstance(index, faiss.IndexPreTransform):
        plain = faiss.downcast_index(index.index)
    chosen: Any
    if isinstance(plain, faiss.IndexIVF):
        probes = max(16.0, 3 * math.sqrt(plain.nlist)) / max(share, 1e-9)
        chosen = faiss.SearchParametersIVF(nprobe=int(min(plain.nlist, math.ceil(probes))))
    elif isinstance(plain, faiss.IndexHNSW):
        chosen = faiss.SearchParametersHNSW(efSearch=max(64, wanted))
    elif selector is None:
        return None
    else:
        chosen = faiss.SearchParameters()
    if selector is not None:
        chosen.sel = selector
    return chosen if plain is index else faiss.SearchParametersPreTransform(index_params=chosen)


@cache
def load_faiss() -> Any:
    """The faiss module; refuses when two builds are installed over each other."""
    found = []
    for name in _DISTRIBUTIONS:
        try:
            importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(name)
    if len(found) > 1:
        raise ConfigError(
            f"{' and '.join(found)} are both installed and overwrite each other's files; "
            f"run: pip uninstall {' '.join(found)}, then install one"
        )
    try:
        import faiss
    except ImportError as exc:
        raise MissingDependencyError("vector search", extra="cpu") from exc
    return faiss


def available_memory() -> int:
    """Bytes that a process may still take without swapping, by the kernel's own estimate."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux: physical memory is the best that can be asked for
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _lists(index: Any) -> Any:
    """The inverted-file part of an index, or None."""
    faiss = load_faiss()
    return faiss.try_extract_index_ivf(index)


def _divisor(dim: int, at_most: int) -> int:
    return next(m for m in range(min(at_most, dim), 0, -1) if dim % m == 0)
