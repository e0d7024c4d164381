"""The alignment profile: helpfulness, clarity, engagement, depth and factuality, each 1–5 by a rubric.

The judge is a served model and stands beside every figure. With log-probabilities a rating is the expectation over the
five digits (G-Eval, Liu et al. 2023), else the digit that was written. A judge that answers nonsense is counted.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.engines.base import Engine, Request, Sample
from ragkit.errors import EvalError
from ragkit.templates import PromptLibrary

from ..running.runs import SampleLog, read_run, write_json
from .statistics import estimate
from .summary import estimate_row

__all__ = ["ASPECTS", "profile", "rating"]

ASPECTS = ("helpfulness", "clarity", "engagement", "depth", "factuality")
BATCH = 16  # answers rated together
CONTEXT_CHARACTERS = 8000


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that rates, and the prompts it is asked with."""

    engine: Engine
    prompts: PromptLibrary

    @property
    def name(self) -> str:
        """The model and a short hash over its five prompts."""
        hashes = "".join(self.prompts.get(f"judge_{a}").hash[:2] for a in ASPECTS)
        return f"{self.engine.name}-{hashes}"

    def request(self, aspect: str, row: Mapping[str, Any]) -> Request:
        """What is asked about one aspect of one answer."""
        prompt = self.prompts.get(f"judge_{aspect}")
        known = {"question": row["question"], "answer": row["answer"]["text"], "passages": _passages(row["answer"])}
        can = self.engine.capabilities
        return Request(
            messages=tuple(prompt.render(**{k: v for k, v in known.items() if k in prompt.variables})),
            thinking_tokens=0 if can.budget else None,
            answer_tokens=4,
            logprobs=20 if can.logprobs and can.token_ids else 0,
        )

    def rating(self, sample: Sample) -> float | None:
        """From 1 to 5, or None when it was no rating."""
        if sample.top_logprobs:
            masses: dict[int, float] = {}
            for token, logprob in sample.top_logprobs[0].items():
                text = self.engine.tokenizer.decode([token]).strip()
                if text in {"1", "2", "3", "4", "5"}:
                    masses[int(text)] = masses.get(int(text), 0.0) + math.exp(logprob)
            total = sum(masses.values())
            if total > 0.05:
                return sum(n * m for n, m in masses.items()) / total
        return rating(sample.answer)


def rating(text: str) -> float | None:
    """The digit that a judge wrote first, 1 to 5; None for anything else.

    >>> rating("4"), rating("Rating: 3/5"), rating("It is great"), rating("45")
    (4.0, 3.0, None, None)
    """
    found = re.search(r"\d+", text)
    return float(found[0]) if found and found[0] in {"1", "2", "3", "4", "5"} else None


def profile(out: Path, engine: Engine, *, prompts: PromptLibrary | None = None, limit: int = 200) -> dict[str, Any]:
    """Rate up to `limit` answers of a run; writes ratings.jsonl and profile.json, and goes on where it stopped.

    Raises EvalError if the judge gave not one readable rating.
    """
    from ragkit.rag import loop

    judge = Judge(engine, prompts or PromptLibrary())
    _, samples = read_run(out)
    rows = [r for r in samples if not r.get("error") and r.get("answer") and r["answer"]["status"] != "abstained"]
    rows = rows[:limit]
    if not rows:
        raise EvalError(f"the run in {out} holds no answers to rate; they were refused or failed")
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in judge.name)[:80]
    file = Path(out) / f"ratings-{safe}.jsonl"
    log = SampleLog(file)
    try:
        todo = [r for r in rows if r["key"] not in log.keys]
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            requests = [judge.request(a, row) for row in batch for a in ASPECTS]
            drawn = loop.run(engine.generate_many(requests))
            marks = [judge.rating(s[0]) for s in drawn]
            log.append(
                [
                    {
                        "key": row["key"],
                        "cluster": row["cluster"],
                        "judge": judge.name,
                        "ratings": dict(zip(ASPECTS, marks[i * len(ASPECTS) :], strict=False)),
                    }
                    for i, row in enumerate(batch)
                ]
            )
    finally:
        log.close()
    found = summarise_ratings(_read(file, {r["key"] for r in rows}), judge.name)
    write_json(Path(out) / "profile.json", found)
    return found


def summarise_ratings(ratings: Sequence[Mapping[str, Any]], judge: str) -> dict[str, Any]:
    """Mean rating of each aspect with its interval; unreadable ones are counted apart."""
    aspects: dict[str, Any] = {}
    unparsed = 0
    for aspect in ASPECTS:
        read = [(r["ratings"][aspect], r["cluster"]) for r in ratings if r["ratings"].get(aspect) is not None]
        unparsed += len(ratings) - len(read)
        if read:
            aspects[aspect] = estimate_row(estimate([m for m, _ in read], [c for _, c in read]))
    if not aspects:
        raise EvalError(
            f"the judge {judge!r} gave no readable rating of {unparsed}; choose a larger model with --judge"
        )
    return {"judge": judge, "answers": len(ratings), "unparsed": unparsed, "aspects": aspects}


def _read(file: Path, keys: set[str]) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row["key"] in keys]


def _passages(answer: Mapping[str, Any]) -> str:
    texts = (" ".join(hit["chunk"]["text"].split()) for hit in answer["hits"])
    return "\n".join(f"[{n}] {t}" for n, t in enumerate(texts, 1))[:CONTEXT_CHARACTERS]
