"""Hard thinking budgets on token ids: where a thought stands, what is cut, and text that can forge no marker.

A thought is capped by construction: it is drawn with at most `cap` tokens, the end marker is appended by ragkit, and
the answer is drawn after it. Nothing here trusts an engine: `split` counts what came out and throws away the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..errors import UsageError
from ..types import Ended

__all__ = ["Room", "Split", "is_open", "neutralise", "room_for", "scrub", "split"]


@lru_cache(maxsize=64)
def _pattern(specials: tuple[str, ...]) -> re.Pattern[str] | None:
    """Match any of `specials`, longest first; None when there are none."""
    if not specials:
        return None
    return re.compile("|".join(re.escape(s) for s in sorted(specials, key=len, reverse=True)))


def _ordered(specials: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({s for s in specials if s.strip()}))


def neutralise(text: str, specials: Iterable[str]) -> str:
    """Return `text` in which none of `specials` occurs; a space after its first character breaks each one.

    >>> neutralise("see <think>this</think>", ["<think>", "</think>"])
    'see < think>this< /think>'

    Specials of one character are removed. The result holds no special for any set of them: the loop ends only then,
    and it does end, since a round that would not make progress removes instead of breaking.
    """
    ordered = _ordered(specials)
    pattern = _pattern(ordered)
    if pattern is None:
        return text
    longest = max(map(len, ordered))
    for _ in range(longest):
        if not pattern.search(text):
            return text
        text = pattern.sub(lambda m: "" if len(m[0]) == 1 else f"{m[0][0]} {m[0][1:]}", text)
    while pattern.search(text):
        text = pattern.sub("", text)
    return text


def scrub(text: str, markers: Iterable[str]) -> str:
    """Return `text` without any of `markers`, also when taking one out would join the halves of another."""
    pattern = _pattern(_ordered(markers))
    if pattern is None:
        return text
    while pattern.search(text):
        text = pattern.sub("", text)
    return text


def is_open(ids: Sequence[int], start: int | None, end: int | None) -> bool:
    """Whether the prompt ends inside a thought: an opening marker stands after the last closing one."""
    for token in reversed(ids):
        if token == end:
            return False
        if token == start:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens that thought and answer may take. `thought` is what fits, at most the cap."""

    thought: int
    answer: int


def room_for(*, prompt: int, context: int, cap: int | None, answer: int, markers: int = 2) -> Room:
    """Share the context window: the answer keeps its tokens first, the thought gets what is left, at most `cap`.

    Raises UsageError when the prompt leaves no room for a single token of answer.
    """
    left = context - prompt - markers
    if left < 1:
        raise UsageError(
            f"the prompt of {prompt} tokens fills the context of {context}; "
            "retrieve fewer passages, or choose an engine with a longer context (max_model_len)"
        )
    answer = min(answer, left)
    thought = left - answer
    return Room(thought=thought if cap is None else min(cap, thought), answer=answer)


@dataclass(frozen=True, slots=True)
class Split:
    """Output ids of one run in a single pass, taken apart. `cut`: ids beyond the cap, thrown away."""

    lead: tuple[int, ...]
    thought: tuple[int, ...]
    end: tuple[int, ...]
    answer: tuple[int, ...]
    ended: Ended
    cut: int


def split(
    ids: Sequence[int], *, start: int, end: int, opened: bool, cap: int | None, stops: Collection[int] = ()
) -> Split:
    """Take apart what a model wrote: optional opening marker, thought, closing marker, answer.

    opened: the prompt already ends inside a thought. When the thought is longer than `cap`, the rest of it and all
    that follows is cut, for the answer was given with knowledge of a longer thought. Markers and `stops` are never
    part of thought or answer. ``ended`` is "forced" when the thought has exactly `cap` tokens, since then the marker
    may have been the engine's.
    """
    at = 0
    lead: tuple[int, ...] = ()
    if not opened:
        if not ids or ids[0] != start:
            return Split((), (), (), tuple(i for i in ids if i not in (start, end) and i not in stops), "natural", 0)
        lead, at = (start,), 1
    stop_at = next((k for k in range(at, len(ids)) if ids[k] == end), len(ids))
    closed = stop_at < len(ids)
    thought = tuple(i for i in ids[at:stop_at] if i != start and i not in stops)
    if cap is not None and len(thought) > cap:
        return Split(lead, thought[:cap], (end,), (), "forced", len(ids) - at - cap)
    answer = tuple(i for i in ids[stop_at + 1 :] if i not in (start, end) and i not in stops)
    forced = not closed or (cap is not None and len(thought) == cap)
    return Split(lead, thought, (end,) if closed else (), answer, "forced" if forced else "natural", 0)
