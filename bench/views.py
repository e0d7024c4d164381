"""What the views cost over the libraries beneath them: `python bench/views.py [--rows 100000]`.

Prints medians on one core: the vector view against raw FAISS, and the lexical view against raw tantivy, each on the
same rows and queries in the same run. `--vectors rows.npy --queries queries.npy` takes real embeddings (float32, unit
rows); without them rows are drawn like embeddings: topics within themes, most of the variance in few directions.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from ragkit.changes import Changes, FloatArray
from ragkit.views.factory import build_index, choose_factory, load_faiss
from ragkit.views.lexical import LexicalView
from ragkit.views.vectors import VectorView

BATCH = 1_000


def median_ms(call: Callable[[Any], Any], arguments: Iterable[Any]) -> float:
    """Median milliseconds of one call per argument."""
    spent = []
    for argument in arguments:
        start = time.perf_counter()
        call(argument)
        spent.append(time.perf_counter() - start)
    return 1e3 * float(np.median(spent))


def timed(call: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def row(name: str, value: str, remark: str = "") -> None:
    print(f"{name:<46}{value:>12}  {remark}", flush=True)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def embeddings(count: int, dim: int = 384) -> FloatArray:
    """Rows of unit length in topics of about 20 and themes of about 400."""
    rng = np.random.default_rng(0)
    scale = 1 / np.sqrt(1 + np.arange(dim) / 16)
    themes = rng.standard_normal((max(2, count // 400), dim))
    topics = themes[rng.integers(0, len(themes), max(4, count // 20))]
    topics = topics + rng.standard_normal(topics.shape)
    rows = (topics[rng.integers(0, len(topics), count)] + 1.2 * rng.standard_normal((count, dim))) * scale
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def passages(count: int) -> list[str]:
    """Passages of about 100 words over a vocabulary with Zipf's frequencies."""
    rng = random.Random(0)
    letters = "aeiou", "bcdfghklmnprstvw"
    vocabulary = ["".join(rng.choice(letters[i % 2]) for i in range(rng.randint(3, 9))) for _ in range(50_000)]
    weights = np.cumsum(1 / np.arange(2, len(vocabulary) + 2)).tolist()
    return [" ".join(rng.choices(vocabulary, cum_weights=weights, k=rng.randint(80, 120))) for _ in range(count)]


def batches(rows: FloatArray, texts: list[str]) -> Iterable[Changes]:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        ids = np.arange(start, start + len(part), dtype=np.int64)
        words = texts[start : start + len(part)]
        yield Changes(start + BATCH, ids, part, words, [""] * len(part), ["en"] * len(part))


