"""A whole curve for little more than one run: every natural thought is drawn once and forked into every cap.

budgets × samples × k are forked from the same thoughts, so all points are paired. Retrieval rounds (hops) change what
is read, so those are asked anew, each under its budget.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ragkit.citing.abstention import is_abstention, is_garbled
from ragkit.engines.base import Request, Sample
from ragkit.engines.fork import fork
from ragkit.errors import CapabilityError, UsageError
from ragkit.stopping import probability
from ragkit.types import Budget

from ..metrics.curves import curve_of
from ..sets.reading import Question, QuestionSet
from . import asking
from .evaluate import manifest_of
from .fingerprint import fingerprint_of
from .runner import CONCURRENCY, SampleJob, run_jobs
from .runs import Run, read_run, sample_key, write_json
from .stopping import fit_run

__all__ = ["Grid", "score_sweep", "sweep"]


@dataclass(frozen=True, slots=True)
class Grid:
    """What is swept. caps: thinking budgets, ascending; the natural thought is always the last point.

    samples: sizes of the vote. ks: passages read. hops: retrieval rounds beyond one, by `hop_strategy`.
    """

    caps: tuple[int, ...]
    samples: tuple[int, ...] = (1,)
    ks: tuple[int, ...] = ()
    hops: tuple[int, ...] = ()
    hop_strategy: str = "agent"

    def __post_init__(self) -> None:
        for name, values, least in (("caps", self.caps, 0), ("samples", self.samples, 1), ("ks", self.ks, 1)):
            if any(v < least for v in values):
                raise UsageError(f"{name} holds {min(values)}, which is below {least}")
        if not self.caps or not self.samples or list(self.caps) != sorted(set(self.caps)):
            raise UsageError(f"caps {self.caps} must be different and ascending, at least one, with a size of the vote")


def sweep(
    rag: Any,
    questions: QuestionSet,
    out: Path,
    grid: Grid,
    *,
    seed: int | None = None,
    rule: str = "contains",
    concurrency: int = CONCURRENCY,
    quiet: bool = False,
    promise: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Sweep `rag` over the grid and return the curve; the run is in `out`, and resumed if it was begun there.

    promise: epsilon and delta of a stopping rule that is fitted on it (`metrics.stopping`).
    """
    from ragkit.rag import loop

    grid = grid if grid.ks else replace(grid, ks=(rag.k,))
    engine = rag.engine
    if engine is None or not (engine.capabilities.token_ids and engine.capabilities.budget):
        name = "extractive" if engine is None else engine.name
        raise CapabilityError(
            f"{name!r} has no thoughts that could be cut; sweep a model run by vllm or transformers: --model nano"
        )
    about = asking.asking_of(rag, seed=seed, samples=max(grid.samples))
    del about["budget"], about["k"]
    fingerprint = fingerprint_of(questions=questions.sha256, asking={**about, "grid": asdict(grid)})
    jobs = [(job, k, 0) for k in grid.ks for job in _jobs(fingerprint, questions, k, 0)]
    jobs += [(j, k, h) for h in grid.hops for k in grid.ks for j in _jobs(fingerprint, questions, k, h)]
    places = {job.key: (k, hops) for job, k, hops in jobs}

    async def draw(job: SampleJob) -> dict[str, Any]:
        k, hops = places[job.key]
        if hops:
            return await _ask_hops(rag, job.question, grid, k, hops, seed)
        return await _ask_forked(rag, job.question, grid, k, seed)

    with Run(out, manifest_of("sweep", questions, fingerprint, rule=rule, grid=asdict(grid))) as run:
        todo = [job for job, _, _ in jobs if job.key not in run.log.keys]
        outcome = run_jobs(
            run,
            todo,
            draw,
            total=len(jobs),
            concurrency=concurrency,
            unchanged=asking.IndexWatch(rag.index),
            quiet=quiet,
            loop=loop.run,
        )
    return score_sweep(out, rule=rule, outcome=asdict(outcome), promise=promise)


