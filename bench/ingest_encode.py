"""Documents per second of `ragkit.embedding.Encoder` against raw sentence-transformers in float32, and both's hit@10.

    python bench/ingest_encode.py DATA_FOLDER [--documents 512] [--rounds 5] [--batch-tokens 4096]

DATA_FOLDER (or RAGKIT_DATA) holds documents.jsonl ({"id", "title", "text"}) and questions.jsonl ({"question",
"relevant"}). Rounds are interleaved, so that a busy machine slows both alike; figures are medians.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ragkit.embedding import Encoder, find_encoder
from ragkit.embedding.runners import Machine


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def timed(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    begin = time.perf_counter()
    out = work()
    return time.perf_counter() - begin, out


def hit_at_10(queries: np.ndarray, vectors: np.ndarray, ids: list[str], questions: list[dict[str, Any]]) -> float:
    best = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    found = [any(ids[i] in q["relevant"] for i in row) for row, q in zip(best, questions, strict=True)]
    return float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("RAGKIT_DATA"))
    parser.add_argument("--documents", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-tokens", type=int, default=None)
    args = parser.parse_args()
    if not args.data:
        parser.error("give a folder with documents.jsonl and questions.jsonl, or set RAGKIT_DATA")
    documents = read_lines(Path(args.data) / "documents.jsonl")[: args.documents]
    ids = [d["id"] for d in documents]
    texts = [d["text"] for d in documents]
    known = set(ids)
    questions = [q for q in read_lines(Path(args.data) / "questions.jsonl") if known & set(q["relevant"])][:500]

    begin = time.perf_counter()
    machine = Machine(None, "auto")  # as the encoder chooses it
    ours = Encoder(**({"batch_tokens": args.batch_tokens} if args.batch_tokens else {}))
    ours.encode_query("warm")
    start_ours = time.perf_counter() - begin
    begin = time.perf_counter()
    from sentence_transformers import SentenceTransformer

    raw = SentenceTransformer(str(find_encoder(ours.name)), device=machine.device)
    raw.encode("warm")
    start_raw = time.perf_counter() - begin

    seconds: dict[str, list[float]] = {"ragkit": [], "raw": []}
    for _ in range(args.rounds):
        took, vectors = timed(lambda: ours.encode(texts))
        seconds["ragkit"].append(took)
        took, reference = timed(lambda: raw.encode(texts, normalize_embeddings=True))
        seconds["raw"].append(took)
    asked = [q["question"] for q in questions]
    hits = hit_at_10(np.stack([ours.encode_query(q) for q in asked]), vectors, ids, questions) if asked else 0.0
    hits_raw = hit_at_10(raw.encode(asked, normalize_embeddings=True), reference, ids, questions) if asked else 0.0
    rate = {name: len(texts) / median(took) for name, took in seconds.items()}
    print(f"{len(texts)} documents, {len(asked)} questions, {args.rounds} rounds, {machine.dtype} against float32")
    print(f"{'':24}{'documents/s':>12}{'hit@10':>9}{'start s':>9}")
    print(f"{'ragkit':24}{rate['ragkit']:12.1f}{hits:9.3f}{start_ours:9.1f}")
    print(f"{'sentence-transformers':24}{rate['raw']:12.1f}{hits_raw:9.3f}{start_raw:9.1f}")
    print(
        f"{'ratio':24}{rate['ragkit'] / rate['raw']:12.2f}   least cosine {np.min(np.sum(vectors * reference, 1)):.5f}"
    )


if __name__ == "__main__":
    main()
