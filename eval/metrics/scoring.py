"""From a sample to its figures, and from all samples to a table: one row for each question, one column for each metric.

`accuracy` is what runs are compared by: an answerable question is right when `rule` (contains, em, f1 …) says so, an
unanswerable one when it was refused. Several samples of one question are averaged before anything else, except where a
figure is a share of claims or citations: those are counted, over all answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ragkit.errors import EvalError, UsageError

from ..sets.relevance import gold_name
from . import answers, retrieval, squad
from .citations import without_markers
from .metric import added_scores
from .units import length_in_words

__all__ = ["DEPTHS", "POOLED", "RULES", "Table", "drawn_right", "prediction", "score_sample", "table_of"]

RULES = {
    "contains": answers.contains,
    "em": answers.exact_match,
    "f1": answers.f1,
    "contains_forms": answers.contains_forms,
    "squad_em": squad.exact_match,
    "squad_f1": squad.f1,
}
"""What may make an answer right: name -> metric of (prediction, gold answers, language)."""
ALWAYS = ("contains", "em", "f1")  # told of every answer; the others where they are the rule, or say something of it
EXTRACTIVE = "extractive"  # the strategy without a model
DEPTHS = (1, 3, 5, 10)
POOLED = {
    "groundedness": ("entailed", "claims"),
    "necessity": ("needed", "removed"),
    "distractor_changes": ("distractor_changed", "distractors"),
}
"""Shares over all answers together: metric -> what is counted, and out of how many."""
COUNTED = frozenset(name for pair in POOLED.values() for name in pair)
Scores = dict[str, float]


@dataclass
class Table:
    """Scores by question. A metric that a question does not have (retrieval without gold …) is NaN there."""

    ids: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    rows: list[Scores] = field(default_factory=list)
    counts: list[Scores] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    samples: int = 0

    @property
    def metrics(self) -> list[str]:
        """Names of all metrics that some question has, in a stable order."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    @property
    def pooled(self) -> list[str]:
        """Names of the shares that are counted over all answers, where there is anything to count."""
        return [name for name, (_, total) in POOLED.items() if any(c.get(total, 0.0) > 0 for c in self.counts)]

    def column(self, metric: str) -> npt.NDArray[np.float64]:
        """One metric over the questions."""
        return np.array([row.get(metric, np.nan) for row in self.rows], np.float64)

    def __len__(self) -> int:
        return len(self.ids)


def drawn_right(sample: Mapping[str, Any], gold: Sequence[str], language: str, rule: str) -> float:
    """How right one drawn answer of a sweep is: by `rule`, or, where the documents hold none, whether it refused."""
    refused = sample["status"] == "abstained"
    if not gold:
        return float(refused)
    return 0.0 if refused else float(RULES[rule](prediction(sample), gold, language))


def prediction(answer: Mapping[str, Any]) -> str:
    """What is judged: the text without markers; nothing when the answer is a refusal."""
    return "" if answer["status"] == "abstained" else without_markers(answer["text"])


def score_sample(row: Mapping[str, Any], rule: str = "contains") -> Scores:
    """The figures of one sample that did not fail."""
    scores: Scores = {}
    gold, language, answer = row["answers"], row["language"], row.get("answer")
    if answer is not None:
        scores |= _answer_scores(answer, gold, language, rule)
    ranked = _documents(row)
    if row["relevant"] and ranked is not None:
        scores |= _retrieval_scores(ranked, row["relevant"], int(row.get("depth", len(ranked)) or 0))
    if "seconds" in row:
        scores["seconds"] = float(row["seconds"])
        if row.get("beside", 1) == 0:  # asked alone: no time in a queue is in it
            scores["seconds_alone"] = scores["seconds"]
    return scores | added_scores(row)


