"""An index of 100,000 chunks: search beyond encoding, adding one document, opening, memory.

    python -m bench.index_100k [--chunks 100000] [--home FOLDER]

Vectors are clustered as an encoder's are (topics plus noise), texts are drawn from a Zipf-like vocabulary by topic; the
encoder is a table, so that no encoding is timed. Each figure is a median; raw FAISS and tantivy are in bench/views.py.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ragkit.changes import FloatArray
from ragkit.index import Index
from ragkit.store import NewDocument
from ragkit.text.chunking import CHUNKER_VERSION, Passage
from ragkit.types import Document

DIM, TOPICS, WORDS = 384, 2000, 30_000


class TopicEncoder:
    """A text's vector is its topic's centre plus noise; the topic is the text's first word."""

    name, dim, fingerprint, max_tokens = "topics", DIM, "topics-1", 254

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        self._known: dict[str, FloatArray] = {}
        self._centres = self._rng.normal(size=(TOPICS, DIM)).astype(np.float32)

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        topics = [int(t.split("topic", 1)[1].split()[0]) for t in texts]
        rows = self._centres[topics] + 0.9 * self._rng.normal(size=(len(texts), DIM)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def encode_query(self, text: str) -> FloatArray:
        if text not in self._known:  # encoding is not what is measured
            self._known[text] = self.encode([text])[0]
        return self._known[text]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(t.split()) for t in texts]

    def pieces_per_word(self, text: str) -> float:
        return 1.3


def make_texts(n: int) -> list[str]:
    """`n` passages of 60-120 words; words follow Zipf's law, a third of them typical of the topic."""
    rng = np.random.default_rng(1)
    ranks = np.arange(1, WORDS + 1)
    common = rng.choice(WORDS, size=(n, 80), p=(1 / ranks) / (1 / ranks).sum())
    texts = []
    for i in range(n):
        topic = int(rng.integers(TOPICS))
        own = topic * 13 % WORDS + rng.integers(0, 40, 40)
        words = [f"w{w}" for w in (*common[i, : rng.integers(40, 80)], *(own % WORDS))]
        rng.shuffle(words)
        texts.append(f"topic{topic} " + " ".join(words))
    return texts


def peak_mb() -> float:
    """Peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median_ms(work: Callable[[int], object], times: int) -> tuple[float, float]:
    """Median and 95th percentile of `work(i)` in milliseconds."""
    spent = []
    for i in range(times):
        start = time.perf_counter()
        work(i)
        spent.append(1000 * (time.perf_counter() - start))
    return statistics.median(spent), sorted(spent)[int(0.95 * times)]


def fill(index: Index, texts: Sequence[str], encoder: TopicEncoder) -> None:
    """Store one document per chunk through the store, as an ingest does, without parsing."""
    store, record = index._store, index.record
    for start in range(0, len(texts), 2000):
        batch = texts[start : start + 2000]
        items = []
        for i, (text, vector) in enumerate(zip(batch, encoder.encode(batch), strict=True), start):
            document = Document(id=f"d{i}", text=text, title=f"Document {i}", language="en")
            passage = Passage(0, len(text), text, (), None)
            items.append(NewDocument(document, [passage], vector[None], CHUNKER_VERSION + str(i)))
        store.put_all(record.id, items)


def main() -> None:
    """Build (or reuse) the index and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="keep the index here and reuse it")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="ragkit-bench-"))
    encoder = TopicEncoder()
    base = peak_mb()
    index = Index("big", home=home, encoder=encoder)
    if not len(index):
        texts = make_texts(options.chunks)
        start = time.perf_counter()
        fill(index, texts, encoder)
        print(f"stored {len(texts):,} documents in {time.perf_counter() - start:.1f} s")
        del texts
    start = time.perf_counter()
    index.live.publish(force=True)
    print(f"views caught up and published in {time.perf_counter() - start:.1f} s")
    index.close()

    start = time.perf_counter()
    index = Index("big", home=home, encoder=encoder)
    index.search("topic7 w7 w91", k=10)
    print(f"open to the first hits: {time.perf_counter() - start:.2f} s (reach 1.5)")

    rng = np.random.default_rng(2)
    queries = [
        f"topic{t} w{t * 13 % WORDS} w{(t * 13 + 5) % WORDS} w{rng.zipf(1.3) % WORDS} w{rng.integers(WORDS)}"
        for t in rng.integers(0, TOPICS, 300)
    ]
    for query in queries:
        encoder.encode_query(query)
    for mode in ("hybrid", "dense", "lexical"):
        p50, p95 = median_ms(lambda i, m=mode: index.search(queries[i], 10, mode=m), 300)  # type: ignore[misc]
        print(f"search, {mode}: p50 {p50:.2f} ms, p95 {p95:.2f} ms" + (" (reach 3)" if mode == "hybrid" else ""))

    def add_one(i: int) -> None:
        index.add([{"id": f"new{time.time_ns()}-{i}", "text": f"topic{i} fresh document w{i} number {i}"}])
        index.search(f"topic{i} fresh", k=1)

    p50, p95 = median_ms(add_one, 20)
    print(f"add one document and find it: p50 {p50:.0f} ms, p95 {p95:.0f} ms (reach 100)")
    print(f"peak memory: {peak_mb() - base:.0f} MB above the imports (reach 600)")
    index.close()
    if options.home is None:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
