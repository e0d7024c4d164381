"""Fit a stopping rule on a sweep, with a promise: Learn-then-Test (Angelopoulos et al. 2021, arXiv:2110.01052).

A sweep has the answer at every checkpoint of every thought, so what any rule would have done is read off, and nothing
is generated. The risk of a rule is the mean of max(0, right after the whole thought - right where it stops): accuracy
lost, without what stopping early gains. Rules are ordered in `PATHS`, each from careful to bold; along each path
"the risk is above epsilon" is tested until it cannot be rejected, at delta / len(PATHS) (fixed-sequence testing with a
union bound). So with probability 1 - delta every rule that passes keeps its risk within epsilon, and the one that draws
the fewest tokens may be taken. The promise is for questions that come as those of the set did, with the same model.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, e, exp, log
from typing import Any

import numpy as np
import numpy.typing as npt

from ragkit.errors import EvalError, UsageError
from ragkit.reasoning.votes import vote_key
from ragkit.stopping import Probe, StoppingRule

from .scoring import drawn_right
from .statistics import cluster_index

__all__ = [
    "PATHS",
    "Fitted",
    "Outcome",
    "Table",
    "Thought",
    "fewest_questions",
    "fit",
    "p_value",
    "thoughts_of",
]

Floats = npt.NDArray[np.float64]
PROBABILITIES = (0.999, 0.99, 0.97, 0.95, 0.9, 0.8, 0.7, 0.5, 0.0)
PATHS = tuple((agree, stride) for agree in (1, 2, 3) for stride in (1, 2, 4))
"""How many answers must agree, and every which checkpoint is looked at; along each the probability falls."""


@dataclass(frozen=True, slots=True)
class Thought:
    """One question of a sweep: its answer at each checkpoint below the length of its thought, and at its end.

    probes, right, answer_tokens have one entry a checkpoint passed and one, the last, for the natural end. length: of
    the whole thought in tokens.
    """

    probes: tuple[Probe, ...]
    right: tuple[float, ...]
    answer_tokens: tuple[int, ...]
    length: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule would have done, one entry a question: harm, accuracy, thinking tokens, and all tokens drawn."""

    harm: Floats
    right: Floats
    thinking: Floats
    tokens: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """The rule that passed and draws the fewest tokens; None where none passed or none is worth it (`why`).

    risk, p: of the rule on these questions. tokens: thought, answer, and answers drawn to know (`natural_tokens`:
    without a rule). accuracy and tokens are those of the questions it was fitted on.
    """

    rule: StoppingRule | None
    questions: int
    why: str = ""
    risk: float = 0.0
    p: float = 1.0
    accuracy: float = 0.0
    natural_accuracy: float = 0.0
    thinking_tokens: float = 0.0
    natural_thinking_tokens: float = 0.0
    tokens: float = 0.0
    natural_tokens: float = 0.0


def fewest_questions(epsilon: float, delta: float) -> int:
    """Questions below which no rule can pass, even one that never harms: (1 - epsilon)^n <= delta / paths."""
    return ceil(log(delta / len(PATHS)) / log(1 - epsilon))


def p_value(losses: npt.ArrayLike, epsilon: float) -> float:
    """Of "the mean loss is above epsilon", for independent losses within 0 and 1.

    Exact binomial for 0/1 losses, else the smaller of Hoeffding's and Bentkus' bounds (Bates et al. 2021).
    """
    from scipy.stats import binom

    x = np.asarray(losses, np.float64)
    n, mean = len(x), float(x.mean())
    if np.isin(x, (0, 1)).all():
        return float(binom.cdf(int(x.sum()), n, epsilon))
    if mean >= epsilon:
        return 1.0
    relative = (mean * log(mean / epsilon) if mean else 0.0) + (1 - mean) * log((1 - mean) / (1 - epsilon))
    return min(1.0, exp(-n * relative), e * float(binom.cdf(ceil(n * mean), n, epsilon)))


