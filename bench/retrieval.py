"""How well `Index.search` finds: hit@1, hit@10 and nDCG@10 of dense, lexical, plain rank fusion and ragkit's hybrid.

    python bench/retrieval.py [DATA_FOLDER] [--sets squad20_dev xquad_de ...] [--questions 500] [--encoder NAME]

DATA_FOLDER (or RAGKIT_DATA) holds one folder per set with documents.jsonl ({"id", "title", "text"}) and questions.jsonl
({"id", "question", "relevant", "meta"}). Questions without relevant documents are left out. Where a question names
evidence spans (meta.spans), documents are first cut into windows of 200 words, and a window that overlaps a span is
relevant. A document ranks where its first passage does. Searches are timed one by one, encoding included.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from ragkit.eval.metrics.retrieval import first_seen, hit, ndcg

from ragkit import Index

Row = dict[str, Any]
WINDOW_WORDS = 200
DEPTH = 50  # passages asked for, so that ten documents are among them
RRF_K = 60
RANKINGS = ("dense", "lexical", "rrf", "hybrid")


def read_lines(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:  # not splitlines: a text may hold U+2028
        return [json.loads(line) for line in lines if line.strip()]


def windows(document: Row) -> list[Row]:
    """The document in pieces of 200 words, with their offsets."""
    words = [match.span() for match in re.finditer(r"\S+", document["text"])]
    pieces = []
    for i in range(0, len(words), WINDOW_WORDS):
        start, end = words[i][0], words[min(i + WINDOW_WORDS, len(words)) - 1][1]
        piece = {"id": f"{document['id']}#{i // WINDOW_WORDS}", "title": document["title"]}
        pieces.append({**piece, "text": document["text"][start:end], "of": document["id"], "start": start, "end": end})
    return pieces


def load(folder: Path) -> tuple[list[Row], list[tuple[str, set[str]]]]:
    """Documents, and each question with the ids that are relevant to it."""
    documents, rows = read_lines(folder / "documents.jsonl"), read_lines(folder / "questions.jsonl")
    if any("spans" in row.get("meta", {}) for row in rows):
        documents = [piece for document in documents for piece in windows(document)]
        for row in rows:
            spans = row["meta"]["spans"]
            row["relevant"] = [
                d["id"]
                for d in documents
                if d["of"] in row["relevant"] and any(d["start"] < end and start < d["end"] for start, end in spans)
            ]
    known = {document["id"] for document in documents}
    questions = [(row["question"], set(row["relevant"]) & known) for row in rows]
    keep = ("id", "title", "text")
    return [{name: document[name] for name in keep} for document in documents], [q for q in questions if q[1]]


def rank_fusion(*rankings: Sequence[str]) -> list[str]:
    """Reciprocal rank fusion (Cormack et al. 2009), k = 60."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, name in enumerate(ranking, 1):
            scores[name] = scores.get(name, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda name: -scores[name])


def measure(index: Index, questions: Sequence[tuple[str, set[str]]]) -> dict[str, list[float]]:
    """Mean hit@1, hit@10 and nDCG@10 of each ranking, and the median milliseconds of its searches."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in RANKINGS}
    taken: dict[str, list[float]] = {name: [] for name in RANKINGS}
    for question, gold in questions:
        ranked: dict[str, list[str]] = {}
        for mode in ("hybrid", "dense", "lexical"):  # hybrid first: it pays for encoding the question
            begin = time.perf_counter()
            hits = index.search(question, k=DEPTH, mode=mode)
            taken[mode].append(1000 * (time.perf_counter() - begin))
            ranked[mode] = first_seen(h.document_id for h in hits)
        ranked["rrf"] = rank_fusion(ranked["dense"], ranked["lexical"])
        for name in RANKINGS:
            found[name].append((hit(ranked[name], gold, 1), hit(ranked[name], gold, 10), ndcg(ranked[name], gold, 10)))
    return {
        name: [*(sum(column) / len(column) for column in zip(*found[name], strict=True)), median(taken[name] or [0.0])]
        for name in RANKINGS
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=os.environ.get("RAGKIT_DATA"), help="folder of the sets")
    parser.add_argument("--sets", nargs="*", help="names of sets; all that have relevant documents by default")
    parser.add_argument("--questions", type=int, help="no more than this many of each set, evenly spread")
    parser.add_argument("--encoder", help="name or folder of the encoder")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of the sets, or set RAGKIT_DATA")
    data = Path(options.data)
    names = options.sets or sorted(path.parent.name for path in data.glob("*/documents.jsonl"))
    print(f"{'set':16} {'ranking':8} {'hit@1':>6} {'hit@10':>6} {'nDCG@10':>7} {'ms p50':>7}")
    for name in names:
        documents, questions = load(data / name)
        if not documents or not questions:
            print(f"{name}: no question has relevant documents; left out", file=sys.stderr)
            continue
        if options.questions is not None and options.questions < len(questions):
            step = len(questions) / options.questions
            questions = [questions[int(i * step)] for i in range(options.questions)]
        with tempfile.TemporaryDirectory() as home:
            index = Index("bench", home=home, encoder=options.encoder)
            index.add(documents)
            for ranking, (first, ten, gain, ms) in measure(index, questions).items():
                time_ms = f"{ms:7.2f}" if ranking != "rrf" else f"{'':7}"
                print(f"{name:16} {ranking:8} {first:6.3f} {ten:6.3f} {gain:7.3f} {time_ms}", flush=True)


if __name__ == "__main__":
    main()
