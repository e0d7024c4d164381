"""The vector view against NumPy: every index type, any order of additions, deletions, publications and reopenings."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.changes import FloatArray, IdArray
from ragkit.errors import ConfigError, IndexMismatchError, UsageError
from ragkit.views import factory as factories
from ragkit.views import nearest, vectors
from ragkit.views.factory import choose_factory, load_faiss
from ragkit.views.vectors import VectorView

from .data import changes, clustered, unit

DIM = 16
FACTORIES = [
    "Flat",
    "HNSW16",
    "HNSW16_SQ8",
    "SQ8",
    "RaBitQ",
    "IVF4,Flat",
    "IVF4,SQ8",
    "IVF4,RaBitQ",
    "IVF4,PQ4x4fs",
    "PCA8,IVF4,SQ8",
]
POOL = clustered(400, DIM)


def view_of(folder: Path, factory: str | None = None, dim: int = DIM) -> VectorView:
    return VectorView.open(folder, dim=dim, fingerprint="f", factory=factory)


def filled(folder: Path, count: int, factory: str | None = None) -> VectorView:
    view = view_of(folder, factory)
    view.apply(changes(1, range(count), clustered(count, DIM)))
    view.publish()
    return view


def check(view: VectorView, model: dict[int, FloatArray], query: FloatArray, k: int, allowed: IdArray | None) -> None:
    """What every index type owes: as many as there are, none that may not be, true cosines, best first."""
    pool = [i for i in model if allowed is None or i in set(allowed.tolist())]
    ids, scores = view.search(query, k, allowed=allowed)
    assert len(ids) == len(scores) == min(k, len(pool))
    assert len(set(ids.tolist())) == len(ids) and set(ids.tolist()) <= set(pool)
    if len(ids):
        np.testing.assert_allclose(scores, [model[i] @ query for i in ids.tolist()], atol=1e-5)
        assert np.all(np.diff(scores) <= 0)
    if pool and (len(pool) <= vectors.SCAN_ROWS and allowed is not None):
        best = sorted((float(model[i] @ query) for i in pool), reverse=True)[:k]
        np.testing.assert_allclose(scores, best, atol=1e-5)


@pytest.mark.parametrize("factory", FACTORIES)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.sampled_from("aaadpor"), st.integers(1, 60), st.integers(0, 10_000)), min_size=4, max_size=12)
)
def test_any_history_matches_a_dictionary(factory: str, steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "TAIL_ROWS", 20)
        patch.setattr(vectors, "SCAN_ROWS", 30)
        view, model = view_of(Path(name), factory), dict[int, FloatArray]()
        log: list[tuple[int, dict[int, FloatArray], list[int]]] = []
        following = 0
        for sequence, (what, size, seed) in enumerate(steps, 1):
            rng = np.random.default_rng(seed)
            if what in "ad":
                added = {following + 3 * j: POOL[rng.integers(len(POOL))] for j in range(size if what == "a" else 0)}
                gone = rng.choice(sorted(model), min(len(model), size), replace=False).tolist() if model else []
                gone = gone[: size // 8] if what == "a" else gone
                following += 3 * size
                log.append((sequence, added, gone))
                rows = np.array([*added.values()], np.float32).reshape(-1, DIM)
                view.apply(changes(sequence, [*added], rows, deleted=gone))
                model |= added
                for i in gone:
                    del model[i]
            elif what == "p" and (len(view) >= 20 or factory == "Flat"):
                view.publish()
            elif what == "o":
                view.close()
                view = view_of(Path(name), factory)
                assert not view.problems
                for at, added, gone in log:
                    if at > view.sequence:
                        rows = np.array([*added.values()], np.float32).reshape(-1, DIM)
                        view.apply(changes(at, [*added], rows, deleted=gone))
            elif what == "r":
                view.reset()
                for at, added, gone in log:
                    rows = np.array([*added.values()], np.float32).reshape(-1, DIM)
                    view.apply(changes(at, [*added], rows, deleted=gone))
            assert len(view) == len(model)
            query = unit(rng.standard_normal(DIM).astype(np.float32))
            check(view, model, query, int(rng.integers(1, 70)), None)
            for share in (0.1, 0.5, 0.9):
                allowed = np.flatnonzero(rng.random(following + 10) < share)
                check(view, model, query, 10, allowed)
            wanted = rng.integers(-2, following + 5, 40)
            expected = [float(model[i] @ query) if i in model else np.nan for i in wanted.tolist()]
            np.testing.assert_allclose(view.score(query, wanted), np.array(expected), atol=1e-5)


@pytest.mark.parametrize("factory", ["HNSW32", "IVF64,RaBitQ", "IVF64,SQ8", "IVF64,PQ16x4fs"])
def test_candidates_hold_nearly_all_true_neighbours(tmp_path: Path, factory: str) -> None:
    rows = clustered(6_100)
    queries = unit(rows[::200] + 0.05 * np.random.default_rng(1).standard_normal(rows[::200].shape).astype(np.float32))
    view = view_of(tmp_path, factory, dim=32)
    view.apply(changes(1, range(6_000), rows[:6_000]))
    view.publish()
    view.apply(changes(2, range(6_000, 6_100), rows[6_000:], deleted=range(0, 600)))
    allowed = np.arange(0, 6_100, 1)[np.arange(6_100) % 5 != 0]
    for pool, given_ids in ((np.arange(600, 6_100), None), (allowed[allowed >= 600], allowed)):
        found = 0
        for query in queries:
            truth = pool[np.argsort(-(rows[pool] @ query), kind="stable")[:10]]
            found += len(set(truth.tolist()) & set(view.search(query, 10, allowed=given_ids)[0].tolist()))
        assert found >= 0.97 * 10 * len(queries)


def test_the_flat_view_is_exact(tmp_path: Path) -> None:
    rows = clustered(500, DIM)
    view = filled(tmp_path, 500)
    for query in rows[::50]:
        ids, scores = view.search(query, 10)
        np.testing.assert_array_equal(ids, np.argsort(-(rows @ query), kind="stable")[:10])
        np.testing.assert_allclose(scores, np.sort(rows @ query)[::-1][:10], atol=1e-6)


def test_all_neighbours_deleted_still_gives_k(tmp_path: Path) -> None:
    view = filled(tmp_path, 1_000, "IVF16,RaBitQ")
    query = clustered(1_000, DIM)[3]
    near, _ = view.search(query, 400)
    view.apply(changes(2, deleted=near.tolist()))
    ids, _ = view.search(query, 10)
    assert len(ids) == 10 and not set(ids.tolist()) & set(near.tolist())


def test_an_empty_view_finds_nothing_and_can_be_published(tmp_path: Path) -> None:
    view = view_of(tmp_path)
    assert len(view.search(np.ones(DIM, np.float32), 5)[0]) == 0
    view.publish()
    assert len(view_of(tmp_path)) == 0 and view_of(tmp_path).problems == []


def test_asking_for_more_than_there_is_gives_all(tmp_path: Path) -> None:
    view = filled(tmp_path, 30)
    assert len(view.search(np.ones(DIM, np.float32), 100)[0]) == 30
    assert len(view.search(np.ones(DIM, np.float32), 100, allowed=np.array([3, 4, 999]))[0]) == 2
    assert len(view.search(np.ones(DIM, np.float32), 100, allowed=np.array([], np.int64))[0]) == 0


def test_applying_a_batch_twice_changes_nothing(tmp_path: Path) -> None:
    view = filled(tmp_path, 30)
    view.apply(changes(1, range(30), clustered(30, DIM)))
    assert len(view) == 30


def test_unusable_vectors_are_refused_with_a_reason(tmp_path: Path) -> None:
    view = filled(tmp_path, 30)
    broken = np.ones((2, DIM), np.float32)
    broken[1, 3] = np.nan
    with pytest.raises(UsageError, match="the vector of chunk 41 is not finite"):
        view.apply(changes(2, [40, 41], broken))
    with pytest.raises(IndexMismatchError, match="dimension 8 do not fit this index of 16"):
        view.apply(changes(2, [40], np.ones((1, 8), np.float32)))
    with pytest.raises(UsageError, match="ids of a view must grow"):
        view.apply(changes(2, [-5], np.ones((1, DIM), np.float32)))
    assert (len(view), view.sequence) == (30, 1)


def test_unusable_queries_are_refused_with_a_reason(tmp_path: Path) -> None:
    view = filled(tmp_path, 30)
    with pytest.raises(IndexMismatchError, match="dimension 3"):
        view.search(np.ones(3, np.float32), 1)
    with pytest.raises(UsageError, match="not finite"):
        view.search(np.full(DIM, np.inf, np.float32), 1)
    with pytest.raises(UsageError, match="k=0"):
        view.search(np.ones(DIM, np.float32), 0)


def test_a_snapshot_of_another_encoder_is_not_used(tmp_path: Path) -> None:
    filled(tmp_path, 30)
    other = VectorView.open(tmp_path, dim=DIM, fingerprint="another")
    assert (len(other), other.sequence, other.problems) == (0, 0, [])


def test_an_unknown_factory_is_refused_with_a_reason(tmp_path: Path) -> None:
    view = view_of(tmp_path, "NoSuch7")
    view.apply(changes(1, range(30), clustered(30, DIM)))
    with pytest.raises(ConfigError, match="FAISS knows no index 'NoSuch7'"):
        view.publish()


def test_publishing_is_due_after_a_share_of_changes_and_not_before(tmp_path: Path) -> None:
    view = filled(tmp_path, 5_000)
    view.apply(changes(2, range(5_000, 5_400), clustered(400, DIM)))
    assert not view.needs_publish
    view.apply(changes(3, range(5_400, 5_600), clustered(200, DIM)))
    assert view.needs_publish
    view.publish()
    assert not view.needs_publish


def test_deleted_rows_leave_the_snapshot_when_they_are_many(tmp_path: Path) -> None:
    view = filled(tmp_path, 1_000, "IVF8,SQ8")
    view.apply(changes(2, deleted=range(0, 1_000, 2)))
    view.publish()
    again = view_of(tmp_path, "IVF8,SQ8")
    assert len(again) == 500 and len(again._rows) == 500


def test_files_are_plain_arrays_that_numpy_reads_without_pickle(tmp_path: Path) -> None:
    filled(tmp_path, 30)
    rows = np.load(tmp_path / "gen-1" / "vectors.npy", allow_pickle=False)
    np.testing.assert_array_equal(rows, clustered(30, DIM))
    np.testing.assert_array_equal(np.load(tmp_path / "gen-1" / "ids.npy", allow_pickle=False), np.arange(30))


def test_open_views_survive_later_publications(tmp_path: Path) -> None:
    writer = filled(tmp_path, 200)
    reader = view_of(tmp_path)
    query = clustered(200, DIM)[5]
    before = reader.search(query, 5)[0].tolist()
    for sequence in (2, 3, 4):
        writer.apply(changes(sequence, [200 + sequence], clustered(1, DIM)))
        writer.publish()
    assert reader.search(query, 5)[0].tolist() == before and reader.sequence == 1


@pytest.mark.parametrize(
    ("count", "memory", "gpu", "expected"),
    [
        (10, 1 << 30, False, "Flat"),
        (5_000, 1 << 30, False, "Flat"),
        (20_000, 1 << 30, False, "IVF512,RaBitQ"),
        (100_000, 8 << 30, False, "IVF1024,RaBitQ"),
        (10_000_000, 64 << 30, False, "IVF8192,RaBitQ"),
        (10_000_000, 1 << 30, False, "IVF8192,PQ24x4fs"),
        (1_000_000, 80 << 30, True, "Flat"),
        (50_000_000, 80 << 30, True, "IVF16384,SQ8"),
        (500_000_000, 80 << 30, True, "IVF65536,PQ48"),
    ],
)
def test_the_index_follows_size_and_memory(count: int, memory: int, gpu: bool, expected: str) -> None:
    assert choose_factory(count, 384, memory, gpu=gpu) == expected


def test_two_builds_of_faiss_over_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: name)
    load_faiss.cache_clear()
    with pytest.raises(ConfigError, match="faiss-cpu and faiss-gpu"):
        load_faiss()
    load_faiss.cache_clear()


def test_over_fetching_reaches_all_survivors_where_selectors_do_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "SCAN_ROWS", 10)
    view = filled(tmp_path, 1_000, "IVF8,SQ8")
    assert view._nearest is not None
    view._nearest._selects = False  # as on a GPU
    allowed = np.arange(0, 1_000, 37)
    query = clustered(1_000, DIM)[0]
    ids, _ = view.search(query, 10, allowed=allowed)
    rows = clustered(1_000, DIM)
    np.testing.assert_array_equal(ids, allowed[np.argsort(-(rows[allowed] @ query), kind="stable")[:10]])


@pytest.mark.gpu
def test_a_gpu_gives_the_same_neighbours(tmp_path: Path) -> None:
    if load_faiss().get_num_gpus() == 0:
        pytest.skip("FAISS sees no GPU")
    rows = clustered(20_000, 32)
    view = VectorView.open(tmp_path, dim=32, fingerprint="f")
    view.apply(changes(1, range(20_000), rows))
    view.publish()
    assert nearest.gpu_memory() > 0 and view._nearest is not None and view._nearest.on_gpu
    for query in rows[::2_000]:
        ids, _ = view.search(query, 10)
        assert len(set(ids.tolist()) & set(np.argsort(-(rows @ query))[:10].tolist())) >= 9


def test_memory_is_asked_of_the_kernel() -> None:
    assert factories.available_memory() > 1 << 20
