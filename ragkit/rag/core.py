"""`RAG`: one index, one engine, one strategy, wired together. All calls go through `stream`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from ..config import settings
from ..engines.base import Engine, Sample, together
from ..errors import UsageError
from ..index import Index, open_store
from ..reasoning import strategy as make_strategy
from ..reasoning.answering import Reading, conclude, judge, read, retrieve
from ..reasoning.base import Strategy, Task, closing
from ..reasoning.spending import Spend
from ..reasoning.strategies.cot import plan
from ..reasoning.strategies.extractive import Extractive
from ..reasoning.without import without as leave_out
from ..store import Turn
from ..templates import PromptLibrary
from ..types import Answer, Budget, Chunk, Done, Event, Hit, Token
from . import loop
from .engines import hold
from .followups import follow_up
from .otel import SpanExport
from .small_talk import NOTE, small_talk
from .traces import Tracer

__all__ = ["RAG"]


class RAG:
    """Answers questions from one index.

    index: an `Index` or the name of one. model: see `ragkit.engines`; "extractive" needs none; an engine or a
    langchain-core chat model is taken as it is. strategy: how to reason. budget: thinking tokens or a `Budget`.
    k: passages an answer may read. prompts: folder whose prompts override the shipped ones. shots, bank: worked
    examples shown to a model, and the JSONL file they come from. temperature: of answers that are drawn more than once.

    The model is loaded when it is first needed, and shared with every other `RAG` of the process that names it.
    """

    def __init__(
        self,
        index: Index | str | None = None,
        *,
        model: str | Engine | Any | None = None,
        strategy: str | Strategy | None = None,
        budget: int | Budget | None = None,
        k: int | None = None,
        home: str | Path | None = None,
        prompts: str | Path | None = None,
        shots: int = 0,
        bank: str | None = None,
        temperature: float = 0.8,
    ) -> None:
        config = settings(
            home=home,
            model=model if isinstance(model, str) else None,
            strategy=strategy if isinstance(strategy, str) else None,
            k=k,
            prompts=prompts,
        )
        self._held = hold(config.model if model is None else model)
        self.strategy: Strategy = self._strategy(config.strategy if strategy is None else strategy)
        self.index = Index(index, home=home, must_exist=True) if index is None or isinstance(index, str) else index
        if isinstance(self.index, Index):
            _ = self.index.record  # raises for one that is not there, before a store for traces is made
        self.model, self.k, self.temperature = self._held.model, config.k, temperature
        self.shots, self.bank = shots, bank
        told = config.budget if budget is None else budget
        self._asked_budget = getattr(self.index, "recommended_budget", None) if told is None else told
        self.budget = self._budget(self._asked_budget, self.strategy)
        self.prompts = PromptLibrary(config.prompts)
        self.store = open_store(config)
        self.tracer = Tracer(self.store if config.trace else None, export=SpanExport() if config.otel else None)

    def _strategy(self, chosen: str | Strategy) -> Strategy:
        if not isinstance(chosen, str):
            return chosen
        return Extractive() if chosen == "auto" and self._held.none else make_strategy(chosen)

    @staticmethod
    def _budget(value: int | Budget | None, chosen: Strategy) -> Budget:
        """A Budget is taken as it is; with a number or None a strategy that needs samples draws its own number."""
        if isinstance(value, Budget):
            return value
        return replace(Budget.of(value), samples=getattr(chosen, "samples", 1))

    @property
    def engine(self) -> Engine | None:
        """The engine, loaded if it is not yet; None where no model is configured."""
        return self._held.get()

    async def _task(
        self,
        question: str,
        chosen: Strategy,
        *,
        budget: int | Budget | None,
        where: Mapping[str, Any] | None,
        k: int | None,
        seed: int | None = None,
        live: bool = True,
    ) -> Task:
        if not question.strip():
            raise UsageError("the question is empty; ask something")
        if k is not None and k < 1:
            raise UsageError(f"k={k} is below 1; read at least one passage")

        async def search(query: str, k: int) -> list[Hit]:
            return await asyncio.to_thread(self.index.search, query, k, where=where)

        async def chunks(document_id: str) -> list[Chunk]:
            return await asyncio.to_thread(self.index.chunks, document_id)

        engine = self._held.get() if self._held.ready else await asyncio.to_thread(self._held.get)
        spendable = self._budget(self._asked_budget if budget is None else budget, chosen)
        return Task(
            question=question,
            search=search,
            encoder=lambda: self.index.encoder,
            engine=engine,
            budget=spendable,
            k=self.k if k is None else k,
            spend=Spend(spendable),
            temperature=self.temperature,
            prompts=self.prompts,
            live=live,
            seed=seed,
            shots=self.shots,
            bank=self.bank,
            chunks=chunks if hasattr(self.index, "chunks") else None,
        )

    async def stream(
        self,
        question: str,
        *,
        budget: int | Budget | None = None,
        where: Mapping[str, Any] | None = None,
        strategy: str | Strategy | None = None,
        k: int | None = None,
        seed: int | None = None,
        live: bool = True,
        without: Sequence[Chunk] = (),
        history: Sequence[Turn] = (),
    ) -> AsyncGenerator[Event, None]:
        """Yield the events of one answer; the last is `Done`. Closing the iterator cancels the work.

        budget, strategy, k: instead of the pipeline's own. where: metadata filter of every search. seed: of sampling,
        where the engine takes one. live: pass text on as it comes; without it the engine works undisturbed. without:
        chunks that no search may find, nor their copies; the answer's notes tell. history: turns before the question,
        which is made to stand alone first, within the same budget; `answer.understood` is what became of it.

        A question that is nothing but small talk ("thanks") is answered as such: no search, no model, no trace.
        """
        chosen = self.strategy if strategy is None else self._strategy(strategy)
        polite = small_talk(question, before=history[-1].understood if history else "")
        if polite is not None:
            yield Token(polite)
            yield Done(Answer(question, polite, "answered", model=self.model, strategy=chosen.name, notes=(NOTE,)))
            return
        task = await self._task(question, chosen, budget=budget, where=where, k=k, seed=seed, live=live)
        if without:
            task = leave_out(task, without)
        recording = self.tracer.begin(task, index=self.index, where=where)
        task = await follow_up(recording.task, history) if history else recording.task
        async with closing(chosen.run(task)) as events:
            async for event in events:
                if isinstance(event, Done):
                    name = event.answer.strategy if chosen.name == "auto" else chosen.name
                    told = (f"asked without {len(without)} chunks and their copies",) if without else ()
                    notes = (*event.answer.notes, *told)
                    answer = replace(event.answer, model=self.model, strategy=name, notes=notes)
                    if task.asked:
                        notes = (f"understood as: {task.question}", *notes)
                        answer = replace(answer, question=task.asked, understood=task.question, notes=notes)
                    event = Done(recording.finish(answer))
                yield event

    async def aprepare(
        self,
        question: str,
        *,
        budget: int | Budget | None = None,
        where: Mapping[str, Any] | None = None,
        k: int | None = None,
    ) -> Reading:
        """Search and build the prompt that thinking strategies start from, without running it.

        `reading.prompt.ids` is what a natural thought is drawn after and forked on; `reading.packed.passages` are its
        passages. `aconclude` makes answers of the samples. Raises UsageError where no model is configured.
        """
        task = await self._task(question, self.strategy, budget=budget, where=where, k=k)
        template, native, more = await plan(task)
        return await read(task, await retrieve(task), template=template, thinking=native, **more)

    async def aconclude(self, question: str, reading: Reading, sample: Sample) -> Answer:
        """Make an answer of a sample drawn elsewhere for a prepared prompt: citations checked, abstention told."""
        task = await self._task(question, self.strategy, budget=Budget(), where=None, k=None)
        task.spend.hops, task.spend.left_out = 1, reading.packed.left_out
        task.spend.charge(sample)
        checked = await judge(task, sample.answer, reading.packed)
        async for event in conclude(task, reading, sample, checked):
            if isinstance(event, Done):
                return replace(event.answer, model=self.model, strategy=self.strategy.name)
        raise RuntimeError("a sample ended without an answer; please report this")

    async def aask(self, question: str, **options: Any) -> Answer:
        """Answer one question; options as in `stream`."""
        answer: Answer | None = None
        async for event in self.stream(question, **{"live": False, **options}):
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
            return await together([self.aask(q, **options) for q in questions])

        return loop.run(everything())

    def close(self) -> None:
        """Give the engine back; the last pipeline that uses it frees the model. A later question loads it again."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()
