"""What stands in a prompt to learn from: the passages that ragkit's own search returns, with the answer or without it.

As in RAFT (Zhang et al. 2024, arXiv:2403.10131): the distractors are those that search takes for relevant, and in a
share of the rows the passages of the answer are left out, so that abstaining is learnt from prompts as hard as any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ..eval.metrics.answers import contains
from ..eval.sets.reading import Question
from ..eval.sets.relevance import gold_name
from ..index import Index
from ..types import Hit

__all__ = ["WITHHELD", "Layout", "gold_hits", "lay_out"]

WITHHELD = 0.2  # share of answerable questions whose passages are taken out


@dataclass(frozen=True, slots=True)
class Layout:
    """The hits of a prompt, best first. kind: "gold", "withheld" or "none", as in a row. gold: ids of gold chunks."""

    hits: tuple[Hit, ...]
    kind: str
    gold: frozenset[str]


def gold_hits(index: Index, question: Question, k: int) -> list[Hit]:
    """Hits that hold the answer: the best one of each document that the question names, else the best that tells it.

    Of a named document that is a passage with the answer, where it has one.
    """
    found = index.search(question.question, max(50, 4 * k), where=question.meta.get("where"))
    telling = [h for h in found if contains(h.chunk.text, question.answers, question.language) > 0]
    if not question.relevant:
        return telling[:1]
    best: dict[str, Hit] = {}
    for hit in (*telling, *found):
        name = gold_name(question.relevant, hit.document_id, hit.chunk.title, hit.chunk.source)
        if name in question.relevant:
            best.setdefault(name, hit)
    return list({h.chunk.id: h for h in best.values()}.values())


def lay_out(index: Index, question: Question, k: int, *, rng: Random, withheld: float = WITHHELD) -> Layout | None:
    """The passages of one row, at most `k`; None where search cannot find the answer's passages at all.

    What search did not rank among the first `k` takes the place of the last distractors.
    """
    hits = list(index.search(question.question, k, where=question.meta.get("where")))
    if not question.answers:
        return Layout(tuple(hits), "none", frozenset())
    gold = gold_hits(index, question, k)
    if not gold:
        return None
    ids = frozenset(str(h.chunk.id) for h in gold)
    if rng.random() < withheld:
        told = index.search(question.question, 4 * k, where=question.meta.get("where"))
        rest = [h for h in told if not _tells(h, ids, gold, question)]
        return Layout(tuple(rest[:k]), "withheld", ids) if rest else None
    here = {str(h.chunk.id) for h in hits}
    lacking = [h for h in gold if str(h.chunk.id) not in here][: max(1, k // 2)]
    if lacking:
        kept = [h for h in hits if str(h.chunk.id) in ids]
        others = [h for h in hits if str(h.chunk.id) not in ids]
        hits = (kept + others)[: max(0, k - len(lacking))] + lacking
    return Layout(tuple(hits[:k]), "gold", ids)


def _tells(hit: Hit, ids: frozenset[str], gold: Sequence[Hit], question: Question) -> bool:
    """Whether the hit is gold, stands in a gold document, or holds the answer all the same."""
    same = str(hit.chunk.id) in ids or hit.document_id in {h.document_id for h in gold}
    return same or contains(hit.chunk.text, question.answers, question.language) > 0