def _answer_scores(answer: Mapping[str, Any], gold: Sequence[str], language: str, rule: str) -> Scores:
    said, abstained = prediction(answer), answer["status"] == "abstained"
    scores: Scores = {"abstained": float(abstained), "empty": float(not answer["text"].strip())}
    if gold:
        also = ["contains_forms"] if answers.has_forms(language) else []
        for name in dict.fromkeys((*ALWAYS, *also, rule)):
            scores[name] = RULES[name](said, gold, language)
        scores["words"] = float(length_in_words(said))
        scores["accuracy"] = 0.0 if abstained else scores[rule]
    else:
        scores["accuracy"] = float(abstained)
    if answer.get("strategy") != EXTRACTIVE:  # no model: nothing thought, written, called or cut
        ledger = answer["ledger"]
        for name in ("thinking_tokens", "answer_tokens", "prompt_tokens", "hops", "tool_calls", "left_out"):
            scores[name] = float(ledger[name])
        scores["truncated"] = float(ledger["ended"] == "forced")
        scores["exhausted"] = float(answer["status"] == "exhausted")
    scores["citations"] = float(len(answer["citations"]))
    if answer.get("confidence") is not None:
        scores["confidence"] = float(answer["confidence"])
    return scores


def _documents(row: Mapping[str, Any]) -> list[str] | None:
    """The documents found, best first, under the names the gold uses."""
    found = row.get("documents")
    if found is None:
        answer = row.get("answer")
        if answer is None:
            return None
        found = [
            (c["document_id"], c.get("title", ""), c.get("source", "")) for c in (h["chunk"] for h in answer["hits"])
        ]
        return retrieval.first_seen(gold_name(row["relevant"], *names) for names in found)
    return retrieval.first_seen(gold_name(row["relevant"], document) for document in found)


def _retrieval_scores(ranked: Sequence[str], gold: Sequence[str], depth: int) -> Scores:
    scores: Scores = {}
    for k in DEPTHS:
        if k <= depth or k == 1:
            scores[f"hit@{k}"] = retrieval.hit(ranked, gold, k)
            scores[f"recall@{k}"] = retrieval.recall(ranked, gold, k)
            scores[f"all_gold@{k}"] = retrieval.all_gold(ranked, gold, k)
    k = max(1, min(depth, 10))
    scores["mrr"] = retrieval.reciprocal_rank(ranked, gold, k)
    scores[f"ndcg@{k}"] = retrieval.ndcg(ranked, gold, k)
    scores[f"ap@{k}"] = retrieval.average_precision(ranked, gold, k)
    return scores


def table_of(
    samples: Iterable[Mapping[str, Any]],
    *,
    rule: str = "contains",
    extra: Mapping[str, Scores] | None = None,
    ids: set[str] | None = None,
) -> Table:
    """Score all samples. A failed sample is neither right nor wrong: it scores nothing, and its reason is counted.

    extra: further scores by sample key (citations, groundedness). ids: only these questions.
    """
    if rule not in RULES:
        raise UsageError(f"{rule!r} is no rule for a right answer; choose {', '.join(RULES)}")
    table, sums, counts = Table(), {}, {}  # type: Table, dict[str, Scores], dict[str, dict[str, int]]
    counted: dict[str, Scores] = {}
    for row in samples:
        name = row["id"]
        if ids is not None and name not in ids:
            continue
        table.samples += 1
        if name not in sums:
            sums[name], counts[name], counted[name] = {}, {}, {}
            table.ids.append(name)
            table.clusters.append(row["cluster"])
            table.kinds.append(str(row["meta"].get("kind", row["meta"].get("type", ""))))
            table.languages.append(row["language"])
        error = row.get("error")
        if error:
            reason = f"{error['type']}: {error['message']}"
            table.failed[reason] = table.failed.get(reason, 0) + 1
            scores: Scores = {"failed": 1.0}
        else:
            scores = {**score_sample(row, rule), "failed": 0.0, **(extra or {}).get(row["key"], {})}
        for metric, value in scores.items():
            if metric in COUNTED:
                counted[name][metric] = counted[name].get(metric, 0.0) + value
                continue
            sums[name][metric] = sums[name].get(metric, 0.0) + value
            counts[name][metric] = counts[name].get(metric, 0) + 1
    if not table.ids:
        raise EvalError("the run holds no samples yet; run it again, it goes on where it stopped")
    table.rows = [{m: v / counts[n][m] for m, v in sums[n].items()} for n in table.ids]
    table.counts = [counted[n] for n in table.ids]
    return table
