"""`RAG`: one index, one engine, one strategy, wired together. All calls go through `stream`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

from ..asking import OPEN, Ask, Choices, K, checked_question
from ..config import settings
from ..engines.base import Engine, Sample, together
from ..index import Group, Index, open_index, open_store
from ..reasoning import strategy as make_strategy
from ..reasoning.answering import Reading, conclude, judge, read, retrieve
from ..reasoning.base import AS_USUAL, Drawing, Strategy, Task, closing
from ..reasoning.spending import Spend
from ..reasoning.strategies.cot import plan_prompt
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
from .stopping import stopping_rule
from .traces import Tracer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["RAG"]


class RAG:
    """Answers questions from one index, or from several at once.

    index: an `Index` or the name of one; a `Group`, a list of names or "a+b" for several. model: see `ragkit.engines`;
    "extractive" needs none; an engine or a langchain-core chat model is taken as it is. choices: what holds for every
    question that says nothing else, see `ragkit.asking.Ask`: strategy, budget, samples, k, where …; `ask` holds the
    same in one record. prompts: folder whose prompts override the shipped ones. shots, bank: worked examples shown to
    a model, and the JSONL file they come from. temperature: of answers that are drawn more than once.

    The model is loaded when it is first needed, and shared with every other `RAG` of the process that names it.
    Raises UsageError for a choice outside its limits.
    """

    def __init__(
        self,
        index: Index | Group | str | list[str] | tuple[str, ...] | None = None,
        ask: Ask = OPEN,
        *,
        model: str | Engine | BaseChatModel | None = None,
        home: str | Path | None = None,
        prompts: str | Path | None = None,
        shots: int = 0,
        bank: str | None = None,
        temperature: float = 0.8,
        **choices: Unpack[Choices],
    ) -> None:
        index, model = ask.index if index is None else index, ask.model if model is None else model
        config = settings(home=home, model=model if isinstance(model, str) else None, prompts=prompts)
        self._limits = config.limits
        self._held = hold(config.model if model is None else model)
        usual = Ask(strategy=config.strategy, budget=config.budget, k=config.k)
        self.asked = Ask(**choices).over(ask).over(usual).checked(self._limits)
        self.strategy: Strategy = self._strategy(self.asked)
        self.index: Index | Group
        if index is None or isinstance(index, (str, list, tuple)):
            self.index = open_index(index, home=home, must_exist=True)
        else:
            self.index = index
        if isinstance(self.index, (Index, Group)):
            _ = self.index.record  # raises for one that is not there, before a store for traces is made
        if self.asked.budget is None:
            self.asked = replace(self.asked, budget=getattr(self.index, "recommended_budget", None))
        self.model, self.temperature = self._held.model, temperature
        self.shots, self.bank = shots, bank
        self.prompts = PromptLibrary(config.prompts)
        self.store = open_store(config)
        self.tracer = Tracer(self.store if config.trace else None, export=SpanExport() if config.otel else None)

    @property
    def k(self) -> int:
        """Passages that an answer reads unless told otherwise."""
        return self.asked.k or K

    @property
    def budget(self) -> Budget:
        """What an answer may spend unless told otherwise."""
        return self._allowance(self.asked, self.strategy)

    def _strategy(self, ask: Ask) -> Strategy:
        chosen = ask.strategy or "auto"
        if not isinstance(chosen, str):
            return cast(Strategy, chosen)
        return Extractive() if chosen == "auto" and self._held.none else make_strategy(chosen)

    def _allowance(self, ask: Ask, chosen: Strategy) -> Budget:
        """A strategy that needs several samples draws its own number where none is chosen."""
        rule = stopping_rule(self.index, self.model, chosen.name) if ask.budget == "auto" else None
        return ask.allowance(getattr(chosen, "samples", 1), rule)

    def checked(self, ask: Ask) -> Ask:
        """A question's choices, the pipeline's own where they are open. Raises UsageError for one beyond its limits."""
        whole = ask.over(self.asked).checked(self._limits)
        self._allowance(whole, self._strategy(whole))  # raises for a name that is none, and an index without a rule
        return whole

    @property
    def engine(self) -> Engine | None:
        """The engine, loaded if it is not yet; None where no model is configured."""
        return self._held.get()

    async def _task(
        self, question: str, ask: Ask, chosen: Strategy, *, seed: int | None = None, live: bool = True
    ) -> Task:
        """ask: what `checked` made."""
        where = ask.where

        async def search(query: str, k: int) -> list[Hit]:
            return await asyncio.to_thread(self.index.search, query, k, where=where)

        async def chunks(document_id: str) -> list[Chunk]:
            return await asyncio.to_thread(self.index.chunks, document_id)

        engine = self._held.get() if self._held.ready else await asyncio.to_thread(self._held.get)
        spendable = self._allowance(ask, chosen)
        return Task(
            question=question,
            search=search,
            encoder=lambda: self.index.encoder,
            engine=engine,
            budget=spendable,
            k=ask.k or self.k,
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
        ask: Ask = OPEN,
        *,
        seed: int | None = None,
        drawing: Drawing = AS_USUAL,
        live: bool = True,
        without: Sequence[Chunk] = (),
        history: Sequence[Turn] = (),
        **choices: Unpack[Choices],
    ) -> AsyncGenerator[Event, None]:
        """Yield the events of one answer; the last is `Done`. Closing the iterator cancels the work.

        choices: instead of the pipeline's own; `ask` holds the same in one record, whose index and model chose the
        pipeline and are passed over. seed: of sampling, where the engine takes one. drawing: temperature and top_p
        instead of the strategy's own. live: pass text on as it comes; without it the engine works undisturbed.
        without: chunks that no search may find, nor their copies; the answer's notes tell. history: turns before the
        question, which is made to stand alone first, within the same budget; `answer.understood` is what became of it.

        A question that is nothing but small talk ("thanks") is answered as such: no search, no model, no trace.
        """
        checked_question(question)
        whole = self.checked(Ask(**choices).over(ask))
        chosen = self.strategy if whole.strategy == self.asked.strategy else self._strategy(whole)
        polite = small_talk(question, before=history[-1].understood if history else "")
        if polite is not None:
            yield Token(polite)
            yield Done(Answer(question, polite, "answered", model=self.model, strategy=chosen.name, notes=(NOTE,)))
            return
        task = await self._task(question, whole, chosen, seed=seed, live=live)
        task = replace(task, drawing=drawing)
        if without:
            task = leave_out(task, without)
        recording = self.tracer.begin(task, index=self.index, where=whole.where)
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

    async def aprepare(self, question: str, **choices: Unpack[Choices]) -> Reading:
        """Search and build the prompt that thinking strategies start from, without running it.

        `reading.prompt.ids` is what a natural thought is drawn after and forked on; `reading.packed.passages` are its
        passages. `aconclude` makes answers of the samples. Raises UsageError where no model is configured.
        """
        task = await self._task(question, self.checked(Ask(**choices)), self.strategy)
        template, native, more = await plan_prompt(task)
        return await read(task, await retrieve(task), template=template, thinking=native, **more)

    async def aconclude(self, question: str, reading: Reading, sample: Sample) -> Answer:
        """Make an answer of a sample drawn elsewhere for a prepared prompt: citations checked, abstention told."""
        task = await self._task(question, self.checked(Ask(budget=Budget())), self.strategy)
        task.spend.hops, task.spend.left_out = 1, reading.packed.left_out
        task.spend.charge(sample)
        checked = await judge(task, sample.answer, reading.packed)
        async for event in conclude(task, reading, sample, checked):
            if isinstance(event, Done):
                return replace(event.answer, model=self.model, strategy=self.strategy.name)
        raise RuntimeError("a sample ended without an answer; please report this")

    async def aask(self, question: str, ask: Ask = OPEN, **options: Any) -> Answer:
        """Answer one question; options as in `stream`."""
        answer: Answer | None = None
        async for event in self.stream(question, ask, **{"live": False, **options}):
            if isinstance(event, Done):
                answer = event.answer
        if answer is None:
            raise RuntimeError(f"strategy {self.strategy.name!r} ended without an answer; please report this")
        return answer

    def ask(self, question: str, ask: Ask = OPEN, **options: Any) -> Answer:
        """Answer one question; options as in `stream`."""
        return loop.run(self.aask(question, ask, **options))

    def events(self, question: str, ask: Ask = OPEN, **options: Any) -> Iterator[Event]:
        """`stream` for callers without an event loop."""
        return loop.iterate(self.stream(question, ask, **options))

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
