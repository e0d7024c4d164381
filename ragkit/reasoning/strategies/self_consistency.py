"""Self-consistency (Wang et al. 2022): several thoughts, one vote.

Samples are drawn in waves, each the smallest that could decide the vote, until no group can overtake the first one:
the winner is the one that all samples would have given, for fewer tokens. With a limit in seconds all are drawn at
once, which is sooner. Answers that say the same (`votes`) vote together; abstentions vote too. Ties go to the group
whose citations have the higher mean support, then to the first in alphabetical order: never to the first seen, so the
order of sampling decides nothing. `Answer.confidence` is the winner's share of the votes that were cast. Within the
winning group the answer with the best-supported citations speaks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence

from ...types import Cited, Event, Token
from ..answering import conclude, judge
from ..base import Task
from ..votes import vote_key
from .sampling import ONE_SAMPLE, Candidate, Drawing, draw_candidates

__all__ = ["SelfConsistency", "undecided", "winner"]


def undecided(keys: Sequence[str], left: int) -> int:
    """How many more votes, of the `left` that may still be cast, could decide the vote at the earliest; 0 when decided.

    >>> undecided([], 8), undecided(["orm"] * 5, 3), undecided(["orm"] * 4 + ["veltro"], 3)
    (5, 0, 1)
    """
    first, second, *_ = [*(votes for _, votes in Counter(keys).most_common(2)), 0, 0]
    ahead = first - second
    return 0 if ahead > left else (left - ahead) // 2 + 1  # m more for the first leave ahead + m > left - m


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

        def wanted(answers: list[str], left: int) -> int:
            return undecided([vote_key(task.question, answer) for answer in answers], left)

        hurried = task.budget.seconds is not None
        async for event in draw_candidates(task, drawing, wanted=None if hurried else wanted):
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
        note = ONE_SAMPLE if task.budget.samples == 1 else f"{round(share * n)} of {n} samples agree"
        if 1 < n < task.budget.samples:
            note += f"; decided before the other {task.budget.samples - n} were drawn"
        async for event in conclude(
            task, drawing.reading, chosen.sample, chosen.checked, notes=(note,), confidence=share
        ):
            yield event
