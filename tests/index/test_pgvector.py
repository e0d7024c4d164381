"""Vectors in PostgreSQL itself: written with the log, filtered by SQL, found by others, true to exact search."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragkit.changes import FloatArray
from ragkit.errors import ConfigError, StoreError
from ragkit.index import Index
from ragkit.rag import RAG, flush_traces
from ragkit.store import IndexRecord, NewDocument, Store, parse_where
from ragkit.store.pgvector import nearest
from ragkit.text.chunking import Passage
from ragkit.types import Document
from tests.fakes import WordEncoder

DIM = 16


@pytest.fixture
def store(new_postgres: str) -> Iterator[Store]:
    opened = Store(new_postgres)
    yield opened
    opened.close()


def rows(count: int, seed: int = 0) -> FloatArray:
    """Unit rows, shape (count, DIM)."""
    drawn = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def fill(store: Store, count: int, *, per: int = 50) -> tuple[IndexRecord, FloatArray]:
    """An index of `count` passages, `per` in each document; passage i has row i, its document's `part` is i // per."""
    record = store.create_index("many", encoder="rows", fingerprint="f", dim=DIM, chunker="1")
    vectors = rows(count)
    items = []
    for start in range(0, count, per):
        text = "".join(f"{i:06d}" for i in range(start, start + per))
        passages = [Passage(6 * n, 6 * n + 6, text[6 * n : 6 * n + 6]) for n in range(per)]
        document = Document(f"d{start // per}", text, metadata={"part": start // per})
        items.append(NewDocument(document, passages, vectors[start : start + per], str(start)))
    store.put_all(record.id, items)
    return record, vectors


def exact(store: Store, record: IndexRecord, query: FloatArray, vectors: FloatArray, k: int, where: Any) -> list[float]:
    """The k highest cosines among what a filter lets through, by NumPy."""
    ids = store.select_chunks(record.id, where)
    first = int(store.chunk_ids(record.id)[0])
    scores = vectors[ids - first] @ query
    return [float(score) for score in np.sort(scores)[::-1][:k]]


@pytest.mark.parametrize("few", [10, 20_000])
@pytest.mark.parametrize(
    "where", [{}, {"part": {"lt": 20}}, {"part": 3}, {"part": [1, 5]}, {"document_id": "d7"}, {"part": {"gt": 99}}]
)
def test_every_filter_gives_as_many_hits_as_exist_and_the_right_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch, where: Mapping[str, Any], few: int
) -> None:
    """few: rows that are compared one by one; 10 makes all but nothing walk the graph."""
    monkeypatch.setattr(nearest, "EXACT_ROWS", few)
    record, vectors = fill(store, 2_000)
    store.make_half_vectors(record.id, DIM)
    for query in rows(5, seed=1):
        ids, scores = store.nearest(record.id, query, 30, parse_where(where))
        wanted = exact(store, record, query, vectors, 30, where)
        assert len(ids) == len(set(ids.tolist())) == len(wanted)
        assert scores.tolist() == sorted(scores.tolist(), reverse=True)
        near = np.isclose(np.array(scores), wanted, atol=2e-3)
        assert near.mean() >= 0.95 if len(wanted) else True
        assert np.allclose(store.half_scores(record.id, query, ids), scores, atol=1e-6)


def test_rows_come_and_go_in_the_transactions_of_the_log(store: Store) -> None:
    record, vectors = fill(store, 200)
    store.make_half_vectors(record.id, DIM)
    assert store.check_half_vectors(record.id) == []
    store.delete(record.id, ["d1"])
    more = Document("late", "abcdef")
    store.put_all(record.id, [NewDocument(more, [Passage(0, 6, "abcdef")], rows(1, seed=7), "x")])
    assert store.check_half_vectors(record.id) == []
    ids, scores = store.nearest(record.id, rows(1, seed=7)[0], 1)
    assert scores[0] == pytest.approx(1.0, abs=1e-3) and ids[0] == store.chunk_ids(record.id)[-1]
    gone = store.nearest(record.id, vectors[60], 200)[0]
    assert len(gone) == 151


def test_a_failed_transaction_leaves_no_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record, _ = fill(store, 100)
    store.make_half_vectors(record.id, DIM)

    def fails(*_: object) -> None:
        raise RuntimeError("killed here")

    monkeypatch.setattr("ragkit.store.writing.leave_mark", fails)
    with pytest.raises(RuntimeError):
        store.put(record.id, Document("late", "abcdef"), [Passage(0, 6, "abcdef")], rows(1, seed=7), content_hash="x")
    assert store.check_half_vectors(record.id) == []
    assert len(store.nearest(record.id, rows(1)[0], 300)[0]) == 100


def test_damage_is_told_and_repaired(store: Store) -> None:
    from sqlalchemy import text

    record, _ = fill(store, 100)
    store.make_half_vectors(record.id, DIM)
    name = f"vectors_{record.id.replace('-', '')}"
    with store._database.writing() as connection:
        connection.execute(text(f'DELETE FROM "{name}" WHERE chunk_id % 10 = 0'))
        even = f"array_fill(0.25::real, ARRAY[{DIM}])::halfvec"
        connection.execute(text(f'UPDATE "{name}" SET vector = {even} WHERE chunk_id % 10 = 1'))
    lacks, wrong = store.check_half_vectors(record.id)
    assert "lacks 10 chunks" in lacks and "10 vectors that are not the store's" in wrong
    store.make_half_vectors(record.id, DIM)
    store.tidy_half_vectors(record.id)
    assert store.check_half_vectors(record.id) == []


def test_dropping_the_index_drops_its_table(store: Store) -> None:
    record, _ = fill(store, 50)
    store.make_half_vectors(record.id, DIM)
    store.drop_index("many")
    assert not store.has_half_vectors(record.id)


def test_a_store_that_is_not_postgresql_is_one_line() -> None:
    index = Index("plain", encoder=WordEncoder(), view="pgvector")
    with pytest.raises(ConfigError, match="RAGKIT_DATABASE=postgresql"):
        index.add([{"id": "a", "text": "The director approves travel."}])


def test_an_index_of_another_view_is_taken_over_by_repair(server: str) -> None:
    with Index("plain", encoder=WordEncoder()) as other:
        other.add([{"id": "a", "text": "The director approves travel."}])
    with (
        Index("plain", encoder=WordEncoder(), view="pgvector:ivf") as unknown,
        pytest.raises(ConfigError, match="known: hnsw"),
    ):
        unknown.search("travel")
    with Index("plain", encoder=WordEncoder(), view="pgvector") as index:
        with pytest.raises(StoreError, match="ragkit repair"):
            index.search("travel", mode="dense")
        assert index.repair().problems == ()
        assert index.search("travel", mode="dense")[0].document_id == "a"


def test_another_encoder_and_another_name_keep_the_table_whole(server: str, tmp_path: Path) -> None:
    """Vectors of another length, and passages that a renamed file numbers anew."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "travel.txt").write_text("The director approves travel.\n")
    with Index("moving", encoder=WordEncoder(), view="pgvector") as index:
        index.add(tmp_path / "docs", [{"id": "b", "text": "Leave is thirty days."}])
        (tmp_path / "docs" / "travel.txt").rename(tmp_path / "docs" / "journeys.txt")
        index.add(tmp_path / "docs", prune=True)
        assert index.verify().problems == ()
        assert index.reembed(WordEncoder("words-48", 48)).problems == ()
        assert "travel" in index.search("director approves travel", 1, mode="dense")[0].chunk.text


def test_an_answer_over_it_is_given_and_traced(server: str) -> None:
    with Index("asked", encoder=WordEncoder(), view="pgvector") as index:
        index.add([{"id": "a", "text": "The director approves travel."}])
        rag = RAG(index)
        answer = rag.ask("Who approves travel?")
        flush_traces()
        (search, *_) = rag.store.traces.get(answer.trace_id).record["searches"]
        assert "director" in answer.text and search["sequence"] == index.record.sequence


READER = """
import sys, time
from ragkit.index import Index
from tests.fakes import WordEncoder
index = Index("fresh", encoder=WordEncoder())
print("ready", flush=True)
for line in sys.stdin:
    word = line.strip()
    while not any(word in hit.chunk.text for hit in index.search(word, 3)):
        pass
    print(time.time(), flush=True)
"""


@pytest.mark.parametrize("view", ["faiss", "pgvector"])
def test_what_one_process_adds_another_finds_within_a_second(
    server: str, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """A reader that is open already sees the commit at its next search; measured from the return of `add`."""
    monkeypatch.setenv("RAGKIT_VIEW", view)
    index = Index("fresh", encoder=WordEncoder())
    index.add([{"id": "first", "text": "Nothing of interest."}])
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", READER], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        late = []
        for n in range(5):
            reader.stdin.write(f"zebra{n}\n")
            reader.stdin.flush()
            index.add([{"id": f"n{n}", "text": f"The zebra{n} is new."}])
            added = time.time()
            late.append(float(reader.stdout.readline()) - added)
        reader.stdin.close()
    index.close()
    assert sorted(late)[2] <= 1.0, late
