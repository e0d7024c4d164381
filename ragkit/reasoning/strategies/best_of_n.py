"""Best of n: draw several answers, keep the one best supported by its citations.

    score = support + LIKELIHOOD · exp(mean log-probability of the answer's tokens)

*support* is the mean support score of the answer's sentences (`Checked.support`, 0 for a sentence without citation);
the second term is there where the engine gives log-probabilities. An abstention scores 0 support: it wins only where
no candidate has support, or when most of the candidates abstain.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator

from ...types import Cited, Event, Token
from ..answering import conclude, judge
from ..base import Task
from ..votes import ABSTAINS, vote_key
from .sampling import ONE_SAMPLE, Candidate, Drawing, draw_candidates

__all__ = ["BestOfN", "score"]

LIKELIHOOD = 0.25


def score(candidate: Candidate) -> float:
    """How good a candidate is; higher is better."""
    logprobs = candidate.sample.logprobs
    likely = math.exp(sum(logprobs) / len(logprobs)) if logprobs else 0.0
    support = 0.0 if candidate.key == ABSTAINS else candidate.checked.support
    return round(support + LIKELIHOOD * likely, 6)


class BestOfN:
    """Draw `budget.samples` answers and keep the best supported."""

    name = "best_of_n"
    samples = 8  # for callers that give no Budget of their own

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, read, draw, score."""
        drawing = Drawing()
        async for event in draw_candidates(task, drawing, logprobs=True):
            yield event
        if drawing.reading is None:
            return
        candidates = [
            Candidate(s, await judge(task, s.answer, drawing.reading.packed), vote_key(task.question, s.answer))
            for s in drawing.samples
        ]
        silent = [c for c in candidates if c.key == ABSTAINS]
        field = silent if 2 * len(silent) > len(candidates) else candidates
        chosen = min(field, key=lambda c: (-score(c), len(c.checked.text), c.checked.text))
        if chosen.checked.text:
            yield Token(chosen.checked.text)
        for citation in chosen.checked.citations:
            yield Cited(citation)
        n = len(candidates)
        note = ONE_SAMPLE if n == 1 else f"best supported of {n} samples"
        async for event in conclude(task, drawing.reading, chosen.sample, chosen.checked, notes=(note,)):
            yield event
