"""Invented worlds as question sets: nothing a model can have read, gold by construction, the same for the same seed.

nano:SEED[:COUNT]    many small worlds; each question searches its own (`meta.where`), so that reading is what is
                     tested: one to four hops, sums, comparisons, and questions without an answer
corpus:SEED[:COUNT]  one large world as a collection of documents, so that finding is tested too
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from ragkit.config import settings
from ragkit.errors import UsageError

__all__ = ["world_folder"]

COUNT = 400
PER_WORLD = 2
MIX = {"hop1": 0.12, "hop2": 0.16, "hop3": 0.26, "hop4": 0.22, "none": 0.12, "sum": 0.06, "compare": 0.06}


def world_folder(name: str, home: Path | None = None) -> Path:
    """Folder of the set of that name, written once under `home`. Raises UsageError for a name not of the form.

    home: the configured one by default.
    """
    kind, *numbers = name.split(":")
    try:
        seed, count = int(numbers[0]) if numbers else 1, int(numbers[1]) if len(numbers) > 1 else COUNT
    except ValueError:
        raise UsageError(f"{name!r} is not a world; write {kind}:SEED or {kind}:SEED:COUNT, whole numbers") from None
    if len(numbers) > 2 or count < 1 or seed < 0:
        raise UsageError(f"{name!r} is not a world; write {kind}:SEED or {kind}:SEED:COUNT, COUNT at least 1")
    folder = (home or settings().home) / "eval" / f"{kind}-{seed}-{count}"
    if not (folder / "questions.jsonl").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "corpus":
            from ragkit.nano.world.corpus import write_corpus

            write_corpus(folder, seed=seed, documents=max(100, 2 * count), questions=count)
        else:
            _write_worlds(folder, seed, count)
    return folder


def _write_worlds(folder: Path, seed: int, count: int) -> None:
    """Small worlds until there are `count` questions; questions.jsonl last: its existence means both are whole."""
    from ragkit.nano.training.curriculum import make_world, pick_question

    rng = Random(seed)
    documents: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    number = 0
    while len(questions) < count:
        world = make_world(rng, level=2, language="en", split="test", long=False, searching=False)
        number += 1
        name = f"w{number}"
        home = {fact: f"{name}.{i}" for i, passage in enumerate(world.passages) for fact in passage.facts}
        asked: set[str] = set()
        for _ in range(PER_WORLD):
            question = pick_question(rng, world, MIX)
            if question is None or question.text in asked or len(questions) == count:
                continue
            asked.add(question.text)
            hops = len(question.lookups)
            questions.append(
                {
                    "id": f"q{len(questions) + 1}",
                    "question": question.text,
                    "answers": [] if question.answer is None else [question.answer],
                    "relevant": list(dict.fromkeys(home[f] for f in question.lookups if f in home)),
                    "meta": {
                        "kind": question.kind,
                        "hops": hops,
                        "language": "en",
                        "cluster": name,
                        "where": {"world": name},
                    },
                }
            )
        if asked:
            documents += [
                {"id": f"{name}.{i}", "text": passage.text, "metadata": {"world": name}}
                for i, passage in enumerate(world.passages)
            ]
    for file, rows in (("documents.jsonl", documents), ("questions.jsonl", questions)):
        part = folder / f"{file}.part"
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        part.replace(folder / file)
