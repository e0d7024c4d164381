"""How much of what is said stands in the documents: entailed claims over claims (as FActScore, Min et al. 2023).

Claims are sentences. What a checker could not read is counted apart, never as true or false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .citations import cited_sentences

__all__ = ["Grounding", "claims_of", "corrected_rate", "grounding"]


@dataclass(frozen=True, slots=True)
class Grounding:
    """Of one answer: how many claims were entailed, refuted or not found, and not readable by the checker."""

    entailed: int
    not_entailed: int
    unparsed: int

    @property
    def share(self) -> float | None:
        """Entailed / judged; None when nothing was judged."""
        judged = self.entailed + self.not_entailed
        return self.entailed / judged if judged else None


def claims_of(answer: str) -> list[str]:
    """The sentences of an answer, without their markers."""
    return [s.text for s in cited_sentences(answer)]


def grounding(chances: Sequence[float | None], threshold: float = 0.5) -> Grounding:
    """Count verdicts from the checker's chances that each claim is supported; None is unparsed."""
    judged = [c for c in chances if c is not None]
    entailed = sum(c > threshold for c in judged)
    return Grounding(entailed, len(judged) - entailed, len(chances) - len(judged))


def corrected_rate(observed: float, sensitivity: float, specificity: float) -> float | None:
    """The true rate behind one that an imperfect checker measured (Rogan & Gladen 1978), within [0, 1].

    sensitivity: share of supported claims it calls so; specificity: share of unsupported ones it calls so.
    None when the checker knows no more than a coin, since then nothing can be said.

    >>> round(corrected_rate(0.7, 0.9, 0.8), 3)
    0.714
    """
    skill = sensitivity + specificity - 1
    if skill <= 0:
        return None
    return min(1.0, max(0.0, (observed + specificity - 1) / skill))