class Table:
    """A sweep's thoughts as arrays, so that a rule is tried in microseconds; J checkpoints, n questions."""

    def __init__(self, thoughts: Sequence[Thought], checkpoints: Sequence[int]) -> None:
        n, j = len(thoughts), len(checkpoints)
        self.checkpoints = np.asarray(checkpoints)
        self.length = np.array([t.length for t in thoughts])
        self.passed = self.checkpoints[None, :] < self.length[:, None]
        """(n, J): whether the thought goes beyond the checkpoint, so that it can be stopped there."""
        self.keys, self.probability = np.full((n, j), -1), np.full((n, j), -1.0)
        self.right, self.answers = np.zeros((n, j)), np.zeros((n, j))
        self.last_right = np.array([t.right[-1] for t in thoughts])
        self.last_answer = np.array([t.answer_tokens[-1] for t in thoughts])
        for i, t in enumerate(thoughts):
            codes: dict[str, int] = {}
            for c, probe in enumerate(t.probes[:-1]):
                self.keys[i, c] = codes.setdefault(probe.key, len(codes))
                self.probability[i, c] = probe.probability
            self.right[i, : len(t.probes) - 1] = t.right[:-1]
            self.answers[i, : len(t.probes) - 1] = t.answer_tokens[:-1]

    def outcome(self, rule: StoppingRule) -> Outcome:
        """What `rule`, whose checkpoints are some of the table's, does to every thought."""
        at = np.flatnonzero(np.isin(self.checkpoints, rule.checkpoints))
        keys, passed = self.keys[:, at], self.passed[:, at]
        may = passed & (self.probability[:, at] >= rule.probability)
        for back in range(1, rule.agree):
            may[:, back:] &= keys[:, back:] == keys[:, :-back]
        may[:, : rule.agree - 1] = False
        stops = np.logical_or.reduce(may, axis=1)
        first = may.argmax(axis=1)
        row = np.arange(len(keys))
        looked = passed & (~stops.reshape(-1, 1) | (np.arange(len(at))[None, :] <= first[:, None]))
        right = np.where(stops, self.right[row, at[first]], self.last_right)
        thinking = np.where(stops, self.checkpoints[at[first]], self.length)
        drawn = (self.answers[:, at] * looked).sum(1) + np.where(stops, 0, self.last_answer)
        return Outcome(np.maximum(0.0, self.last_right - right), right, thinking.astype(float), thinking + drawn)


def fit(
    thoughts: Sequence[Thought],
    checkpoints: Sequence[int],
    *,
    epsilon: float = 0.02,
    delta: float = 0.1,
    clusters: Sequence[Hashable] | None = None,
    made_for: Mapping[str, Any] | None = None,
) -> Fitted:
    """Return the cheapest rule whose risk is shown to be within epsilon; see the module.

    clusters: questions of one cluster move together, so each cluster's mean loss counts as one. made_for: model,
    strategy and k, kept in the rule. Raises UsageError for an epsilon or delta outside (0, 1).
    """
    for name, value in (("epsilon", epsilon), ("delta", delta)):
        if not 0 < value < 1:
            raise UsageError(f"{name}={value:g} is not between 0 and 1; usual are 0.02 for epsilon and 0.1 for delta")
    if not thoughts:
        raise EvalError("there is no thought to fit a stopping rule on")
    groups = np.arange(len(thoughts)) if clusters is None else cluster_index(clusters)
    size = np.bincount(groups)
    table = Table(thoughts, checkpoints)
    base = Fitted(
        None,
        len(thoughts),
        natural_accuracy=float(table.last_right.mean()),
        natural_thinking_tokens=float(table.length.mean()),
        natural_tokens=float((table.length + table.last_answer).mean()),
    )
    if len(size) < (need := fewest_questions(epsilon, delta)):
        what = "questions" if len(size) == len(thoughts) else "clusters of questions"
        return replace(base, why=f"{len(size)} {what} cannot promise this; at least {need} can, or a larger epsilon")
    passed: list[Fitted] = []
    for agree, stride in PATHS:
        for least in PROBABILITIES:
            rule = StoppingRule(
                tuple(checkpoints[::stride]),
                agree,
                least,
                **dict(made_for or {}),
                epsilon=epsilon,
                delta=delta,
                questions=len(thoughts),
            )
            found = table.outcome(rule)
            p = p_value(np.bincount(groups, weights=found.harm) / size, epsilon)
            if p > delta / len(PATHS):
                break
            passed.append(
                replace(
                    base,
                    rule=rule,
                    risk=float(found.harm.mean()),
                    p=p,
                    accuracy=float(found.right.mean()),
                    thinking_tokens=float(found.thinking.mean()),
                    tokens=float(found.tokens.mean()),
                )
            )
    if not passed:
        return replace(
            base, why=f"no rule is shown to lose at most {epsilon:g}; more questions or a larger epsilon may"
        )
    best = min(passed, key=lambda f: (f.tokens, -(f.rule.probability if f.rule else 0)))
    if best.tokens >= base.natural_tokens:
        return replace(best, rule=None, why="looking costs more tokens than stopping saves: these thoughts end in time")
    return best


def thoughts_of(rows: Sequence[Mapping[str, Any]], checkpoints: Sequence[int], *, rule: str) -> list[Thought]:
    """The first thought of each row of a sweep. Raises EvalError where the answers' probabilities were not kept."""
    return [_thought(row, checkpoints, rule) for row in rows]


def _thought(row: Mapping[str, Any], checkpoints: Sequence[int], rule: str) -> Thought:
    forks, language = row["forks"][0], row["language"]
    natural = forks["natural"]
    length = int(natural["thinking_tokens"])
    told = [*(forks[str(cap)] for cap in checkpoints if cap < length), natural]
    if any("probability" not in sample for sample in told):
        raise EvalError(
            "the sweep holds answers without their probability, of an older version; sweep into a new folder"
        )
    return Thought(
        tuple(Probe(vote_key(row["question"], s["text"]), s["probability"]) for s in told),
        tuple(drawn_right(s, row["answers"], language, rule) for s in told),
        tuple(int(s["answer_tokens"]) for s in told),
        length,
    )