def score_sweep(
    out: Path,
    *,
    rule: str | None = None,
    outcome: Mapping[str, Any] | None = None,
    promise: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """The curve of a sweep from its samples; writes summary.json.

    promise: epsilon and delta of a stopping rule to be fitted as well; by default those of the summary that was there.
    """
    manifest, rows = read_run(out)
    rule, path = rule or manifest.get("rule", "contains"), Path(out) / "summary.json"
    summary = curve_of(rows, manifest["grid"], rule=rule)
    if outcome is not None:
        summary["run"] = dict(outcome)
    before = json.loads(path.read_text(encoding="utf-8")).get("stopping") if path.is_file() else None
    if promise is None and before is not None:
        promise = before["epsilon"], before["delta"]
    if promise is not None:
        epsilon, delta = promise
        fitted = fit_run(out, epsilon=epsilon, delta=delta, rule=rule)
        summary["stopping"] = {**asdict(fitted), "epsilon": epsilon, "delta": delta}
    write_json(path, summary)
    return summary


def _jobs(fingerprint: Mapping[str, Any], questions: QuestionSet, k: int, hops: int) -> list[SampleJob]:
    return [
        SampleJob(q, 0, sample_key(fingerprint, q.id, q.question, q.meta.get("where"), k, hops))
        for q in questions.questions
    ]


async def _ask_forked(rag: Any, question: Question, grid: Grid, k: int, seed: int | None) -> dict[str, Any]:
    """One natural thought for each sample, and its answer under every cap."""
    reading = await rag.aprepare(question.question, where=question.meta.get("where"), k=k)
    if not reading.packed.passages:
        nothing = {"text": "", "status": "abstained", "thinking_tokens": 0, "answer_tokens": 0, "ended": "natural"}
        nothing["probability"] = 0.0
        point = {str(cap): nothing for cap in (*grid.caps, "natural")}
        return {"mode": "sweep", "k": k, "hops": 0, "forks": [point] * max(grid.samples), "cost": {}}
    engine, n = rag.engine, max(grid.samples)
    request = Request(
        prompt_ids=reading.prompt.ids,
        answer_tokens=rag.budget.answer_tokens,
        temperature=rag.temperature if n > 1 else 0.0,
        n=n,
        seed=seed if engine.capabilities.seed else None,
        logprobs=int(engine.capabilities.logprobs),
    )
    begin = time.monotonic()
    naturals = await engine.generate(request)
    drawn_s = time.monotonic() - begin
    forks = await asyncio.gather(*(fork(engine, request, s, grid.caps, ordinal=i) for i, s in enumerate(naturals)))
    cost: dict[str, float] = {}
    for f in forks:
        for name, value in asdict(f.cost).items():
            cost[name] = cost.get(name, 0) + value
    points = [
        {"natural": _told(f.natural), **{str(cap): _told(sample) for cap, sample in f.samples.items()}} for f in forks
    ]
    documents = list(dict.fromkeys(h.document_id for h in reading.hits))
    return {
        "mode": "sweep",
        "k": k,
        "hops": 0,
        "forks": points,
        "cost": {**cost, "natural_s": round(drawn_s, 4)},
        "documents": documents,
    }


def _told(sample: Sample) -> dict[str, Any]:
    """A sample as the curve needs it: what was said, whether it is a refusal, and what it took.

    Nothing said, as when the tokens went into the thought, is no refusal: it is right about no question.
    """
    unsaid = is_garbled(sample.answer)
    return {
        "text": sample.answer,
        "status": "exhausted" if unsaid else "abstained" if is_abstention(sample.answer) else "answered",
        "thinking_tokens": sample.thinking_tokens,
        "answer_tokens": sample.answer_tokens,
        "ended": sample.ended,
        "probability": probability(sample.logprobs),
    }


async def _ask_hops(rag: Any, question: Question, grid: Grid, k: int, hops: int, seed: int | None) -> dict[str, Any]:
    """Every cap asked by itself: another budget leads to other searches."""
    point: dict[str, Any] = {}
    for cap in (*grid.caps, None):
        answer = await rag.aask(
            question.question,
            strategy=grid.hop_strategy,
            where=question.meta.get("where"),
            k=k,
            seed=seed,
            budget=Budget(thinking_tokens=cap, hops=hops, answer_tokens=rag.budget.answer_tokens),
        )
        point["natural" if cap is None else str(cap)] = {
            "text": answer.text,
            "status": answer.status,
            "thinking_tokens": answer.ledger.thinking_tokens,
            "answer_tokens": answer.ledger.answer_tokens,
            "ended": answer.ledger.ended,
        }
    return {"mode": "sweep", "k": k, "hops": hops, "forks": [point], "cost": {}}
