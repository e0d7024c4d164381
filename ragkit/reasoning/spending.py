"""The running account of one answer: what is left of the budget, and what has been spent, over all hops and samples.

Of the seconds a part is kept for the final answer, so that searching and thinking end while there is time to write it:
a fifth of them, more for an engine that was seen to be slow, never more than three fifths.
"""

from __future__ import annotations

import time

from ..engines.base import Sample
from ..types import Budget, Ended, Ledger

__all__ = ["Spend"]

LEAST_SHARE, MOST_SHARE = 0.2, 0.6  # of the seconds, kept for the answer
ANSWER_TOKENS = 64  # what an answer is expected to take
CLOSING_SHARE, CLOSING_S = 0.05, 0.1  # of the seconds, and at most: kept for checking and for what needs no model

_WORST: tuple[Ended, ...] = ("natural", "settled", "forced", "unsupported")


class Spend:
    """One answer's account. Strategies ask what is left before a request and charge what came out after it."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._start = time.perf_counter()
        self._thinking = self._answer = self._prompt = self._cached = 0
        self.samples = self.hops = self.tool_calls = self.left_out = 0
        self.remarks: list[str] = []  # what the answer's notes must tell of what was left out
        self._ended: Ended = "natural"
        self._pace_s = 0.0

    def thinking_left(self, share: int = 1) -> int | None:
        """Thinking tokens that each of `share` parallel samples may still use; None when there is no cap."""
        cap = self.budget.thinking_tokens
        return None if cap is None else max(0, cap - self._thinking) // share

    @property
    def seconds_left(self) -> float | None:
        """Wall time left; None when there is no limit."""
        limit = self.budget.seconds
        return None if limit is None else max(0.0, limit - (time.perf_counter() - self._start))

    @property
    def seconds_to_write(self) -> float | None:
        """Wall time left for an engine, short of what closing the answer takes; None when there is no limit."""
        left, limit = self.seconds_left, self.budget.seconds
        return None if left is None or limit is None else max(0.0, left - min(CLOSING_S, CLOSING_SHARE * limit))

    @property
    def seconds_to_think(self) -> float | None:
        """Wall time left for searching and thinking, the final answer's own part kept; None when there is no limit."""
        left, limit = self.seconds_to_write, self.budget.seconds
        if left is None or limit is None:
            return None
        wanted = 1.25 * self._pace_s * min(self.budget.answer_tokens, ANSWER_TOKENS)
        return max(0.0, left - min(MOST_SHARE * limit, max(LEAST_SHARE * limit, wanted)))

    def pace(self, tokens: int, seconds: float) -> None:
        """Note how long an engine took for so many tokens, waiting included."""
        if tokens > 0:
            self._pace_s = seconds / tokens

    @property
    def hops_left(self) -> int:
        """Retrieval rounds left."""
        return max(0, self.budget.hops - self.hops)

    def charge(self, sample: Sample, *, drawn: bool = True) -> None:
        """Book what one sample used. A forced or unsupported ending is remembered over natural ones.

        drawn: it counts as one of the samples; a further turn of the same answer does not.
        """
        self._thinking += sample.thinking_tokens
        self._answer += sample.answer_tokens
        self._prompt += sample.prompt_tokens
        self._cached += sample.cached_tokens
        self.samples += drawn
        self._ended = max(self._ended, sample.ended, key=_WORST.index)

    def ledger(self) -> Ledger:
        """What was spent so far."""
        return Ledger(
            thinking_tokens=self._thinking,
            answer_tokens=self._answer,
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
            samples=self.samples,
            hops=self.hops,
            tool_calls=self.tool_calls,
            left_out=self.left_out,
            seconds=time.perf_counter() - self._start,
            ended=self._ended,
        )
