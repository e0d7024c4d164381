"""`RAG`: one index, one engine, one strategy, wired together. All calls go through `stream`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..config import settings
from ..engines.base import Engine
from ..index import Index, open_store
from ..reasoning.base import Strategy, Task
from ..reasoning.extractive import Extractive
from ..reasoning.spending import Spend
from ..types import Answer, Budget, Done, Event, Hit
from . import loop
from .otel import SpanExport
from .traces import Tracer

__all__ = ["RAG", "ask"]


class RAG:
    """Answers questions from one index.

    index: an `Index` or the name of one. model: see `ragkit.engines`; "extractive" needs none. strategy: how to reason.
    budget: thinking tokens or a `Budget`. k: passages an answer may read. where: metadata filter of every search.
    """

    def __init__(
        self,
        index: Index | str | None = None,
        *,
        model: str | None = None,
        strategy: str | None = None,
        budget: int | Budget | None = None,
        k: int | None = None,
        home: str | Path | None = None,
    ) -> None:
        config = settings(home=home, model=model, strategy=strategy, k=k)
        self.index = Index(index, home=home, must_exist=True) if index is None or isinstance(index, str) else index
        self.model, self.k = config.model, config.k
        self.budget = Budget.of(config.budget if budget is None else budget)
        self.strategy: Strategy = Extractive()
        self.engine: Engine | None = None
        self.store = open_store(config)
        self.tracer = Tracer(self.store if config.trace else None, export=SpanExport() if config.otel else None)

    async def stream(
        self, question: str, *, budget: int | Budget | None = None, where: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Event]:
        """Yield the events of one answer; the last is `Done`. Closing the iterator cancels the work."""

        async def search(query: str, k: int) -> list[Hit]:
            return await asyncio.to_thread(self.index.search, query, k, where=where)

        spendable = self.budget if budget is None else Budget.of(budget)
        task = Task(
            question=question,
            search=search,
            encoder=lambda: self.index.encoder,
            engine=self.engine,
            budget=spendable,
            k=self.k,
            spend=Spend(spendable),
        )
        recording = self.tracer.begin(task, index=self.index, where=where)
        async for event in self.strategy.run(recording.task):
            if isinstance(event, Done):
                answer = replace(event.answer, model=self.model, strategy=self.strategy.name)
                event = Done(recording.finish(answer))
            yield event

    async def aask(self, question: str, **options: Any) -> Answer:
        """Answer one question; options as in `stream`."""
        answer: Answer | None = None
        async for event in self.stream(question, **options):
            if isinstance(event, Done):
                answer = event.answer
        if answer is None:
            raise RuntimeError(f"strategy {self.strategy.name!r} ended without an answer; please report this")
        return answer

    def ask(self, question: str, **options: Any) -> Answer:
        """Answer one question; options as in `stream`."""
        return loop.run(self.aask(question, **options))

    def events(self, question: str, **options: Any) -> Iterator[Event]:
        """`stream` for callers without an event loop."""
        return loop.iterate(self.stream(question, **options))

    def batch(self, questions: Sequence[str], **options: Any) -> list[Answer]:
        """Answer many questions together, in their order; the engine batches them."""

        async def everything() -> list[Answer]:
            return list(await asyncio.gather(*(self.aask(q, **options) for q in questions)))

        return loop.run(everything())


@lru_cache(maxsize=8)
def _pipeline(**choices: Any) -> RAG:
    return RAG(**choices)


def ask(
    question: str,
    *,
    index: str | None = None,
    model: str | None = None,
    strategy: str | None = None,
    budget: int | Budget | None = None,
    k: int | None = None,
    where: Mapping[str, Any] | None = None,
    home: str | Path | None = None,
) -> Answer:
    """Answer `question` from the documents of `index`, with citations.

    One pipeline is kept per settings, so that a second call loads nothing. Raises UsageError for an empty question,
    NotFoundError for an index that does not exist.
    """
    config = settings(home=home, index=index, model=model, strategy=strategy, k=k)
    chosen = _pipeline(
        index=config.index, model=config.model, strategy=config.strategy, k=config.k, home=str(config.home)
    )
    return chosen.ask(question, budget=budget if budget is not None else config.budget, where=where)
