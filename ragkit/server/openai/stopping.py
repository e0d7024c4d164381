"""Stop strings: an answer ends before the first of them, whole or in pieces."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

from ...reasoning.base import closing
from ...types import Answer, Done, Token

__all__ = ["Stopping", "cut", "stopped"]

_MARKED = re.compile(r"\[(\d+)\]")


class Stopping:
    """Text in pieces up to the first stop string; what may be the beginning of one waits for the next piece."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops, self._held = tuple(stops), ""
        self.done = False

    def add(self, piece: str) -> str:
        """What may be shown now; nothing more once a stop string came."""
        if self.done:
            return ""
        text = self._held + piece
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.done, self._held = True, ""
            return text[: min(found)]
        keep = max((n for stop in self._stops for n in range(1, len(stop)) if text.endswith(stop[:n])), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return "" if self.done else held


def cut(answer: Answer, stops: Sequence[str]) -> Answer:
    """The answer up to the first stop string, with the citations whose markers are left."""
    found = [at for stop in stops if (at := answer.text.find(stop)) >= 0]
    if not found:
        return answer
    text = answer.text[: min(found)]
    left = {int(number) for number in _MARKED.findall(text)}
    return replace(answer, text=text, citations=tuple(c for c in answer.citations if c.marker in left))


async def stopped(events: AsyncGenerator[Any], stops: Sequence[str]) -> AsyncGenerator[Any]:
    """The same events, the text ended by the first stop string."""
    stopping = Stopping(stops)
    async with closing(events):
        async for event in events:
            if isinstance(event, Token):
                if shown := stopping.add(event.text):
                    yield Token(shown)
            elif isinstance(event, Done):
                if rest := stopping.rest():
                    yield Token(rest)
                yield replace(event, answer=cut(event.answer, stops))
            else:
                yield event
