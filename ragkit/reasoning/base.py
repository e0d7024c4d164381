"""What every strategy shares: the task it is given, and the events it answers with, the last of which is `Done`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from ..embedding import EncoderLike
from ..engines.base import Engine
from ..templates import PromptLibrary
from ..types import Budget, Chunk, Event, Hit
from .spending import Spend

__all__ = ["ChunksOf", "Search", "Strategy", "Task", "closing"]

T = TypeVar("T")

Search = Callable[[str, int], Awaitable[list[Hit]]]
"""``await search(query, k)``: the k best hits of the index, under the caller's filter."""
ChunksOf = Callable[[str], Awaitable[list[Chunk]]]
"""``await chunks(document_id)``: all chunks of a document, in order."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the asker wants text drawn; None leaves it to the strategy. temperature 0 is greedy, top_p 1 keeps all."""

    temperature: float | None = None
    top_p: float | None = None

    @property
    def options(self) -> dict[str, float]:
        """The fields of a `Request` that it sets."""
        given = {"temperature": self.temperature, "top_p": self.top_p}
        return {name: value for name, value in given.items() if value is not None}


AS_USUAL = Drawing()
"""As the strategy draws."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question and all that a strategy may use to answer it. `engine` is None when no model is configured.

    temperature: of sampled answers (a single sample is greedy unless the strategy says otherwise). prompts: where the
    templates come from. live: somebody watches the events, so text is streamed. seed: of sampling, where the engine
    takes one. shots: examples to show a model that reasons by prompt; bank: where they come from (None: the shipped).
    chunks: opens a whole document, for the agent's `open_document`; None where documents cannot be opened. asked: the
    question in its asker's words, where `question` was made of it and of what was said before. drawing: what the asker
    wants instead of the strategy's own temperature, in all text but structured one.
    """

    question: str
    search: Search
    encoder: Callable[[], EncoderLike]
    engine: Engine | None
    budget: Budget
    k: int
    spend: Spend
    temperature: float = 0.8
    prompts: PromptLibrary = field(default_factory=PromptLibrary)
    live: bool = True
    seed: int | None = None
    shots: int = 0
    bank: str | None = None
    chunks: ChunksOf | None = None
    asked: str = ""
    drawing: Drawing = AS_USUAL

    @property
    def wording(self) -> str:
        """The asker's own words; the answer follows their language."""
        return self.asked or self.question


@asynccontextmanager
async def closing(source: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close `source` at the end of the block however it is left, so that a consumer who goes away stops the engine."""
    try:
        yield source
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


class Strategy(Protocol):
    """One way to reason. `run` yields events and always ends with exactly one `Done`; it never raises for a budget."""

    name: str

    def run(self, task: Task) -> AsyncIterator[Event]: ...
