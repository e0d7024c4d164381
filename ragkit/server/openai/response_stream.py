"""A streamed response: the events of one answer as the events of OpenAI's Responses API, numbered in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...types import Answer, Done, Thinking, Token
from ..failures import body_of
from ..workspace import Turned
from .response_shapes import Reply, reply, text_part
from .stream import Shape, framed

__all__ = ["ResponseEvents"]


class ResponseEvents:
    """Makes the API's events of ragkit's: the thought is the first item of the output, the answer the next."""

    ending = b""

    def __init__(self, made: Reply, notes: tuple[str, ...]) -> None:
        self._made, self._notes = made, notes
        self._number = 0
        self._turned: tuple[str, int] | None = None
        self._thought: list[str] = []
        self._text: list[str] = []
        self._open = ""  # the item that is being written: "", "reasoning" or "message"
        self._place = 0
        self._begun = False

    def of(self, event: Any) -> Iterator[Shape]:
        """The API's events of one event."""
        if not self._begun:
            self._begun = True
            yield self._event("created", response=self._made.begun())
            yield self._event("in_progress", response=self._made.begun())
        if isinstance(event, Thinking) and self._open != "message" and event.text:
            if self._open == "":
                self._open = "reasoning"
                yield self._event("output_item.added", output_index=0, item=self._made.thought("", "in_progress"))
            self._thought.append(event.text)
            yield self._event("reasoning_text.delta", **self._where(self._made.thought_id), delta=event.text)
        elif isinstance(event, Token) and event.text:
            yield from self._begin_message()
            self._text.append(event.text)
            yield self._event("output_text.delta", **self._where(self._made.message_id), delta=event.text, logprobs=[])
        elif isinstance(event, Turned):
            self._turned = (event.conversation_id, event.ordinal)
        elif isinstance(event, Done):
            yield from self._end(event.answer)

    def frame(self, shape: Shape) -> bytes:
        """One event as it is sent."""
        return f"event: {shape['type']}\n".encode() + framed(shape)

    def failed(self, error: BaseException) -> Shape:
        """The event that tells of an error after the response was begun."""
        told = {"code": "server_error", "message": body_of(error)["error"]["message"]}
        return self._event("failed", response={**self._made.begun(), "status": "failed", "error": told})

    def _begin_message(self) -> Iterator[Shape]:
        if self._open == "message":
            return
        if self._open == "reasoning":
            text = "".join(self._thought)
            yield self._event("reasoning_text.done", **self._where(self._made.thought_id), text=text)
            yield self._event("output_item.done", output_index=0, item=self._made.thought(text))
            self._place = 1
        self._open = "message"
        item = self._made.message([], "in_progress")
        yield self._event("output_item.added", output_index=self._place, item=item)
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        yield self._event("content_part.added", **self._where(self._made.message_id), part=part)

    def _end(self, answer: Answer) -> Iterator[Shape]:
        yield from self._begin_message()
        if not self._text and answer.text:
            yield self._event("output_text.delta", **self._where(self._made.message_id), delta=answer.text, logprobs=[])
        whole, part = reply(self._made, answer, self._turned, self._notes), text_part(answer)
        where = self._where(self._made.message_id)
        yield self._event("output_text.done", **where, text=answer.text, logprobs=[])
        yield self._event("content_part.done", **where, part=part)
        yield self._event("output_item.done", output_index=self._place, item=whole["output"][-1])
        yield self._event("completed" if whole["status"] == "completed" else "incomplete", response=whole)

    def _where(self, item: str) -> Shape:
        return {"item_id": item, "output_index": self._place, "content_index": 0}

    def _event(self, kind: str, **fields: Any) -> Shape:
        self._number += 1
        return {"type": f"response.{kind}", "sequence_number": self._number - 1, **fields}
