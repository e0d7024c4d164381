"""The vector view on a GPU: time a query, recall, filters, building, publishing, opening, for each type it chooses.

    python -m bench.gpu.search [ROWS]          one million rows of 384 dimensions unless told

Without a GPU the same runs on the processor, to prove the script; its times then say nothing of a GPU.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ragkit.changes import Changes, FloatArray, IdArray
from ragkit.views.device import DeviceRows, gpu_device
from ragkit.views.factory import load_faiss
from ragkit.views.vectors import VectorView

DIM, TOPICS, SPREAD = 384, 2_000, 1.2
QUERIES, K = 64, 10
KINDS = (None, "IVF4096,SQ8", "IVF1024,Flat")  # None: what the size leads to


def clusters(rows: int, seed: int) -> FloatArray:
    """Unit rows around 2,000 topics: as uneven as sentences are."""
    drawn = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((TOPICS, DIM), np.float32)
    out = np.empty((rows, DIM), np.float32)
    for start in range(0, rows, 100_000):
        n = min(100_000, rows - start)
        part = centres[drawn.integers(0, TOPICS, n)] + SPREAD * drawn.standard_normal((n, DIM), np.float32)
        out[start : start + n] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return out


def median_ms(job: Callable[[int], Any], times: int) -> float:
    """The median of `times` runs, one to warm up."""
    job(0)
    taken = []
    for k in range(times):
        began = time.perf_counter()
        job(k)
        taken.append((time.perf_counter() - began) * 1e3)
    return statistics.median(taken)


def copy_speed() -> float:
    """Bytes a second of a copy within the GPU's memory, read and write; 0 without a GPU."""
    import torch

    if gpu_device() is None:
        return 0.0
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    target.copy_(source)
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(10):
        target.copy_(source)
    torch.cuda.synchronize()
    return 20 * (1 << 30) / (time.perf_counter() - began)


def product(rows: FloatArray, queries: FloatArray) -> None:
    """The matrix product alone, beside what one read of its rows would take."""
    there = DeviceRows(rows, gpu_device() or "cpu")
    speed = copy_speed()
    for batch in (1, 16, 256, 2_048):
        took = median_ms(partial(_ask, there, np.resize(queries, (batch, DIM))), 9)
        read = f"; one read of the rows {2e3 * rows.size / speed:.3f} ms" if speed and batch == 1 else ""
        print(f"product, {batch:>5} at once   {took:9.3f} ms{read}", flush=True)


def _ask(there: DeviceRows, queries: FloatArray, _: int) -> None:
    there.search(queries, 100)


def _filtered(held: VectorView, queries: FloatArray, allowed: IdArray, k: int) -> None:
    held.search(queries[k % QUERIES], K, allowed=allowed)


def view(kind: str | None, rows: FloatArray, queries: FloatArray, truth: Any) -> None:
    """One type: building, searching, filters, opening."""
    with tempfile.TemporaryDirectory() as folder:
        held = VectorView.open(Path(folder), dim=DIM, fingerprint="f", factory=kind)
        none = [""] * len(rows)
        held.apply(Changes(sequence=1, ids=np.arange(len(rows)), vectors=rows, texts=none, titles=none, languages=none))
        began = time.perf_counter()
        held.publish()
        built = time.perf_counter() - began
        nearest = held._nearest
        found = [held.search(q, K)[0].tolist() for q in queries]
        recall = np.mean([len(set(a) & set(b)) / K for a, b in zip(found, truth, strict=True)])
        name = "none" if nearest is None else nearest.factory
        where = "GPU" if nearest is not None and nearest.on_gpu else "CPU"
        took = median_ms(lambda k: held.search(queries[k % QUERIES], K), 50)
        print(f"{name:<14} on {where}  published in {built:.1f} s   {took:.3f} ms   recall@10 {recall:.3f}", flush=True)
        for share in (2, 10, 50):
            allowed = np.arange(0, len(rows), share)
            ms = median_ms(partial(_filtered, held, queries, allowed), 20)
            print(f"    filter 1/{share:<4} {ms:9.3f} ms   {ms / took:.2f} x unfiltered", flush=True)
        held.close()
        began = time.perf_counter()
        again = VectorView.open(Path(folder), dim=DIM, fingerprint="f", factory=kind)
        again.search(queries[0], K)
        print(f"    open to first hits {time.perf_counter() - began:.1f} s", flush=True)
        again.close()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    faiss = load_faiss()
    print(f"faiss {faiss.__version__}, {faiss.get_num_gpus()} GPUs, torch on {gpu_device() or 'the processor'}")
    rows, queries = clusters(count, 1), clusters(QUERIES, 2)
    exact = faiss.IndexFlatIP(DIM)
    exact.add(rows)
    truth = exact.search(queries, K)[1].tolist()
    product(rows, queries)
    for kind in KINDS:
        view(kind, rows, queries, truth)


if __name__ == "__main__":
    main()
