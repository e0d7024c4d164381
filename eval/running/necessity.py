"""Which citations do a run's answers need? Every question is asked again, as it was, without one cited chunk at a time.

A citation is *needed* when the answer without its chunk (and the chunk's copies) is another answer, as votes compare
them; an abstention is another answer. Beside it, each question is asked without its nearest distractor: a passage that
the answer read but does not cite and the gold does not name. What changes then changes by chance, or by a fact that
should have been cited.

necessity.jsonl: {"key", "needed", "removed", "distractor_changed", "distractors", "cited": [{"chunk_id", "markers",
"text", "changed"}], "distractor": the same or null} a line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.augment.packing import same_text
from ragkit.errors import EvalError
from ragkit.reasoning.votes import vote_key
from ragkit.types import Budget, Chunk

from ..checking.checks import REMOVALS
from ..sets.reading import Question
from . import asking
from .runner import CONCURRENCY, Outcome, SampleJob, run_jobs
from .runs import SampleLog, differences, read_run

__all__ = ["ask_without", "pipeline_of"]

AS_BEFORE = ("model", "strategy", "budget", "k", "prompts", "corpus")  # of the fingerprint; the code is told apart


@dataclass(frozen=True, slots=True)
class _Removal:
    """What is asked again: the answer as it was, the chunks it cites and a distractor."""

    said: str
    where: Mapping[str, Any] | None
    cited: Mapping[int, tuple[int, ...]]
    chunks: Mapping[int, Chunk]
    distractor: int | None


@dataclass
class _Log:
    log: SampleLog


def pipeline_of(folder: Path, *, index: Any = None) -> Any:
    """A `RAG` as the run's was, over the index that it searched (or `index`). Raises EvalError where it differs."""
    from ragkit.rag import RAG

    manifest, _ = read_run(folder)
    asked = manifest["fingerprint"]
    if manifest["command"] != "run" or "budget" not in asked:
        raise EvalError(f"{folder} holds no answers of a run; necessity is asked of those of `ragkit eval run`")
    name = index or manifest.get("index")
    if name is None:
        raise EvalError(f"the run in {folder} does not say which index it searched; name it with --index")
    rag = RAG(
        name,
        model=asked["model"]["name"],
        strategy=asked["strategy"],
        budget=Budget.from_dict(asked["budget"]),
        k=asked["k"],
    )
    now = asking.asking_of(rag, seed=None, samples=1)
    found = differences({k: asked[k] for k in AS_BEFORE}, {k: _plain(now[k]) for k in AS_BEFORE})
    if found:
        rag.close()
        part, (one, two) = next(iter(found.items()))
        raise EvalError(
            f"the run in {folder} was made with another {part} ({one}, now {two}); it cannot be asked again as "
            "it was: undo the change, or run it anew with --necessity"
        )
    return rag


def ask_without(folder: Path, rag: Any, *, concurrency: int = CONCURRENCY, quiet: bool = True) -> Outcome:
    """Ask for every answer with citations what is said without them; what was asked before is kept.

    A run's figures take the result up when they are computed again (`score`).
    """
    from ragkit.rag import loop

    manifest, samples = read_run(folder)
    log = SampleLog(Path(folder) / REMOVALS)
    try:
        done = log.keys - log.failed
        removals: dict[str, _Removal] = {}
        jobs: list[SampleJob] = []
        for row in samples:
            removal = _removal_of(row)
            if removal is not None:
                question = Question(row["id"], row["question"], tuple(row["answers"]), tuple(row["relevant"]))
                jobs.append(SampleJob(question, row["sample"], row["key"]))
                removals[row["key"]] = removal
        seed = manifest["fingerprint"].get("sampling", {}).get("seed")
        asker = asking.Asker(rag, budget=Budget.of(rag.budget), seed=seed)

        async def draw(job: SampleJob) -> dict[str, Any]:
            return await _ask(asker, job, removals[job.key])

        todo = [job for job in jobs if job.key not in done]
        return run_jobs(
            _Log(log),
            todo,
            draw,
            total=len(jobs),
            concurrency=concurrency,
            what="answers asked without a citation",
            quiet=quiet,
            loop=loop.run,
        )
    finally:
        log.close()


def _removal_of(row: Mapping[str, Any]) -> _Removal | None:
    """What to take away from a sample; None where nothing is cited."""
    answer = row.get("answer")
    if row.get("error") or answer is None or answer["status"] == "abstained" or not answer["citations"]:
        return None
    held = [_chunk(hit["chunk"]) for hit in answer["hits"]]
    chunks = {c.id: c for c in held}
    cited: dict[int, list[int]] = {}
    for citation in answer["citations"]:
        if citation["chunk_id"] in chunks:
            cited.setdefault(citation["chunk_id"], []).append(citation["marker"])
    if not cited:
        return None
    texts, gold = {same_text(chunks[c].text) for c in cited}, tuple(row["relevant"])
    aside = (
        c.id
        for c in held
        if c.id not in cited
        and same_text(c.text) not in texts
        and not any(c.document_id == g or c.document_id.endswith(f"/{g}") for g in gold)
    )
    distractor = next(aside, None)
    kept = {i: chunks[i] for i in (*cited, *(() if distractor is None else (distractor,)))}
    return _Removal(answer["text"], row.get("where"), {c: tuple(m) for c, m in cited.items()}, kept, distractor)


async def _ask(asker: asking.Asker, job: SampleJob, removal: _Removal) -> dict[str, Any]:
    question = job.question.question
    answers = await asyncio.gather(
        *(asker.ask(question, job.ordinal, removal.where, without=(chunk,)) for chunk in removal.chunks.values())
    )
    before = vote_key(question, removal.said)
    rows: list[dict[str, Any]] = [
        {
            "chunk_id": chunk,
            "markers": list(removal.cited.get(chunk, ())),
            "text": answer.text,
            "changed": vote_key(question, answer.text) != before,
        }
        for chunk, answer in zip(removal.chunks, answers, strict=True)
    ]
    cited = [row for row in rows if row["chunk_id"] in removal.cited]
    other = next((row for row in rows if row["chunk_id"] not in removal.cited), None)
    return {
        "needed": sum(row["changed"] for row in cited),
        "removed": len(cited),
        "cited": cited,
        "distractor": other,
        "distractor_changed": int(other is not None and other["changed"]),
        "distractors": int(other is not None),
    }


def _chunk(told: Mapping[str, Any]) -> Chunk:
    return Chunk(**{**told, "section": tuple(told.get("section", ()))})


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value
