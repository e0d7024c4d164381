"""`run`: a whole evaluation from names to figures; `score`: the figures again, without generating anything."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ragkit.config import settings
from ragkit.errors import UsageError
from ragkit.index import Index
from ragkit.types import Budget

from ..checking.checks import read_checks
from ..metrics.scoring import table_of
from ..metrics.summary import summarise
from ..sets.reading import QuestionSet
from ..sets.relevance import check_relevant
from . import asking
from .fingerprint import corpus_of, environment, fingerprint_of
from .runner import CONCURRENCY, Outcome, jobs_of, run_jobs, run_searches
from .runs import Run, read_run, write_json

__all__ = ["evaluate", "evaluate_searches", "manifest_of", "run_folder", "score"]

SEARCH_DEPTH = 50  # passages asked for, so that ten documents are among them


def run_folder(questions: QuestionSet, what: str) -> Path:
    """Where a run goes that no one named: eval-runs/<set>-<what>-<time> of the home."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Path(settings().home) / "eval-runs" / f"{questions.name.replace(':', '-')}-{what}-{now}"


def manifest_of(command: str, questions: QuestionSet, fingerprint: Mapping[str, Any], **told: Any) -> dict[str, Any]:
    """What manifest.json says."""
    return {
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "set": {
            "name": questions.name,
            "sha256": questions.sha256,
            "questions": len(questions),
            "skipped": [asdict(s) for s in questions.skipped],
        },
        "fingerprint": dict(fingerprint),
        "environment": environment(),
        **told,
    }


def evaluate(
    rag: Any,
    questions: QuestionSet,
    out: Path,
    *,
    samples: int = 1,
    seed: int | None = None,
    rule: str = "contains",
    concurrency: int = CONCURRENCY,
    retry_failed: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Ask `rag` every question and return the summary; the run is in `out`, and resumed if it was begun there."""
    if samples < 1 or concurrency < 1:
        raise UsageError(f"samples={samples} and concurrency={concurrency} must be 1 or more")
    from ragkit.rag import loop

    check_relevant(questions.questions, rag.index.documents(), rag.index.name)
    about = asking.asking_of(rag, seed=seed, samples=samples)
    fingerprint = fingerprint_of(questions=questions.sha256, asking=about)
    ask = asking.Asker(rag, budget=Budget.of(rag.budget), seed=seed)
    with Run(out, manifest_of("run", questions, fingerprint, rule=rule, index=rag.index.name)) as run:
        jobs = jobs_of(run, questions.questions, samples, retry=retry_failed)
        total = len(questions) * samples
        watch = asking.IndexWatch(rag.index)
        try:
            outcome = run_jobs(
                run, jobs, ask, total=total, concurrency=concurrency, unchanged=watch, quiet=quiet, loop=loop.run
            )
        except (Exception, KeyboardInterrupt):
            _leave(out, rule, total)
            raise
    return score(out, rule=rule, complete=True, outcome=outcome)


def evaluate_searches(
    index: Index,
    questions: QuestionSet,
    out: Path,
    *,
    k: int = SEARCH_DEPTH,
    mode: str = "hybrid",
    quiet: bool = False,
) -> dict[str, Any]:
    """Search for every question and return the retrieval figures; no model is asked."""
    check_relevant(questions.questions, index.documents(), index.name)
    about = {"mode": mode, "k": k, "strategy": "search", "corpus": corpus_of(index)}
    fingerprint = fingerprint_of(questions=questions.sha256, asking=about)
    with Run(out, manifest_of("run", questions, fingerprint, rule="contains")) as run:
        jobs = jobs_of(run, questions.questions)
        watch = asking.IndexWatch(index)
        try:
            outcome = run_searches(
                run,
                jobs,
                lambda q: asking.document_ids(index, q, k, {"mode": mode}),
                total=len(questions),
                depth=k,
                unchanged=watch,
                quiet=quiet,
            )
        except (Exception, KeyboardInterrupt):
            _leave(out, "contains", len(questions))
            raise
    return score(out, complete=True, outcome=outcome)


def score(
    out: Path,
    *,
    rule: str | None = None,
    questions: QuestionSet | None = None,
    complete: bool | None = None,
    outcome: Outcome | None = None,
) -> dict[str, Any]:
    """Compute the figures of a run from its samples and write summary.json.

    questions: a set whose gold replaces what the samples were stored with. complete: whether all samples are there;
    None keeps what summary.json said.
    """
    manifest, samples = read_run(out)
    rule = rule or str(manifest.get("rule", "contains"))
    gold = {q.id: q for q in questions.questions} if questions is not None else None
    rows = samples if gold is None else (_with_gold(row, gold) for row in samples if row["id"] in gold)
    extra, judges = read_checks(out)
    table = table_of(rows, rule=rule, extra=extra)
    if complete is None:
        complete = table.samples >= manifest["set"]["questions"] * _samples_wanted(manifest)
    summary = summarise(table, rule=rule, complete=complete)
    summary["judges"] = judges
    if outcome is not None:
        summary["run"] = asdict(outcome)
    write_json(Path(out) / "summary.json", summary)
    return summary


def _samples_wanted(manifest: Mapping[str, Any]) -> int:
    return int(manifest["fingerprint"].get("sampling", {}).get("samples", 1))


def _with_gold(row: dict[str, Any], gold: Mapping[str, Any]) -> dict[str, Any]:
    q = gold[row["id"]]
    return {**row, "answers": list(q.answers), "relevant": list(q.relevant), "language": q.language}


def _leave(out: Path, rule: str, total: int) -> None:
    """After an interruption: figures of what is there, marked incomplete, and how to go on."""
    _, samples = read_run(out)
    there = sum(1 for _ in samples)
    if there:
        score(out, rule=rule, complete=False)
    sys.stderr.write(f"{there} of {total} samples are in {out}; run the same again to go on from there\n")
