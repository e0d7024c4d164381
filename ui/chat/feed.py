"""What the server tells the page: operations, one JSON object a line; and a pump that draws them from a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

__all__ = ["Feed", "Pump", "Stopped"]

PACE_S = 0.04  # least time between two updates of one answer, while few are written at once
CALM_S = 0.4  # and while many are


class Feed:
    """The operations of one answer, as lines; it only grows."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, op: str, **content: Any) -> None:
        """Add one operation."""
        line = json.dumps({"op": op, **content}, ensure_ascii=False, separators=(",", ":"), default=str)
        self.lines.append(line + "\n")


class Stopped:
    """The last item of a pump that was stopped."""


class Pump:
    """Draws from a stream in a task of its own, so that another request can stop it, and hands items over in bundles.

    Errors of the stream come as items, last. Leaving `bundles`, or `stop`, closes the stream.
    """

    running = 0  # pumps at work in this process

    def __init__(self, source: AsyncGenerator[Any]) -> None:
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self._task = asyncio.create_task(self._draw(source))

    async def _draw(self, source: AsyncGenerator[Any]) -> None:
        Pump.running += 1
        try:
            async with aclosing(source):
                async for item in source:
                    self._items.put_nowait(item)
        except asyncio.CancelledError:
            self._items.put_nowait(Stopped())
        except Exception as exc:  # noqa: BLE001 - it is told to whoever reads the bundles
            self._items.put_nowait(exc)
        finally:
            Pump.running -= 1
            self._items.put_nowait(None)

    def stop(self) -> None:
        """Cancel the stream; `bundles` ends with `Stopped`."""
        self._task.cancel()

    async def bundles(self) -> AsyncIterator[list[Any]]:
        """Yield the items that came since the last time, at once the first."""
        try:
            ended = False
            while not ended:
                bundle = [await self._items.get()]
                while not self._items.empty():
                    bundle.append(self._items.get_nowait())
                ended = None in bundle
                yield [item for item in bundle if item is not None]
                if not ended:
                    await asyncio.sleep(min(CALM_S, PACE_S * max(1, Pump.running / 4)))
        finally:
            self._task.cancel()
            await asyncio.wait([self._task])
