"""A streamed answer: events as chat completion chunks, sent as they come, the engine's work ended with the client."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Protocol

from starlette.responses import Response

from ...errors import UsageError
from ...types import Cited, Done, Retrieved, Thinking, Token, ToolCall, ToolResult, to_plain
from ..failures import body_of
from ..here import while_connected
from ..workspace import Queued, Turned
from .shapes import evidence, finish_reason, usage_of

__all__ = ["Chunks", "EventStream", "Shape", "framed"]

Shape = dict[str, Any]


class Chunks:
    """Makes chunks of events. Text is in `delta.content`, the thought in `delta.reasoning`, all else in `ragkit`.

    Chunks that carry no text tell what goes on: queued (with the position), retrieved, tool_call, tool_result, cited.
    The last one has the finish reason and, in `ragkit`, citations, account, status and trace id.
    """

    ending = b"data: [DONE]\n\n"

    def __init__(self, name: str, created: int, model: str, *, usage: bool, notes: tuple[str, ...] = ()) -> None:
        self._head = {"id": name, "object": "chat.completion.chunk", "created": created, "model": model}
        self._usage, self._notes = usage, notes
        self._turned: tuple[str, int] | None = None
        self._role = True

    def of(self, event: Any) -> Iterator[Shape]:
        """The chunks of one event."""
        if isinstance(event, Token):
            yield self._chunk({"content": event.text})
        elif isinstance(event, Thinking):
            yield self._chunk({"reasoning": event.text}, ragkit={"tokens": event.tokens, "sample": event.sample})
        elif isinstance(event, Turned):
            self._turned = (event.conversation_id, event.ordinal)
        elif isinstance(event, Done):
            told = evidence(event.answer, self._turned, self._notes)
            yield self._chunk({}, finish=finish_reason(event.answer), ragkit=told)
            if self._usage:
                yield {**self._head, "choices": [], "usage": usage_of(event.answer.ledger)}
        else:
            yield self._chunk({}, ragkit=_progress(event))

    def frame(self, shape: Shape) -> bytes:
        """One chunk as it is sent."""
        return framed(shape)

    def failed(self, error: BaseException) -> Shape:
        """What tells of an error after the first chunk."""
        return body_of(error)

    def _chunk(self, delta: Shape, *, finish: str | None = None, ragkit: Shape | None = None) -> Shape:
        if self._role:
            delta, self._role = {"role": "assistant", "content": "", **delta}, False
        made: Shape = {**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        return made if ragkit is None else {**made, "ragkit": ragkit}


def _progress(event: Any) -> Shape:
    if isinstance(event, Queued):
        return {"event": "queued", "position": event.position}
    if isinstance(event, Retrieved):
        found = [{"document_id": h.document_id, "title": h.chunk.title, "score": float(h.score)} for h in event.hits]
        return {"event": "retrieved", "query": event.query, "hits": found}
    if isinstance(event, ToolCall):
        return {"event": "tool_call", "id": event.id, "name": event.name, "arguments": to_plain(event.arguments)}
    if isinstance(event, ToolResult):
        return {"event": "tool_result", "id": event.id, "name": event.name, "text": event.text, "error": event.error}
    if isinstance(event, Cited):
        return {"event": "cited", "citation": to_plain(event.citation)}
    return {"event": type(event).__name__.lower()}


class Framed(Protocol):
    """A way to tell events: what to say of each, and how it is written."""

    ending: bytes

    def of(self, event: Any) -> Iterator[Shape]: ...

    def frame(self, shape: Shape) -> bytes: ...

    def failed(self, error: BaseException) -> Shape: ...


class EventStream(Response):
    """Server-sent events of one answer. first: the event drawn already. The events are closed however this ends."""

    media_type = "text/event-stream"

    def __init__(self, first: Any, events: AsyncGenerator[Any], chunks: Framed) -> None:
        self._first, self._events, self._chunks = first, events, chunks
        self.background = None
        self.status_code = 200
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send everything, or stop when the client has gone."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await while_connected(receive, self._send_all(send))
        except (UsageError, OSError):
            pass  # the client has gone: nobody is left to tell
        finally:
            await self._events.aclose()

    async def _send_all(self, send: Any) -> None:
        try:
            for chunk in self._chunks.of(self._first):
                await self._say(send, chunk)
            async for event in self._events:
                for chunk in self._chunks.of(event):
                    await self._say(send, chunk)
        except OSError:
            raise
        except Exception as exc:  # noqa: BLE001 - the status is sent; what is left is to say it in the stream
            await self._say(send, self._chunks.failed(exc))
        await send({"type": "http.response.body", "body": self._chunks.ending, "more_body": False})

    async def _say(self, send: Any, shape: Shape) -> None:
        await send({"type": "http.response.body", "body": self._chunks.frame(shape), "more_body": True})


def framed(data: Shape) -> bytes:
    """An object as one server-sent event."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode("utf-8", "replace")
