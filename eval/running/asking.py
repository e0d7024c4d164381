"""A pipeline as the runner wants it: one question in, one sample's fields out, and everything that it depends on."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ragkit.catalogue import ENGINES
from ragkit.config import settings
from ragkit.engines.registry import choose
from ragkit.errors import EngineError
from ragkit.index import EVALUATION_PREFIX, Index, open_store
from ragkit.models.adapters import read_adapter
from ragkit.models.files import find_model, weights_hash
from ragkit.templates import PromptLibrary
from ragkit.types import Answer, Budget, to_plain

from ..sets.reading import Question, QuestionSet
from ..sets.relevance import gold_name
from .fingerprint import corpus_of, prompts_of
from .runner import SampleJob

__all__ = [
    "Asker",
    "IndexWatch",
    "Pipeline",
    "asking_of",
    "document_ids",
    "index_for",
    "index_name",
    "model_identity",
    "write_budget",
]


class Pipeline(Protocol):
    """What is evaluated: `ragkit.RAG`, or anything that answers like it."""

    async def aask(self, question: str, **options: Any) -> Answer: ...


class Asker:
    """Draws a sample from a pipeline; `seed` + the sample's number seeds it where the pipeline takes a seed."""

    def __init__(self, pipeline: Pipeline, *, budget: Budget | None = None, seed: int | None = None) -> None:
        self._pipeline, self._budget, self._seed = pipeline, budget, seed
        names = set(inspect.signature(getattr(pipeline, "stream", pipeline.aask)).parameters)
        self._takes = {name for name in ("seed", "live", "trace") if name in names}

    async def __call__(self, job: SampleJob) -> dict[str, Any]:
        answer = await self.ask(job.question.question, job.ordinal, job.question.meta.get("where"))
        if answer.status == "failed":  # neither right nor wrong: counted as failed, and asked again by a second run
            raise EngineError(answer.notes[-1] if answer.notes else answer.text)
        plain = answer.to_dict()
        del plain["question"]
        return {"answer": plain, "depth": len(answer.hits)}

    async def ask(self, question: str, ordinal: int, where: Mapping[str, Any] | None, **options: Any) -> Answer:
        """One answer, drawn as the sample of that number is."""
        if where:
            options["where"] = where
        if self._budget is not None:
            options["budget"] = self._budget
        if "seed" in self._takes and self._seed is not None:
            options["seed"] = self._seed + ordinal
        if "live" in self._takes:
            options["live"] = False
        return await self._pipeline.aask(question, **options)


class IndexWatch:
    """Says when the index is no longer what the run began with; costs one small query."""

    def __init__(self, index: Index) -> None:
        self._name, self._id = index.name, index.record.id
        self._store = open_store(settings(home=index.folder.parent))
        self._began = self._store.sequence(self._id)

    def __call__(self) -> str:
        now = self._store.sequence(self._id)
        return "" if now == self._began else f"index {self._name!r} changed during the run ({self._began} → {now})"


def asking_of(rag: Any, *, seed: int | None, samples: int, library: PromptLibrary | None = None) -> dict[str, Any]:
    """Everything about a `RAG` that could change its answers."""
    return {
        "model": model_identity(rag.model),
        "strategy": rag.strategy.name,
        "budget": to_plain(rag.budget),
        "k": rag.k,
        "sampling": {"seed": seed, "samples": samples, "temperature": getattr(rag, "temperature", None)},
        "prompts": prompts_of(library or getattr(rag, "prompts", None) or PromptLibrary(settings().prompts)),
        "corpus": corpus_of(rag.index),
    }


def model_identity(model: str) -> dict[str, str]:
    """The model's name and, for one on this machine, a hash that changes with its weights; its adapter's, if any."""
    choice = choose(model)
    if choice.kind == "extractive" or not ENGINES[choice.kind].needs:  # no files on this machine
        return {"name": model, "kind": choice.kind}
    known = {"name": model, "kind": choice.kind, "weights": weights_hash(find_model(choice.target))}
    return {**known, "adapter": read_adapter(choice.adapter).hash} if choice.adapter else known


def index_name(questions: str) -> str:
    """Name of the index that is made of the documents of the set of this name."""
    return f"{EVALUATION_PREFIX}{questions.replace(':', '-')}"[:64]


def index_for(questions: QuestionSet, name: str | None, *, home: str | Path | None = None) -> Index:
    """The index named, or one made of the set's own documents; unchanged documents are not embedded again."""
    if name is not None or questions.documents is None:
        return Index(name, home=home, must_exist=True)
    index = Index(index_name(questions.name), home=home)
    index.add(questions.documents)
    return index


def document_ids(index: Index, question: Question, k: int, options: Mapping[str, Any]) -> list[str]:
    """Documents of one search, best first, each once, under the names that the question's gold uses."""
    hits = index.search(question.question, k, where=question.meta.get("where"), **options)
    named = (gold_name(question.relevant, h.document_id, h.chunk.title, h.chunk.source) for h in hits)
    return list(dict.fromkeys(named))


def write_budget(index: Index, cap: int | str) -> None:
    """Store a budget of thinking tokens as the index's default; "natural" takes the default away."""
    store = open_store(settings(home=index.folder.parent))
    store.recommend_budget(index.name, None if isinstance(cap, str) else cap)
