"""Admission control before the engine: so many questions run at once, so many wait in line, each user so many a minute.

A ticket is asked for, waits its turn and is given back. Tickets may live on any event loop: places are granted under a
lock, and whoever waits is woken on its own loop. The line is first come, first served.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from ..errors import BusyError

__all__ = ["Gate", "Ticket"]

WINDOW_S = 60.0
FIRST_GUESS_S = 2.0  # how long an answer is expected to take before any was seen
SMOOTHING = 0.1


@dataclass(eq=False, slots=True)
class Ticket:
    """A place that was asked for. `position` is 0 once it runs, else its number in the line, from 1."""

    gate: Gate
    user: str
    position: int = 0
    began: float = 0.0
    left: bool = False
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self) -> AsyncIterator[int]:
        """Yield the position in the line as it falls; ends when it is this ticket's turn."""
        told = 0
        while self.position:
            if self.position != told:
                told = self.position
                yield told
            await self.changed.wait()
            self.changed.clear()

    def leave(self) -> None:
        """Give the place, or the place in the line, back; a second time nothing happens."""
        self.gate.leave(self)


class Gate:
    """max_running: questions answered at once. max_waiting: length of the line. per_minute: of one user, 0: any."""

    def __init__(
        self, *, max_running: int, max_waiting: int, per_minute: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.max_running, self.max_waiting, self.per_minute = max_running, max_waiting, per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._running: set[Ticket] = set()
        self._line: deque[Ticket] = deque()
        self._asked: dict[str, deque[float]] = {}
        self._usual_s = FIRST_GUESS_S

    @property
    def running(self) -> int:
        """Questions being answered."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """Questions in the line."""
        return len(self._line)

    def ask(self, user: str = "") -> Ticket:
        """Ask for a place; call it on the event loop that will wait. Raises BusyError, with the seconds to wait."""
        ticket = Ticket(self, user)
        with self._lock:
            now = self._clock()
            if len(self._running) >= self.max_running and len(self._line) >= self.max_waiting:
                wait = math.ceil(self._usual_s * (len(self._line) + 1) / self.max_running)
                raise BusyError(
                    f"{len(self._running)} questions are being answered and {len(self._line)} wait, which is the limit",
                    seconds=max(1, wait),
                )
            self._count(user, now)
            if len(self._running) < self.max_running:
                self._running.add(ticket)
                ticket.began = now
            else:
                self._line.append(ticket)
                ticket.position = len(self._line)
        return ticket

    def _count(self, user: str, now: float) -> None:
        """Book one question of a user. Raises BusyError when the minute's are used up."""
        if not self.per_minute:
            return
        for name in [n for n, times in self._asked.items() if times[-1] <= now - WINDOW_S]:
            del self._asked[name]
        times = self._asked.setdefault(user, deque())
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if len(times) >= self.per_minute:
            wait = max(1, math.ceil(times[0] + WINDOW_S - now))
            raise BusyError(f"you asked {len(times)} questions within a minute, which is the limit", seconds=wait)
        times.append(now)

    def leave(self, ticket: Ticket) -> None:
        """Take a ticket out and let the next one in."""
        with self._lock:
            if ticket.left:
                return
            ticket.left = True
            now = self._clock()
            if ticket in self._running:
                self._running.remove(ticket)
                self._usual_s += SMOOTHING * (now - ticket.began - self._usual_s)
            else:
                self._line.remove(ticket)
            self._advance(now)

    def _advance(self, now: float) -> None:
        while self._line and len(self._running) < self.max_running:
            ticket = self._line.popleft()
            ticket.position, ticket.began = 0, now
            if self._wake(ticket):
                self._running.add(ticket)
            else:
                ticket.left = True
        for position, ticket in enumerate(self._line, 1):
            if ticket.position != position:
                ticket.position = position
                self._wake(ticket)

    @staticmethod
    def _wake(ticket: Ticket) -> bool:
        """Tell whoever waits; False when its event loop is gone, and the waiter with it."""
        try:
            ticket.loop.call_soon_threadsafe(ticket.changed.set)
        except RuntimeError:
            return False
        return True
