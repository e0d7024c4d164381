"""What engines on ids exchange with the budget logic: one draw, what came of it, and the thought between two draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..types import Ended
from .base import FinishReason

__all__ = ["Draw", "Drawn", "Piece", "Thought", "tail"]


@dataclass(frozen=True, slots=True)
class Draw:
    """Continue `prompt_ids` by at most `max_tokens`, until one of `stop_ids` or `stop`; never draw `banned_ids`."""

    prompt_ids: tuple[int, ...]
    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    stop_ids: tuple[int, ...] = ()
    stop: tuple[str, ...] = ()
    banned_ids: tuple[int, ...] = ()
    logprobs: int = 0
    json_schema: Mapping[str, Any] | None = None
    seed: int | None = None
    thinking_tokens: int | None = None
    """Set for thought and answer in one pass: the engine itself ends the thought after so many tokens."""
    answer_tokens: int | None = None
    """Cap on what follows the thought in such a pass, for engines that can tell."""
    deadline: float | None = None
    """Loop time at which the whole request must be done."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn. `stop_id` is the stop token that ended it, not part of `ids`; None: a stop string or the cap."""

    ids: tuple[int, ...]
    finish_reason: FinishReason
    stop_id: int | None = None
    cached_tokens: int = 0
    logprobs: tuple[float, ...] = ()
    top_logprobs: tuple[Mapping[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """New ids of a streamed draw; the last piece carries the whole draw."""

    ids: tuple[int, ...]
    done: Drawn | None = None


@dataclass(frozen=True, slots=True)
class Thought:
    """A thought that is done, and what the answer is drawn after."""

    lead: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    end: tuple[int, ...] = ()
    ended: Ended = "natural"
    cached_tokens: int = 0
    cut: int = 0


def tail(drawn: Drawn, answer: tuple[int, ...], limit: int) -> Drawn:
    """Return the part of a single pass that is the answer, at most `limit` ids of it."""
    kept = answer[:limit]
    at = len(drawn.ids) - len(answer)
    return Drawn(
        ids=kept,
        finish_reason=drawn.finish_reason if len(kept) == len(answer) else "length",
        stop_id=drawn.stop_id,
        cached_tokens=drawn.cached_tokens,
        logprobs=drawn.logprobs[at : at + len(kept)],
        top_logprobs=drawn.top_logprobs[at : at + len(kept)],
    )
