"""Kept only if it is better: base and tuned model answer the same prompts of documents that nobody trained on.

Each test row is asked greedily, as it is served, and judged as an evaluation judges; the differences are paired, in
clusters of documents. A run is kept when the 95 % interval of the accuracy's difference lies above zero and no kind of
question has lost; what was not learnt is told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..citing.abstention import is_abstention
from ..engines.base import Engine, Request, Sample
from ..engines.transformers.engine import TransformersEngine
from ..errors import UsageError
from ..eval.metrics.citations import without_markers
from ..eval.metrics.compare import Difference, compare_scores
from ..eval.metrics.scoring import RULES
from ..models.adapters import CONFIG, read_adapter
from ..rag import loop
from ..reasoning.strategies.aloud import split_reasoning
from .models import Learner
from .rows import Row
from .runs import disk_told

__all__ = ["LEAST_TESTED", "Verdict", "answers_of", "ask_both", "judge_rows", "verdict"]

LEAST_TESTED = 20
ANSWER_TOKENS = 128
LOST = 0.02  # a kind may fall by so much without a word


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the test says. kept: whether the run is; why: in words. kinds: the differences within each kind."""

    kept: bool
    why: str
    accuracy: Difference
    kinds: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kept": self.kept,
            "why": self.why,
            "accuracy": asdict(self.accuracy),
            "kinds": [asdict(d) for d in self.kinds],
        }


def answers_of(engine: Engine, rows: Sequence[Row], *, budget: int) -> list[Sample]:
    """What the engine writes after each row's prompt, greedily, within `budget` tokens of thought."""
    room = engine.tokenizer.context_tokens
    asked = []
    for row in rows:
        ids = tuple(engine.tokenizer.chat(row.messages, thinking=row.thinking))
        left = max(2, room - len(ids) - 8)
        thought = min(budget, left // 2) if row.thinking else 0
        answer = min(ANSWER_TOKENS if engine.capabilities.budget else ANSWER_TOKENS + budget, left - thought)
        asked.append(Request(prompt_ids=ids, thinking_tokens=thought, answer_tokens=max(1, answer)))

    async def everything() -> list[list[Sample]]:
        return await engine.generate_many(asked)

    return [samples[0] for samples in loop.run(everything())]


def judge_rows(rows: Sequence[Row], texts: Sequence[str], rule: str = "contains") -> list[float]:
    """1 for a right answer, 0 for a wrong one: the answer by `rule`, an abstention where the passages hold none."""
    scores = []
    for row, text in zip(rows, texts, strict=True):
        _, said = split_reasoning(text)
        if row.answerable:
            told = not is_abstention(said)
            scores.append(RULES[rule](without_markers(said), row.answers, row.language) if told else 0.0)
        else:
            scores.append(float(is_abstention(said)))
    return scores


def verdict(rows: Sequence[Row], before: Sequence[float], after: Sequence[float]) -> Verdict:
    """Compare the scores of both models on the test rows. Raises UsageError for rows too few to tell anything."""
    clusters = [r.cluster for r in rows]
    if len(rows) < LEAST_TESTED or len(set(clusters)) < 2:
        raise UsageError(
            f"{len(rows)} test rows of {len(set(clusters))} documents cannot tell whether anything was learnt; make at "
            f"least {LEAST_TESTED}, of several documents"
        )
    x, y = np.asarray(before), np.asarray(after)
    whole = compare_scores("accuracy", x, y, clusters)
    kinds = []
    for kind in sorted({_kind(r) for r in rows}):
        at = [i for i, r in enumerate(rows) if _kind(r) == kind]
        if len(at) > 1:
            kinds.append(compare_scores(kind, x[at], y[at], [clusters[i] for i in at]))
    lost = [d for d in kinds if d.difference.mean < -LOST and d.difference.high < 0]
    gained = whole.difference.low > 0
    kept = gained and not lost
    told = f"accuracy {whole.a:.3f} → {whole.b:.3f} ({_span(whole)}, {whole.difference.n} rows of unseen documents)"
    if lost:
        told += "; lost: " + ", ".join(f"{d.metric} {d.a:.2f} → {d.b:.2f}" for d in lost)
    same = [d.metric for d in kinds if d.difference.low <= 0 <= d.difference.high and d.b < 1]
    if same:
        told += f"; not learnt: {', '.join(same)}"
    return Verdict(kept, f"{'kept' if kept else 'not kept'}: {told}", whole, tuple(kinds))


def ask_both(
    student: Learner, run: Path, rows: Sequence[Row], *, budget: int, rule: str = "contains"
) -> tuple[Verdict, list[dict[str, Any]]]:
    """Ask base (with the adapter it came with) and the run's candidate; the verdict, and what both said of every row.

    budget: thinking tokens allowed. What one of them said is kept in the run's folder, so that a kill costs the other
    alone.
    """
    candidate = run / "candidate"
    adapted = (candidate / CONFIG).exists()
    said, scores = [], []
    for name in ("before", "after"):
        kept = run / f"{name}.json"
        if not kept.exists():
            tuned = name == "after"
            adapter = read_adapter(candidate) if tuned and adapted else None if tuned else student.adapter
            engine = TransformersEngine(candidate if tuned and not adapted else student.folder, adapter=adapter)
            try:
                texts = [s.answer.strip() for s in answers_of(engine, rows, budget=budget)]
            finally:
                engine.close()
            with disk_told(run):
                part = kept.with_suffix(".part")
                part.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
                part.replace(kept)
        said.append(json.loads(kept.read_text(encoding="utf-8")))
        scores.append(judge_rows(rows, said[-1], rule))
    log = [
        {"id": r.id, "kind": _kind(r), "cluster": r.cluster, "answers": list(r.answers) if r.answerable else []}
        | {"before": {"said": a, "right": x}, "after": {"said": b, "right": y}}
        for r, a, b, x, y in zip(rows, *said, *scores, strict=True)
    ]
    return verdict(rows, *scores), log


def _kind(row: Row) -> str:
    return row.kind or ("answerable" if row.answerable else "unanswerable")


def _span(d: Difference) -> str:
    return f"{d.difference.mean:+.3f} [{d.difference.low:+.3f}, {d.difference.high:+.3f}]"
