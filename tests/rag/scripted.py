"""An engine that says what it was told to, in order, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from ragkit.engines.base import Capabilities, Delta, EngineBase, Request, Sample

Line = str | Callable[[Request], str]


class ScriptedEngine(EngineBase):
    """Each line is an answer, or a function of the request; the last one is said for ever. One word is one token."""

    name = "scripted"
    capabilities = Capabilities(budget=True, streaming=True, tools=True)

    def __init__(self, *lines: Line) -> None:
        self._lines: Iterator[Line] = iter(lines)
        self._last: Line = "Nothing."
        self.asked: list[Request] = []

    @property
    def tokenizer(self) -> Any:
        raise AssertionError("it has none")

    def close(self) -> None: ...

    async def generate(self, request: Request) -> list[Sample]:
        self.check(request)
        self.asked.append(request)
        self._last = next(self._lines, self._last)
        text = self._last if isinstance(self._last, str) else self._last(request)
        words = sum(len(str(m["content"]).split()) for m in request.messages)
        thought = " ".join(["hm"] * min(3, 3 if request.thinking_tokens is None else request.thinking_tokens))
        one = Sample(
            thought,
            text,
            "natural",
            "stop",
            thinking_tokens=len(thought.split()),
            answer_tokens=len(text.split()),
            prompt_tokens=words,
        )
        return [one] * request.n

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        (sample,) = await self.generate(request)
        for word in sample.thinking.split():
            yield Delta(word + " ", True, tokens=1)
        for number, word in enumerate(sample.answer.split()):
            yield Delta((" " if number else "") + word, False, tokens=1)
        yield sample
