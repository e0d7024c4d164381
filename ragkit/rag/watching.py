"""Instrumentation of one answer: every search, every prompt used and every call of the engine, exactly as it was.

The watchers stand between a strategy and its tools and change nothing. They keep references only; what is made of them
is made later and elsewhere, so that an answer pays microseconds for being watched.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..engines.base import Delta, Engine, Request, Sample
from ..reasoning.base import Search, Task
from ..templates import Prompt, PromptLibrary
from ..types import Hit

__all__ = ["Call", "Searched", "Watched", "watch"]


@dataclass(slots=True)
class Searched:
    """One search: what for, what was found, at which state of the index. Times are nanoseconds since 1970."""

    query: str
    k: int
    hits: Sequence[Hit]
    sequence: int | None
    start_ns: int
    end_ns: int


@dataclass(slots=True)
class Call:
    """One request and its samples; none, with `text`, when it was given up or failed."""

    request: Request
    start_ns: int
    samples: list[Sample] = field(default_factory=list)
    text: str = ""
    end_ns: int = 0


@dataclass(slots=True)
class Watched:
    """What was seen, in order."""

    searches: list[Searched] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    prompts: dict[str, Prompt] = field(default_factory=dict)


def watch(task: Task, sequence: Callable[[], int | None]) -> tuple[Task, Watched]:
    """Return the task with watchers in place of its tools, and what they will have seen."""
    seen = Watched()
    watched = replace(
        task,
        search=_search(task.search, seen, sequence),
        prompts=_WatchedPrompts(task.prompts, seen.prompts),
        engine=None if task.engine is None else WatchedEngine(task.engine, seen.calls),
    )
    return watched, seen


def _search(search: Search, seen: Watched, sequence: Callable[[], int | None]) -> Search:
    async def watched(query: str, k: int) -> list[Hit]:
        start = time.time_ns()
        hits = await search(query, k)
        seen.searches.append(Searched(query, k, hits, sequence(), start, time.time_ns()))
        return hits

    return watched


class _WatchedPrompts(PromptLibrary):
    """A library that notes which prompts were taken from it."""

    def __init__(self, library: PromptLibrary, taken: dict[str, Prompt]) -> None:
        self._library, self._taken = library, taken

    def names(self) -> list[str]:
        return self._library.names()

    def get(self, name: str) -> Prompt:
        prompt = self._taken[name] = self._library.get(name)
        return prompt


class WatchedEngine:
    """An engine that notes its calls; everything else is the engine's own."""

    def __init__(self, engine: Engine, calls: list[Call]) -> None:
        self._engine, self._calls = engine, calls

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def generate(self, request: Request) -> list[Sample]:
        """Run one request."""
        call = self._begin(request)
        try:
            call.samples = await self._engine.generate(request)
        finally:
            call.end_ns = time.time_ns()
        return call.samples

    async def generate_many(self, requests: Sequence[Request]) -> list[list[Sample]]:
        """Run all of them together."""
        calls = [self._begin(request) for request in requests]
        try:
            found = await self._engine.generate_many(requests)
        finally:
            for call in calls:
                call.end_ns = time.time_ns()
        for call, samples in zip(calls, found, strict=True):
            call.samples = samples
        return found

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """Pass the pieces on; closing closes the engine's stream."""
        call = self._begin(request)
        items = self._engine.stream(request)
        try:
            async for item in items:
                if isinstance(item, Sample):
                    call.samples, call.text = [item], ""
                else:
                    call.text += item.text
                yield item
        finally:
            call.end_ns = time.time_ns()
            close = getattr(items, "aclose", None)
            if close is not None:
                await close()

    def _begin(self, request: Request) -> Call:
        call = Call(request, time.time_ns())
        self._calls.append(call)
        return call
