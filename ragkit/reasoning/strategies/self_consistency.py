"""Self-consistency (Wang et al. 2022): several thoughts, one vote.

All samples are drawn in one request. Answers that say the same (`votes`) vote together; abstentions vote too. Ties go
to the group whose citations have the higher mean support, then to the first in alphabetical order: never to the first
seen, so the order of sampling decides nothing. `Answer.confidence` is the winner's share of the votes. Within the
winning group the answer with the best-supported citations speaks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from ...types import Cited, Event, Token
from ..answering import conclude, judge
from ..base import Task
from ..votes import vote_key
from .sampling import ONE_SAMPLE, Candidate, Drawing, draw_candidates

__all__ = ["SelfConsistency", "winner"]


def winner(candidates: list[Candidate]) -> tuple[Candidate, float]:
    """The candidate that speaks for the largest group, and the group's share of the votes."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.key, []).append(candidate)

    def strength(key: str) -> tuple[int, float]:
        group = groups[key]
        return len(group), round(sum(c.checked.support for c in group) / len(group), 6)

    best = min(groups, key=lambda k: (*(-s for s in strength(k)), k))
    chosen = min(groups[best], key=lambda c: (-c.checked.support, len(c.checked.text), c.checked.text))
    return chosen, len(groups[best]) / len(candidates)


class SelfConsistency:
    """Draw `budget.samples` answers and take the one that most agree on."""

    name = "self_consistency"
    samples = 8  # for callers that give no Budget of their own

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, read, draw, vote."""
        drawing = Drawing()
        async for event in draw_candidates(task, drawing):
            yield event
        if drawing.reading is None:
            return
        candidates = [
            Candidate(s, await judge(task, s.answer, drawing.reading.packed), vote_key(task.question, s.answer))
            for s in drawing.samples
        ]
        chosen, share = winner(candidates)
        if chosen.checked.text:
            yield Token(chosen.checked.text)
        for citation in chosen.checked.citations:
            yield Cited(citation)
        n = len(candidates)
        note = ONE_SAMPLE if n == 1 else f"{round(share * n)} of {n} samples agree"
        async for event in conclude(
            task, drawing.reading, chosen.sample, chosen.checked, notes=(note,), confidence=share
        ):
            yield event
