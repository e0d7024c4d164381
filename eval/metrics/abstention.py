"""Does it say no when it should, and only then? Coverage, SimpleQA's F, rejection and false rejection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Abstention", "abstention", "simpleqa_f"]


@dataclass(frozen=True, slots=True)
class Abstention:
    """Shares; None where there was nothing to count.

    coverage: answered / all. attempted: right / answered. f: SimpleQA's F. Over answerable questions.
    rejection: abstained / unanswerable questions. false_rejection: abstained / answerable questions.
    """

    coverage: float | None
    attempted: float | None
    f: float | None
    rejection: float | None
    false_rejection: float | None


def simpleqa_f(correct: float, attempted: float) -> float:
    """Harmonic mean of the share right overall and the share right of those attempted (Wei et al. 2024)."""
    return 2 * correct * attempted / (correct + attempted) if correct + attempted else 0.0


def abstention(answerable: Sequence[bool], abstained: Sequence[bool], right: Sequence[bool]) -> Abstention:
    """One entry for each question. `right` counts for answerable questions that were answered.

    Coverage, accuracy given attempted, and F are over answerable questions; a refusal there is not right.
    """
    if not len(answerable) == len(abstained) == len(right):
        raise ValueError("answerable, abstained and right must be equally long, one entry for each question")
    with_gold = [(a, r) for known, a, r in zip(answerable, abstained, right, strict=True) if known]
    without = [a for known, a in zip(answerable, abstained, strict=True) if not known]
    answered = [r for a, r in with_gold if not a]
    coverage = _share(len(answered), len(with_gold))
    attempted = _share(sum(answered), len(answered))
    f = None if not with_gold else simpleqa_f(sum(answered) / len(with_gold), attempted or 0.0)
    return Abstention(
        coverage, attempted, f, _share(sum(without), len(without)), None if coverage is None else 1 - coverage
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
