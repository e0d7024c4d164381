"""Extractive answers: how often they hold a gold answer, how often they answer what cannot be answered, by threshold.

    python -m bench.extractive FOLDER [--questions 1000] [--home FOLDER]

FOLDER holds documents.jsonl (or documents/) and questions.jsonl, e.g. eval/primer. Every question is answered at
threshold 0 and its evidence kept, so the whole curve costs one run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from ragkit.eval.metrics.answers import contains

from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.reasoning.strategies.extractive import THRESHOLD, Extractive, best_sentences


def read(path: Path) -> list[dict[str, object]]:
    """The records of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


async def judge(rag: RAG, question: dict[str, Any]) -> tuple[bool, float, bool]:
    """(has an answer, evidence of the best sentence, whether the answer's quotes hold a gold answer)."""
    text = str(question["question"])
    hits = rag.index.search(text, max(rag.k, 5))
    ranked = best_sentences(text, hits, rag.index.encoder)
    golds = [str(a) for a in question["answers"]]
    language = str((question.get("meta") or {}).get("language", "en"))
    answer = await rag.aask(text)
    said = " ".join(c.quote for c in answer.citations)
    return bool(golds), ranked[0].evidence if ranked else 0.0, contains(said, golds, language) == 1.0


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--home", type=Path, default=None)
    options = parser.parse_args()
    questions = read(options.folder / "questions.jsonl")
    random.Random(0).shuffle(questions)
    index = Index(options.folder.name, home=options.home or tempfile.mkdtemp(prefix="ragkit-bench-"))
    if not len(index):
        source = options.folder / "documents.jsonl"
        index.add(source if source.exists() else options.folder / "documents")
    rag = RAG(index)
    rag.strategy = Extractive(threshold=0.0)

    async def everything() -> list[tuple[bool, float, bool]]:
        return [await judge(rag, q) for q in questions[: options.questions]]

    results = asyncio.run(everything())
    answerable = np.array([(e, good) for has, e, good in results if has])
    evidence, good = answerable[:, 0], answerable[:, 1] == 1
    empty = np.array([e for has, e, _ in results if not has])
    print(f"{options.folder.name}: {len(answerable)} answerable, {len(empty)} unanswerable; default {THRESHOLD}")
    print("threshold  answered  holds gold  false answers")
    for threshold in (0.0, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7):
        kept = evidence >= threshold
        false = (empty >= threshold).mean() if len(empty) else float("nan")
        print(f"{threshold:9.2f}  {kept.mean():8.3f}  {(kept & good).mean():10.3f}  {false:13.3f}")


if __name__ == "__main__":
    main()
