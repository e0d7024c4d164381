"""Events whose text loads nothing where a client renders it: a document can make a model write a picture's address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from ..text.foreign import Unloading, for_client
from ..types import Done, Event, Thinking, Token

__all__ = ["unloading"]


async def unloading(events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
    """The same events; text and thoughts come as `for_client` has them, the pieces as well as the whole."""
    text, thoughts = Unloading(), defaultdict[int, Unloading](Unloading)
    async for event in events:
        if isinstance(event, Token):
            if shown := text.add(event.text):
                yield replace(event, text=shown)
        elif isinstance(event, Thinking):
            yield replace(event, text=thoughts[event.sample].add(event.text))
        elif isinstance(event, Done):
            for sample, held in thoughts.items():
                if rest := held.rest():
                    yield Thinking(rest, sample=sample, tokens=0)
            if rest := text.rest():
                yield Token(rest)
            answer = event.answer
            yield replace(
                event, answer=replace(answer, text=for_client(answer.text), thinking=for_client(answer.thinking))
            )
        else:
            yield event
