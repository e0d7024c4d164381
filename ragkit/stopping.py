"""When a thought has done its work: the rule behind ``budget="auto"``, and the record of how it was calibrated.

At checkpoints the thought is closed for a moment and the answer drawn (answer convergence, arXiv:2506.02536). It has
settled when the last `agree` such answers say the same and the last one is drawn with enough probability. The rule's
two numbers are fitted on a user's own questions (`ragkit.eval.metrics.stopping`); here it only decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp
from typing import Any

from .errors import ConfigError

__all__ = ["Probe", "StoppingRule", "probability"]


@dataclass(frozen=True, slots=True)
class Probe:
    """The answer at one checkpoint: what it votes for, and how probable its tokens were (0 to 1, see `probability`)."""

    key: str
    probability: float


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Stop at the first of `checkpoints` at which the answer has settled; after the last one think to the end.

    checkpoints: thinking tokens, ascending. agree: how many answers in a row must say the same. probability: the least
    of the last one. model, strategy, k: what it was calibrated for. epsilon, delta: with probability 1 - delta over the
    choice of the `questions` it was calibrated on, at most a share epsilon of such questions is answered wrongly that
    the whole thought would have answered rightly.
    """

    checkpoints: tuple[int, ...]
    agree: int
    probability: float
    model: str = ""
    strategy: str = ""
    k: int = 0
    epsilon: float = 0.0
    delta: float = 0.0
    questions: int = 0

    def __post_init__(self) -> None:
        if not self.checkpoints or list(self.checkpoints) != sorted(set(self.checkpoints)) or self.checkpoints[0] < 0:
            raise ConfigError(f"checkpoints {self.checkpoints} must be different, ascending and 0 or more")
        if self.agree < 1 or not 0 <= self.probability <= 1:
            raise ConfigError(f"agree={self.agree} must be 1 or more, probability={self.probability} within 0 and 1")

    def settled(self, probes: Sequence[Probe]) -> bool:
        """Whether the thought may stop, seen from its answers so far, the latest last."""
        last = probes[-self.agree :]
        agree = len(last) == self.agree and len({probe.key for probe in last}) == 1
        return agree and last[-1].probability >= self.probability

    def to_dict(self) -> dict[str, Any]:
        """As it is stored with an index."""
        return {**asdict(self), "checkpoints": list(self.checkpoints)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> StoppingRule:
        """Read what `to_dict` wrote. Raises ConfigError for anything else."""
        try:
            return cls(**{**kept, "checkpoints": tuple(int(c) for c in kept["checkpoints"])})
        except (KeyError, TypeError, ValueError) as exc:
            raise ConfigError(
                f"the index's stopping rule cannot be read ({exc}); fit it again: ragkit eval sweep SET --auto"
            ) from exc


def probability(logprobs: Sequence[float]) -> float:
    """Geometric mean of the probabilities of an answer's tokens; 0 for an answer without any."""
    return exp(sum(logprobs) / len(logprobs)) if logprobs else 0.0