def vectors(rows: FloatArray, queries: FloatArray, folder: Path) -> None:
    faiss = load_faiss()
    faiss.omp_set_num_threads(1)
    tail = min(500, len(rows) // 10)
    dim, factory = rows.shape[1], choose_factory(len(rows) - tail, rows.shape[1], 8 << 30)
    print(f"\nvectors: {len(rows):,} x {dim}, {factory}, the last {tail} not yet in the snapshot; k = 10")
    view = VectorView.open(folder, dim=dim, fingerprint="bench", factory=factory)
    empty = [""] * len(rows)
    for changes in batches(rows[:-tail], empty):
        view.apply(changes)
    publish = timed(view.publish)
    before = resident_mb()
    view.close()
    start = time.perf_counter()
    view = VectorView.open(folder, dim=dim, fingerprint="bench", factory=factory)
    opened = time.perf_counter() - start
    for position in range(len(rows) - tail, len(rows) - 1):
        ids = np.array([position], np.int64)
        view.apply(Changes(position + BATCH, ids, rows[ids], [""], [""], [""]))
    last = np.array([len(rows) - 1], np.int64)
    one = timed(lambda: view.apply(Changes(len(rows) + BATCH, last, rows[last], [""], [""], [""])))

    flat = faiss.IndexFlatIP(dim)
    flat.add(rows)
    truth = flat.search(queries, 10)[1]
    raw: Any = None

    def build() -> None:
        nonlocal raw
        raw = build_index(rows, factory)

    raw_build = timed(build)
    if hasattr(raw, "nprobe"):
        raw.nprobe = int(3 * raw.nlist**0.5)
    raw_ms = median_ms(lambda q: raw.search(q[None], 10), queries)
    flat_ms = median_ms(lambda q: flat.search(q[None], 10), queries[:50])
    view_ms = median_ms(lambda q: view.search(q, 10), queries)
    raw_found = raw.search(queries, 10)[1]
    found = [view.search(q, 10)[0] for q in queries]

    def recall(results: Iterable[Any]) -> float:
        shared = [set(a.tolist()) & set(b.tolist()) for a, b in zip(results, truth, strict=True)]
        return float(np.mean([len(each) / 10 for each in shared]))

    row("search, view with tail", f"{view_ms:.2f} ms", f"recall@10 {recall(found):.3f}")
    row("search, raw FAISS, same structure", f"{raw_ms:.2f} ms", f"recall@10 {recall(raw_found):.3f}")
    row("search, raw FAISS, flat", f"{flat_ms:.2f} ms", f"{flat_ms / view_ms:.0f} times the view's")
    some = np.sort(np.random.default_rng(1).choice(len(rows), 200, replace=False))
    row("score 200 ids", f"{median_ms(lambda q: view.score(q, some), queries):.3f} ms")
    for share in (0.01, 0.1, 0.5):
        allowed = np.flatnonzero(np.random.default_rng(2).random(len(rows)) < share)
        row(
            f"search, filter lets {share:.0%} through",
            f"{median_ms(partial(view.search, k=10, allowed=allowed), queries[:100]):.2f} ms",
        )
    row("build and publish", f"{publish:.1f} s", f"raw FAISS train and add: {raw_build:.1f} s")
    row("open: verify and load", f"{opened:.2f} s", f"{sum(f.stat().st_size for f in folder.rglob('*')) / 1e6:.0f} MB")
    row("add one row", f"{1e3 * one:.2f} ms")
    row("resident while serving", f"{resident_mb():.0f} MB", f"before opening: {before:.0f} MB")
    view.close()


def words(texts: list[str], folder: Path) -> None:
    import tantivy

    rng = random.Random(1)
    queries = [" ".join(rng.sample(rng.choice(texts).split(), 9)) for _ in range(200)]
    print(f"\nwords: {len(texts):,} passages; k = 100")
    view = LexicalView.open(folder)
    none = np.zeros((len(texts), 1), np.float32)
    start = time.perf_counter()
    for changes in batches(none, texts):
        view.apply(changes)
    view.publish()
    published = time.perf_counter() - start
    view.close()
    start = time.perf_counter()
    view = LexicalView.open(folder)
    opened = time.perf_counter() - start

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="en_stem", index_option="freq")
    schema = builder.build()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as raw_folder:
        raw = tantivy.Index(schema, raw_folder)
        writer = raw.writer(128 << 20, 1)
        for text in texts:
            writer.add_document(tantivy.Document(words=text))
        writer.commit()
        writer.wait_merging_threads()
        raw_built = time.perf_counter() - start
        raw.reload()
        searcher = raw.searcher()
        raw_ms = median_ms(lambda q: searcher.search(raw.parse_query(q, ["words"]), 100, count=False), queries)
    view_ms = median_ms(lambda q: view.search(q, 100, language="en"), queries)
    row("search, view: stems and grams, ids fetched", f"{view_ms:.2f} ms", f"{view_ms / raw_ms:.1f} times raw")
    row("search, raw tantivy: stems alone", f"{raw_ms:.2f} ms")
    row("index and publish", f"{published:.1f} s", f"raw tantivy, stems alone: {raw_built:.1f} s")
    size = sum(f.stat().st_size for f in folder.glob("gen-*/*"))
    row("open: verify and load", f"{opened:.2f} s", f"{size / 1e6:.0f} MB")

    def add(number: int) -> None:
        one = np.array([len(texts) + number], np.int64)
        view.apply(Changes(len(texts) + number, one, none[:1], [texts[number]], [""], ["en"]))
        len(view)

    row("add one passage and see it", f"{median_ms(add, range(1, 11)):.1f} ms")
    view.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--queries", type=Path)
    options = parser.parse_args()
    rows = np.load(options.vectors) if options.vectors else embeddings(options.rows + 500)
    queries = np.load(options.queries)[:500] if options.queries else rows[-500:]
    rows = rows[: options.rows]
    with tempfile.TemporaryDirectory() as folder:
        vectors(rows, queries, Path(folder, "vectors"))
        words(passages(options.rows), Path(folder, "lexical"))


if __name__ == "__main__":
    main()
