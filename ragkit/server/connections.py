"""Connections that keep a server waiting: closed after a time, and pushed out by new ones when there are too many.

A request that is sent half and never ended would hold its connection for good, and enough of them every one there is.
So whoever has not sent a whole header after `HEADER_S`, or whose body comes slower than `LEAST_BYTES_S`, is cut off;
so is who does not read what he asked for. Of those still sending no more than `most` are kept: the one waited for
longest makes room for a new one. A request that is whole is answered, whatever stands half-sent around it.

uvicorn takes a protocol class (`http=`); this one is uvicorn's own with that added.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

__all__ = ["BACKLOG", "Patience", "raise_file_limit", "watched"]

HEADER_S = 10.0  # for the whole header, and for the first byte
GRACE_S, LEAST_BYTES_S = 30.0, 1024.0  # a body may take so long, and a second more for every so many bytes
UNREAD_S = 60.0  # for a reader who reads nothing
LOOK_S = 1.0
MOST = 400
BACKLOG = 128  # taken over at once: fewer than there are files left to open
FILES = 8192


class Patience:
    """What the connections of one server share. clock: seconds, of the loop."""

    def __init__(self, most: int = MOST, header_s: float = HEADER_S, grace_s: float = GRACE_S) -> None:
        self.most, self.header_s, self.grace_s = most, header_s, grace_s
        self.open: dict[Any, None] = {}  # in the order of their coming
        self._looking: asyncio.TimerHandle | None = None

    def came(self, protocol: Any) -> None:
        """A new connection: somebody who waits longer makes room where it is full."""
        self.open[protocol] = None
        sending = [p for p in self.open if p.stage() != "served"]
        for late in sending[: max(0, len(sending) - self.most)]:
            late.transport.abort()
            self.open.pop(late, None)
        if self._looking is None:
            self._look_soon()

    def left(self, protocol: Any) -> None:
        """A connection that is no more."""
        self.open.pop(protocol, None)

    def _look_soon(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(min(LOOK_S, self.header_s / 4), self._look)

    def _look(self) -> None:
        self._looking = None
        for protocol in [p for p in self.open if p.overdue()]:
            protocol.transport.abort()
        if self.open:
            self._look_soon()


def watched(patience: Patience) -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol, its connections watched."""

    class Watched(AutoHTTPProtocol):  # type: ignore[misc]
        """One connection. Its stage is "head", "body" or "served", by the request that uvicorn has at hand."""

        def connection_made(self, transport: Any) -> None:
            self._stage, self._began, self._sent = "head", self._now(), 0
            self._unread: float | None = None
            self._cycle: Any = None
            super().connection_made(transport)
            patience.came(self)

        def connection_lost(self, exc: Exception | None) -> None:
            patience.left(self)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self.stage() == "served" and self.cycle is not None and self.cycle.response_complete:
                self._begin("head")  # the next request of a connection that was kept
            super().data_received(data)
            self._sent += len(data)
            self.stage()

        def pause_writing(self) -> None:
            self._unread = self._now()
            super().pause_writing()

        def resume_writing(self) -> None:
            self._unread = None
            super().resume_writing()

        def stage(self) -> str:
            """Where the request stands; a kept connection that sends nothing is served: uvicorn ends it itself."""
            cycle = self.cycle
            if cycle is not self._cycle:
                self._cycle = cycle
                self._begin("body")
            if self._stage == "body" and (not cycle.more_body or cycle.response_complete):
                self._begin("served")
            return str(self._stage)

        def overdue(self) -> bool:
            """Whether nobody should wait for it any longer."""
            now, stage = self._now(), self.stage()
            if self._unread is not None and now - self._unread > UNREAD_S:
                return True
            if stage == "head":
                return bool(now - self._began > patience.header_s)
            return stage == "body" and bool(now - self._began > patience.grace_s + self._sent / LEAST_BYTES_S)

        def _begin(self, stage: str) -> None:
            self._stage, self._began, self._sent = stage, self._now(), 0

        def _now(self) -> float:
            return float(self.loop.time())

    return Watched


def raise_file_limit(least: int = FILES) -> None:
    """Let this process open more files, as far as it may, so that connections do not take those of the index."""
    with contextlib.suppress(ImportError):  # not on Windows, which has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = least if hard == resource.RLIM_INFINITY else min(least, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
