"""The pipeline wires index, engine and strategy: one engine for all, options for each question, one implementation."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

import ragkit
from ragkit.engines.base import Engine, Request, Sample
from ragkit.errors import NotFoundError, PromptError, UsageError
from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.rag import engines as rag_engines
from ragkit.types import Budget, Done, Thinking, Token
from tests.fakes import ScriptedEngine, WordEncoder

QUESTION = "Where is Veltro based?"
SCRIPT = "Veltro is based in Orm.|Veltro is based in Orm [1]."


@pytest.fixture
def index() -> Index:
    index = Index("companies", encoder=WordEncoder())
    index.add(
        [
            {"id": "a", "text": "Veltro is based in Orm.", "metadata": {"team": "one"}},
            {"id": "b", "text": "Kesta is based in Lind.", "metadata": {"team": "two"}},
        ]
    )
    return index


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[ScriptedEngine]:
    """Engines that model strings open, in order."""
    made: list[ScriptedEngine] = []

    def open_engine(model: str, **_: object) -> Engine:
        made.append(ScriptedEngine(SCRIPT))
        return made[-1]

    monkeypatch.setattr(rag_engines, "open_engine", open_engine)
    return made


def test_an_engine_of_ones_own_answers_and_is_not_closed(index: Index) -> None:
    engine = ScriptedEngine(SCRIPT)
    with RAG(index, model=engine, strategy="cot", budget=50) as rag:
        answer = rag.ask(QUESTION)
    assert (answer.text, answer.model, answer.strategy) == ("Veltro is based in Orm [1].", "scripted", "cot")
    cited = answer.citations[0]
    assert index.document(cited.document_id).text[cited.start : cited.end] == cited.quote
    assert not engine.closed


def test_pipelines_share_one_engine_and_the_last_closes_it(index: Index, opened: list[ScriptedEngine]) -> None:
    first, second = RAG(index, model="tiny/model"), RAG(index, model="tiny/model", strategy="direct")
    assert opened == []
    first.ask(QUESTION)
    second.batch([QUESTION] * 3)
    assert len(opened) == 1
    first.close()
    assert not opened[0].closed
    second.close()
    assert opened[0].closed
    assert second.ask(QUESTION).status == "answered"
    assert len(opened) == 2
    second.close()


def test_options_of_one_question_leave_the_pipeline_as_it_was(index: Index) -> None:
    engine = ScriptedEngine(SCRIPT)
    rag = RAG(index, model=engine, strategy="cot")
    many = rag.ask(QUESTION, strategy="self_consistency")
    assert (many.strategy, many.ledger.samples) == ("self_consistency", 5)  # of 8: five that agree decide the vote
    few = rag.ask(QUESTION, strategy="self_consistency", budget=Budget(samples=2, thinking_tokens=3))
    assert (few.ledger.samples, few.ledger.thinking_tokens) == (2, 2)
    assert rag.ask(QUESTION, where={"team": "two"}).hits[0].document_id == "b"
    assert len(rag.ask(QUESTION, k=1).hits) == 1
    assert rag.ask(QUESTION, budget=0).ledger.thinking_tokens == 0
    assert rag.ask(QUESTION).strategy == "cot"
    assert "Veltro is based in Orm." in rag.ask(QUESTION, strategy="extractive").text


def test_wrong_options_are_refused_with_one_line(index: Index) -> None:
    rag = RAG(index, model=ScriptedEngine(SCRIPT))
    with pytest.raises(UsageError, match="question is empty"):
        rag.ask("  ")
    with pytest.raises(UsageError, match="k=0"):
        rag.ask(QUESTION, k=0)
    with pytest.raises(UsageError, match="unknown strategy 'guess'"):
        RAG(index, strategy="guess")
    with pytest.raises(UsageError, match="int is no model"):
        RAG(index, model=7)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="needs a language model"):
        RAG(index, strategy="cot").ask(QUESTION)
    with pytest.raises(NotFoundError, match="no index named"):
        RAG("nowhere")


def test_without_a_model_the_sentences_answer(index: Index) -> None:
    answer = RAG(index).ask(QUESTION)
    assert (answer.strategy, answer.model) == ("extractive", "extractive")
    assert answer.citations[0].quote == "Veltro is based in Orm."


def test_a_langchain_chat_model_answers(index: Index) -> None:
    from langchain_core.language_models.fake_chat_models import FakeListChatModel

    rag = RAG(index, model=FakeListChatModel(responses=["Veltro is based in Orm [1]."]), strategy="direct", budget=64)
    answer = rag.ask(QUESTION)
    assert (answer.text, answer.ledger.ended) == ("Veltro is based in Orm [1].", "unsupported")


def test_events_stream_pieces_and_end_with_done(index: Index) -> None:
    rag = RAG(index, model=ScriptedEngine(SCRIPT), strategy="cot")
    events = list(rag.events(QUESTION))
    assert sum(isinstance(e, Thinking) for e in events) > 1
    assert sum(isinstance(e, Token) for e in events) > 1
    done = events[-1]
    assert isinstance(done, Done)
    assert "".join(e.text for e in events if isinstance(e, Token)) == done.answer.text


def test_leaving_early_cancels_the_engine(index: Index) -> None:
    engine = ScriptedEngine(SCRIPT)
    rag = RAG(index, model=engine, strategy="cot")
    events = rag.events(QUESTION)
    assert any(isinstance(event, Thinking) for event in events)
    assert engine.open_streams == 1
    events.close()  # type: ignore[attr-defined]
    assert engine.open_streams == 0


async def test_concurrent_answers_equal_sequential_ones(index: Index) -> None:
    rag = RAG(index, model=ScriptedEngine(SCRIPT, delay_s=0.01), strategy="cot")
    together = await asyncio.gather(*(rag.aask(QUESTION) for _ in range(32)))
    alone = [await rag.aask(QUESTION) for _ in range(3)]
    assert {a.text for a in together} == {a.text for a in alone}
    assert {a.citations for a in together} == {a.citations for a in alone}


async def test_a_prepared_prompt_is_the_one_that_is_asked_and_concludes_alike(index: Index) -> None:
    engine = ScriptedEngine(SCRIPT)
    rag = RAG(index, model=engine, strategy="cot")
    reading = await rag.aprepare(QUESTION)
    asked = await rag.aask(QUESTION)
    assert engine.history[-1].prompt_ids == reading.prompt.ids
    (sample,) = await engine.generate(Request(prompt_ids=reading.prompt.ids))
    concluded = await rag.aconclude(QUESTION, reading, sample)
    assert (concluded.text, concluded.citations, concluded.thinking) == (asked.text, asked.citations, asked.thinking)


def test_a_folder_of_prompts_overrides_the_shipped_ones(index: Index, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    own = tmp_path / "mine" / "answer.md"
    own.write_text(
        "---\nname: answer\nversion: 7\ndescription: mine\nvariables: passages, question\n---\n"
        "# user\nMINE {{ passages }} {{ question }}\n"
    )
    engine = ScriptedEngine(SCRIPT)
    RAG(index, model=engine, strategy="direct", prompts=tmp_path / "mine").ask(QUESTION)
    assert "MINE [1]" in engine.prompt
    own.write_text(own.read_text().replace("variables: passages, question", "variables: passages, question, mood"))
    with pytest.raises(PromptError, match="declares the variables"):
        RAG(index, model=engine, strategy="direct", prompts=tmp_path / "mine").ask(QUESTION)


def test_public_ask_answers_from_the_named_index(monkeypatch: pytest.MonkeyPatch, opened: list[ScriptedEngine]) -> None:
    from ragkit.rag import once

    once._pipeline.cache_clear()
    monkeypatch.setattr("ragkit.index.held.encoder_named", lambda name: WordEncoder(name))
    Index("notes").add([{"id": "a", "text": "Veltro is based in Orm."}])
    answers = [ragkit.ask(QUESTION, index="notes", model="tiny/model", budget=b) for b in (0, 5, None)]
    assert [a.status for a in answers] == ["answered"] * 3
    assert len(opened) == 1
    once._pipeline.cache_clear()


def test_budget_that_a_sweep_recommended_is_the_default_of_its_index() -> None:
    index = Index("swept", encoder=WordEncoder())
    index.add([{"id": "a", "text": "The mill is in Orvik."}])
    index._store.set_settings(index.record.id, {"budget": 96})
    assert RAG("swept").budget.thinking_tokens == 96
    assert RAG("swept", budget=7).budget.thinking_tokens == 7
    assert RAG(index).budget.thinking_tokens is None  # opened before the sweep


def test_a_batch_with_a_bad_question_leaves_nothing_running(index: Index) -> None:
    answered: list[str] = []

    class Slow(ScriptedEngine):
        async def generate(self, request: Request) -> list[Sample]:
            await asyncio.sleep(0.2)
            answered.append("answered")
            return await super().generate(request)

    rag = RAG(index, model=Slow(SCRIPT), strategy="direct")
    with pytest.raises(UsageError, match="empty"):
        rag.batch([QUESTION, " ", QUESTION])
    time.sleep(0.4)
    assert not answered
