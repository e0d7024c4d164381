"""What is asked of a GPU, FAISS's GPU surface stood in for: clones forget nprobe, refuse selectors, give 2,048 rows.

The neighbours themselves are FAISS's and torch's own, on the processor; a real GPU is asked in `test_vectors`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragkit.views import device, nearest, vectors
from ragkit.views.factory import choose_factory, load_faiss
from ragkit.views.vectors import VectorView

from .data import changes, clustered

ROWS, DIM = 6_000, 32


class Clone:
    """An index as it is on a GPU: nprobe 1 unless a search says otherwise, no selector, at most 2,048 results."""

    def __init__(self, index: Any) -> None:
        self._index = load_faiss().clone_index(index)
        if hasattr(self._index, "nprobe"):
            self._index.nprobe = 1
        self.asked: list[int | None] = []

    def add(self, rows: Any) -> None:
        self._index.add(rows)

    def search(self, queries: Any, k: int, params: Any = None) -> Any:
        assert k <= 2048, "no GPU index returns more"
        assert params is None or not params.sel, "no GPU index takes a selector"
        assert params is None or params.nprobe <= 2048
        self.asked.append(getattr(params, "nprobe", None))
        return self._index.search(queries, k, params=params)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> list[Clone]:
    """FAISS sees a GPU; the clones made for it."""
    faiss, made = load_faiss(), []

    def clone(resources: Any, number: int, index: Any) -> Clone:
        made.append(Clone(index))
        return made[-1]

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.setattr(faiss, "StandardGpuResources", lambda: None, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", clone, raising=False)
    monkeypatch.setattr(faiss, "get_free_memory", lambda number: 80 << 30, raising=False)
    monkeypatch.setattr(nearest, "gpu_device", lambda: "cpu")
    monkeypatch.setattr(vectors, "SCAN_ROWS", 100)
    return made


def filled(folder: Path, kind: str | None) -> VectorView:
    view = VectorView.open(folder, dim=DIM, fingerprint="f", factory=kind)
    view.apply(changes(1, range(ROWS), clustered(ROWS, DIM)))
    view.publish()
    return view


def recall(view: VectorView, allowed: Any = None) -> float:
    rows = clustered(ROWS, DIM)
    held = np.arange(ROWS) if allowed is None else allowed
    shares = []
    for query in rows[:: ROWS // 20]:
        truth = held[np.argsort(-(rows[held] @ query), kind="stable")[:10]]
        shares.append(len({*view.search(query, 10, allowed=allowed)[0].tolist()} & {*truth.tolist()}) / 10)
    return float(np.mean(shares))


KINDS = [None, "IVF64,SQ8", "IVF64,Flat", "IVF64,PQ16"]  # None: flat, what the size leads to


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_that_is_chosen_for_a_gpu_finds_what_is_near_under_any_filter(
    tmp_path: Path, gpu: list[Clone], kind: str | None
) -> None:
    view = filled(tmp_path, kind)
    assert view._nearest is not None and view._nearest.on_gpu
    for share in (None, 2, 50):
        assert recall(view, None if share is None else np.arange(0, ROWS, share)) >= 0.97
    assert all(n is not None and n > 1 for clone in gpu for n in clone.asked)


def test_the_types_tried_are_those_that_are_chosen() -> None:
    chosen = {choose_factory(n, 384, 80 << 30, gpu=True).partition(",")[2][:2] for n in (10**6, 10**8, 10**9)}
    assert chosen == {"", "SQ", "PQ"}


def test_rows_on_a_device_answer_many_queries_and_any_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "SCORES_BYTES", 4 * 500 * 7)  # seven queries at once
    monkeypatch.setattr(device, "UPLOAD_ROWS", 64)
    rows = clustered(600, DIM)
    there = device.DeviceRows(rows[:500], "cpu")
    queries = rows[:20]
    mask = np.zeros(500, np.bool_)
    mask[3::7] = True
    for found, query in zip(there.search(queries, 9), queries, strict=True):
        np.testing.assert_array_equal(found[:5], np.argsort(-(rows[:500] @ query), kind="stable")[:5])
    for found in there.search(queries, 500, mask):
        assert sorted(found.tolist()) == np.flatnonzero(mask).tolist()
    there.add(rows[500:])
    assert there.size == 600 and there.search(rows[599:], 1)[0].tolist() == [599]


def test_an_added_row_is_found_there_too(tmp_path: Path, gpu: list[Clone], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "TAIL_ROWS", 1)
    for kind in ("Flat", "IVF64,SQ8"):
        view = VectorView.open(tmp_path / kind, dim=DIM, fingerprint="f", factory=kind)
        rows = clustered(ROWS, DIM)
        view.apply(changes(1, range(ROWS - 9), rows[:-9]))
        view.publish()
        view.apply(changes(2, range(ROWS - 9, ROWS), rows[-9:]))
        assert view.search(rows[-1], 1)[0].tolist() == [ROWS - 1]
