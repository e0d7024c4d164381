"""Every answer leaves a trace that replays and differs; switched off it leaves nothing; it never costs an answer."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from ragkit import RAG, Index
from ragkit.errors import MissingDependencyError, StoreError, UsageError
from ragkit.rag import flush_traces
from ragkit.rag.replay import budget_of, differences, replay_calls
from ragkit.rag.traces import chunk_hash
from ragkit.rag.writer import TraceWriter
from ragkit.store import Store, TraceRecord
from ragkit.types import Answer, Budget, Retrieved
from tests.fakes import WordEncoder

from .scripted import ScriptedEngine


@pytest.fixture
def index(home: Path) -> Index:
    made = Index("handbook", encoder=WordEncoder())
    made.add({"id": "travel", "title": "Travel", "text": "The finance director approves travel over 2,000 euros."})
    return made


def traced(rag: RAG, question: str = "Who approves travel?", **options: Any) -> tuple[Answer, TraceRecord]:
    answer = rag.ask(question, **options)
    flush_traces()
    return answer, rag.store.traces.get(answer.trace_id)


def test_trace_knows_the_models_adapter_by_its_hash(index: Index) -> None:
    engine = ScriptedEngine("The finance director [1].")
    engine.adapter = "0123456789abcdef"  # type: ignore[attr-defined]
    assert traced(RAG(index, model=engine))[1].record["adapter"] == "0123456789abcdef"
    assert traced(RAG(index))[1].record["adapter"] == ""


def test_trace_holds_what_shaped_the_answer(index: Index) -> None:
    engine = ScriptedEngine("The finance director [1].")
    rag = RAG(index, model=engine, strategy="cot", budget=2)
    answer, trace = traced(rag, where={"source": answer_source(index)})
    assert (trace.question, trace.status, trace.strategy) == ("Who approves travel?", answer.status, "cot")
    assert trace.index_id == index.record.id
    assert trace.thinking_tokens == answer.ledger.thinking_tokens
    record = trace.record
    assert json.loads(json.dumps(record)) == record
    assert record["index"] == {
        "name": "handbook",
        "encoder": "words-32",
        "fingerprint": "fingerprint-of-words-32",
        "sequence": 1,
    }
    (search,) = record["searches"]
    text = index.chunks("travel")[0].text
    assert search["hits"][0]["hash"] == chunk_hash(text)
    assert record["calls"][0]["request"]["messages"][-1]["content"].count("finance director") == 1
    assert record["calls"][0]["samples"][0]["answer"] == "The finance director [1]."
    assert record["prompts"]
    assert all(len(p["hash"]) == 64 for p in record["prompts"].values())
    assert record["versions"]["ragkit"]
    assert record["answer"]["text"] == answer.text
    assert budget_of(trace).thinking_tokens == 2


def answer_source(index: Index) -> str:
    return index.documents()[0].source


def test_switched_off_it_leaves_nothing(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_TRACE", "false")
    rag = RAG(index)
    assert rag.ask("Who approves travel?").trace_id == ""
    flush_traces()
    assert rag.store.traces.newest() == []


def test_trace_of_a_dropped_index_does_not_bring_it_back(index: Index) -> None:
    rag = RAG(index)
    rag.ask("Who approves travel?")
    store = rag.store
    index.drop()
    flush_traces()
    assert store.indexes() == []
    assert store.traces.newest() == []


def test_same_question_twice_differs_in_nothing(index: Index) -> None:
    rag = RAG(index, model=ScriptedEngine("The finance director [1]."), strategy="direct")
    (_, a), (_, b) = traced(rag), traced(rag)
    assert differences(a, b) == []


def test_causes_of_a_difference_come_before_its_effects(index: Index) -> None:
    rag = RAG(index, model=ScriptedEngine("The finance director [1].", "The chief [1]."), strategy="direct")
    _, a = traced(rag)
    index.add({"id": "rail", "title": "Rail", "text": "Travel by rail is approved by the chief."})
    _, b = traced(rag, k=2)
    found = {d.what: d for d in differences(a, b)}
    assert [w for w in found if w in ("k", "index.sequence", "passages", "text")] == [
        "k",
        "index.sequence",
        "passages",
        "text",
    ]
    assert found["passages"].before == []
    assert found["passages"].after[0].startswith("Rail 0-40")
    assert any(w.startswith("call 1 sample 1 answer from 4") for w in found)


async def test_recorded_calls_sent_again_tell_whether_the_engine_is_the_same(index: Index) -> None:
    rag = RAG(index, model=ScriptedEngine("The finance director [1]."), strategy="direct")
    answer = await rag.aask("Who approves travel?")
    await asyncio.to_thread(flush_traces)
    trace = rag.store.traces.get(answer.trace_id)
    (same,) = await replay_calls(trace, ScriptedEngine("The finance director [1]."))
    (other,) = await replay_calls(trace, ScriptedEngine("The chief [1]."))
    assert (same.same, other.same, other.after) == (True, False, "The chief [1].")
    plain = RAG(index)
    answer = await plain.aask("Who approves travel?")
    await asyncio.to_thread(flush_traces)
    with pytest.raises(UsageError, match="without --exact"):
        await replay_calls(plain.store.traces.get(answer.trace_id), ScriptedEngine())


async def test_answer_that_is_stopped_leaves_no_trace(index: Index) -> None:
    rag = RAG(index)
    async with aclosing(rag.stream("Who approves travel?")) as events:
        assert isinstance(await anext(events), Retrieved)
    await asyncio.to_thread(flush_traces)
    assert rag.store.traces.newest() == []


def record(name: str) -> TraceRecord:
    from datetime import UTC, datetime

    return TraceRecord(name * 32, None, datetime.now(UTC), "?", "answered", "m", "direct", 0, 0.0, {})


def test_putting_does_not_wait_for_the_disk_and_many_are_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    batches: list[int] = []
    started, released = threading.Event(), threading.Event()

    class Slow:
        def put(self, traces: list[TraceRecord]) -> None:
            batches.append(len(traces))
            started.set()
            released.wait(5)

    monkeypatch.setattr(Store, "traces", Slow())
    writer = TraceWriter(store, gather_s=0)
    writer.put(lambda: record("a"))
    assert started.wait(5)
    for name in "bcdef":
        writer.put(lambda name=name: record(name))  # type: ignore[misc]
    assert not writer.flush(timeout_s=0.01)
    released.set()
    assert writer.flush()
    assert batches == [1, 5]


def test_trace_that_cannot_be_stored_is_said_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    writer = TraceWriter(store, gather_s=0)

    def full() -> TraceRecord:
        raise StoreError("the disk is full")

    def broken() -> TraceRecord:
        raise KeyError("inside")

    with caplog.at_level(logging.WARNING, "ragkit"):
        for make in (full, broken, lambda: record("a")):
            writer.put(make)
            assert writer.flush()
    assert writer.lost == 2
    assert "the disk is full" in caplog.text
    assert [t.id for t in store.traces.newest()] == ["a" * 32]


def test_spans_hold_numbers_and_no_texts(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    monkeypatch.setenv("RAGKIT_OTEL", "true")
    engine = ScriptedEngine("The finance director [1].")
    answer = RAG(index, model=engine, strategy="direct").ask("Who approves travel?", budget=Budget(thinking_tokens=0))
    spans: dict[str, Any] = {s.name: s for s in kept.get_finished_spans()}
    assert set(spans) == {"ragkit.answer", "ragkit.search", "chat"}
    whole = spans["ragkit.answer"]
    assert whole.attributes["ragkit.trace_id"] == answer.trace_id
    assert whole.attributes["gen_ai.usage.output_tokens"] == 4
    for name in ("chat", "ragkit.search"):
        assert spans[name].parent.span_id == whole.context.span_id
        assert whole.start_time <= spans[name].start_time <= spans[name].end_time <= whole.end_time
    assert "director" not in str([dict(s.attributes) for s in spans.values()])


def test_export_without_the_package_names_the_extra(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.setenv("RAGKIT_OTEL", "true")
    with pytest.raises(MissingDependencyError, match=r"ragkit\[otel\]"):
        RAG(index)
