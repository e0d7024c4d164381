"""Answers in the making: each goes on by itself, and pages listen to it, from its beginning or from where they were.

A page that is reloaded finds its answer again. One that nobody listens to any more is stopped after a while; what there
is of it is kept in its conversation.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from ragkit.server.workspace import Turned

from .feed import Feed, Pump
from .stream import Telling

__all__ = ["Answering", "Answers"]

LINGER_S = 20.0  # an answer that nobody hears goes on: time enough to reload, or to come back from a dead spot
REMEMBERED = 64  # answers that ended and can still be listened to


class Answering:
    """One answer: `feed` tells it, `place` is its conversation and turn once it is stored."""

    def __init__(self, events: AsyncGenerator[Any], feed: Feed, telling: Telling) -> None:
        self.feed, self.place, self.ended = feed, ("", 0), False
        self._telling, self._pump = telling, Pump(events)
        self._more = asyncio.Event()
        self._listeners = 0
        self._leaving: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._follow())
        self._left()  # whoever asked has LINGER_S to come and listen

    def stop(self) -> None:
        """End it; what there is of it is kept."""
        self._pump.stop()

    async def listen(self, at: int = 0) -> AsyncIterator[str]:
        """Yield its operations from the `at`-th on, as they come."""
        self._listeners += 1
        if self._leaving is not None:
            self._leaving.cancel()
        try:
            while True:
                if at < len(self.feed.lines):
                    told = "".join(self.feed.lines[at:])
                    at = len(self.feed.lines)
                    yield told
                elif self.ended:
                    return
                else:
                    more = self._more
                    await more.wait()
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._left()

    async def finished(self) -> None:
        """Wait until it has ended."""
        await self._task

    async def _follow(self) -> None:
        async for bundle in self._pump.bundles():
            for event in bundle:
                if isinstance(event, Turned):
                    self.place = event.conversation_id, event.ordinal
            self._telling.tell(bundle)
            self._wake()
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()

    def _left(self) -> None:
        if not self.ended:
            self._leaving = asyncio.get_running_loop().call_later(LINGER_S, self._forsaken)

    def _forsaken(self) -> None:
        if not self._listeners:
            self.stop()


class Answers:
    """The answers of one server, by user and id of the turn in the page that asked."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Answering] = OrderedDict()

    def begin(self, user: str, turn: str, answering: Answering) -> None:
        """Remember one."""
        self._known[user, turn] = answering
        for key in [k for k, a in self._known.items() if a.ended][:-REMEMBERED]:
            del self._known[key]

    def find(self, user: str, turn: str) -> Answering | None:
        """One by its turn in the page; another user's is not there."""
        return self._known.get((user, turn))

    def at(self, user: str, conversation: str, ordinal: int) -> str:
        """The id of the answer that is being given as this turn of a conversation; "" when none is."""
        for (owner, turn), answering in reversed(self._known.items()):
            if owner == user and answering.place == (conversation, ordinal) and not answering.ended:
                return turn
        return ""
