"""What one OpenAI-compatible server turned out not to take, learnt from its refusals and remembered.

Servers of one API differ in what they accept: a reasoning model takes no temperature, an older server calls
``max_completion_tokens`` ``max_tokens``, a template knows no system role. The refusal names it; the request is sent
once more without it or under its other name, and what then works is kept for the next ones. What an answer depends on
(tools, a schema) is never dropped: its refusal is the caller's to know.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..turns import plain_turns

__all__ = ["Dialect"]

RENAMED = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}
OPTIONAL = {
    "temperature": ("temperature", "top_p"),  # one who fixes the temperature fixes all sampling
    "top_p": ("top_p",),
    "seed": ("seed",),
    "stream_options": ("stream_options",),
}
"""Fields that may be left out, each with those that go with it."""
_ROLES = re.compile(r"(?i)\bsystem\W{0,3}(?:role|message|prompt|instruction)|\brole\W{1,4}system|roles must alternate")


@dataclass(frozen=True, slots=True)
class Dialect:
    """renamed: field to the name the server knows. dropped: fields it does not take. plain: no system role."""

    renamed: Mapping[str, str] | None = None
    dropped: frozenset[str] = frozenset()
    plain: bool = False

    def spoken(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return `payload` as this server takes it."""
        names = self.renamed or {}
        said = {names.get(k, k): v for k, v in payload.items() if k not in self.dropped}
        if self.plain and "messages" in said:
            said["messages"] = plain_turns(said["messages"])
        return said

    def after(self, status: int, refusal: Any, payload: Mapping[str, Any]) -> Dialect | None:
        """Return the dialect to try after `refusal` (parsed JSON, or text) of `payload`; None if it teaches nothing.

        payload: what was sent, as `spoken` made it.
        """
        told = " ".join(_strings(refusal))
        roles = {m.get("role") for m in payload.get("messages", ()) if isinstance(m, Mapping)}
        if not self.plain and "system" in roles and _ROLES.search(told):
            return replace(self, plain=True)
        if status not in (400, 422):
            return None
        named = _named(refusal, told, payload)
        for field in named:
            if field in RENAMED and not self.renamed:
                return replace(self, renamed={field: RENAMED[field]})
            if field in OPTIONAL:
                return replace(self, dropped=self.dropped | set(OPTIONAL[field]))
        return None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out of what was asked, for the reader of the answer."""
        lost = [name for name in ("temperature", "seed") if name in self.dropped]
        return (f"the server takes no {' or '.join(lost)}; it sampled as it likes",) if lost else ()


def _named(refusal: Any, told: str, payload: Collection[str]) -> list[str]:
    """Fields of the payload that the refusal names: first where it has a place for the name, then in its words."""
    placed = [part for key, value in _fields(refusal) if key in ("param", "loc") for part in _strings(value)]
    known = [f for f in (*RENAMED, *OPTIONAL) if f in payload]
    worded = [f for f in known if re.search(rf"(?<![\w.]){re.escape(f)}(?!\w)", told)]
    return [*(f for f in placed if f in known), *worded]


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from _fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
