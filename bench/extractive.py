"""Extractive answers: how often they hold a gold answer, how often they answer what cannot be answered, by threshold.

    python -m bench.extractive FOLDER [--questions 1000] [--home FOLDER] [--reader NAME] [--single]

FOLDER holds documents.jsonl (or documents/) and questions.jsonl, e.g. eval/primer. Every question is answered at
threshold 0 and the reader's chance kept, so the whole curve costs one run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from ragkit.eval.metrics.answers import contains
from ragkit.eval.metrics.calibration import auroc

from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.reader.candidates import candidates
from ragkit.reader.choosing import SHIPPED, reader_of
from ragkit.reasoning.strategies.extractive import PASSAGES, Extractive


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


async def judge(rag: RAG, question: dict[str, Any]) -> tuple[bool, float, bool]:
    """(has an answer, the reader's chance, whether the answer's quotes hold a gold answer)."""
    golds = [str(a) for a in question["answers"]]
    language = str((question.get("meta") or {}).get("language", "en"))
    answer = await rag.aask(str(question["question"]))
    said = " ".join(c.quote for c in answer.citations)
    return bool(golds), answer.confidence or 0.0, contains(said, golds, language) == 1.0


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--reader", default=SHIPPED, help="ragkit, off, or a model of two texts by name")
    parser.add_argument("--single", action="store_true", help="leave out questions that need two documents")
    options = parser.parse_args()
    questions = read(options.folder / "questions.jsonl")
    if options.single:
        questions = [q for q in questions if (q.get("meta") or {}).get("kind") != "multi"]
    random.Random(0).shuffle(questions)
    questions = questions[: options.questions]
    index = Index(options.folder.name, home=options.home or tempfile.mkdtemp(prefix="ragkit-bench-"))
    if not len(index):
        source = options.folder / "documents.jsonl"
        index.add(source if source.exists() else options.folder / "documents")
    reader = reader_of(options.reader, index.encoder)
    rag = RAG(index, strategy=Extractive(threshold=0.0, reader=reader))
    found = [candidates(index.search(q["question"], k=PASSAGES)) for q in questions[:50]]
    reader.read(questions[0]["question"], found[0])  # loads what it reads with
    begun = time.process_time()
    for q, c in zip(questions, found, strict=False):
        reader.read(q["question"], c)
    cost = (time.process_time() - begun) / len(found)

    async def everything() -> list[tuple[bool, float, bool]]:
        return [await judge(rag, q) for q in questions]

    results = asyncio.run(everything())
    answerable = np.array([(e, good) for has, e, good in results if has])
    chance, good = answerable[:, 0], answerable[:, 1] == 1
    empty = np.array([e for has, e, _ in results if not has])
    print(
        f"{options.folder.name}: {len(answerable)} answerable, {len(empty)} unanswerable; reader {reader.name}, "
        f"abstains below {reader.low}, sure from {reader.high}; {1000 * cost:.0f} ms of CPU a question"
    )
    if len(empty):
        truth = np.array([has for has, _, _ in results])
        print(f"AUROC of answerable: {auroc(np.array([e for _, e, _ in results]), truth):.3f}")
    print("threshold  answered  holds gold  of those answered  false answers")
    for threshold in sorted({0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, reader.low, reader.high}):
        kept = chance >= threshold
        false = (empty >= threshold).mean() if len(empty) else float("nan")
        held = good[kept].mean() if kept.any() else float("nan")
        print(f"{threshold:9.2f}  {kept.mean():8.3f}  {(kept & good).mean():10.3f}  {held:17.3f}  {false:13.3f}")


if __name__ == "__main__":
    main()
