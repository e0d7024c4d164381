"""What the server tells the page: operations, one JSON object a line, in the value of a hidden component.

The value only grows while an answer comes, so that Gradio sends no more than what is new; the page carries out the
lines it has not seen. "<" is written as an escape: the value is data and never markup.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

__all__ = ["Feed", "Pump", "Stopped", "mail"]

PACE_S = 0.04  # least time between two updates of one answer, while few are written at once
CALM_S = 0.4  # and while many are
KEEPALIVE_S = 1.0  # with nothing to tell, the browser is still spoken to: one that is gone is noticed


class Feed:
    """The growing value of one answer or message."""

    def __init__(self) -> None:
        self.value = uuid.uuid4().hex + "\n"

    def tell(self, op: str, **content: Any) -> None:
        """Add one operation."""
        line = json.dumps({"op": op, **content}, ensure_ascii=False, separators=(",", ":"), default=str)
        self.value += line.replace("<", "\\u003c") + "\n"


def mail(op: str, **content: Any) -> str:
    """A value with a single operation."""
    feed = Feed()
    feed.tell(op, **content)
    return feed.value


class Stopped:
    """The last item of a pump that was stopped."""


class Pump:
    """Draws from a stream in a task of its own, so that another request can stop it, and hands items over in bundles.

    Errors of the stream come as items, last. Leaving `bundles`, or `stop`, closes the stream.
    """

    running = 0  # pumps at work in this process

    def __init__(self, source: AsyncGenerator[Any]) -> None:
        self._loop = asyncio.get_running_loop()
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

    def stop_soon(self) -> None:
        """`stop`, from any thread."""
        self._loop.call_soon_threadsafe(self.stop)

    async def bundles(self) -> AsyncIterator[list[Any]]:
        """Yield the items that came since the last time, at once the first; an empty list when nothing comes."""
        try:
            ended = False
            while not ended:
                bundle = await self._next()
                while not self._items.empty():
                    bundle.append(self._items.get_nowait())
                ended = None in bundle
                yield [item for item in bundle if item is not None]
                if not ended:
                    await asyncio.sleep(min(CALM_S, PACE_S * max(1, Pump.running / 4)))
        finally:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _next(self) -> list[Any]:
        try:
            return [await asyncio.wait_for(self._items.get(), KEEPALIVE_S)]
        except TimeoutError:
            return []
