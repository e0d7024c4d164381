"""``budget="auto"``: the rule is the index's own, for its model; what comes out is what a run under that cap gives."""

from __future__ import annotations

import pytest

from ragkit.config import settings
from ragkit.errors import UsageError
from ragkit.index import Index, open_store
from ragkit.rag import RAG, flush_traces
from ragkit.rag.replay import budget_of
from ragkit.stopping import StoppingRule
from ragkit.types import Budget
from tests.fakes import ScriptedEngine, WordEncoder

QUESTION = "Where is Veltro based?"
SCRIPT = "Veltro is based in Orm.|Veltro is based in Orm [1]."


@pytest.fixture
def rag() -> RAG:
    index = Index("companies", encoder=WordEncoder())
    index.add([{"id": "a", "text": "Veltro is based in Orm."}])
    return RAG(index, model=ScriptedEngine(SCRIPT), strategy="cot", k=4)


def keep(rag: RAG, rule: StoppingRule) -> None:
    store = open_store(settings())
    store.set_settings(rag.index.record.id, {"stopping": rule.to_dict()})
    rag.index = Index("companies", encoder=WordEncoder())  # as the next process opens it
    _ = rag.index.record


def test_without_a_rule_it_says_how_to_get_one(rag: RAG) -> None:
    with pytest.raises(UsageError, match="ragkit eval sweep SET --index companies --auto --write-config"):
        rag.ask(QUESTION, budget="auto")


def test_the_rule_of_another_model_is_refused(rag: RAG) -> None:
    keep(rag, StoppingRule((0, 4), 1, 0.0, model="another"))
    with pytest.raises(UsageError, match="fitted with the model another, not scripted"):
        rag.ask(QUESTION, budget="auto")


def test_the_thought_stops_where_the_rule_says_so(rag: RAG) -> None:
    keep(rag, StoppingRule((0, 2, 4), 2, 0.5, model=rag.model, k=4))
    answer = rag.ask(QUESTION, budget="auto")
    assert (answer.text, answer.status) == ("Veltro is based in Orm [1].", "answered")
    assert (answer.ledger.thinking_tokens, answer.ledger.ended) == (2, "settled")
    capped = rag.ask(QUESTION, budget=2)
    assert answer.ledger.answer_tokens == 2 * capped.ledger.answer_tokens  # both that were drawn are paid for
    assert (answer.text, answer.thinking) == (capped.text, capped.thinking)


def test_a_hard_cap_stands_beside_it(rag: RAG) -> None:
    rule = StoppingRule((0, 2, 4), 3, 1.0, model=rag.model)
    answer = rag.ask(QUESTION, budget=Budget(thinking_tokens=1, stopping=rule))
    assert (answer.ledger.thinking_tokens, answer.ledger.ended) == (1, "forced")


def test_another_k_than_the_rule_was_fitted_with_is_told(rag: RAG) -> None:
    keep(rag, StoppingRule((0, 2, 4), 2, 0.0, model=rag.model, k=6))
    notes = rag.ask(QUESTION, budget="auto").notes
    assert any("fitted with k=6; with k=4 it promises nothing" in note for note in notes)
    assert not any("promises nothing" in note for note in rag.ask(QUESTION, budget="auto", k=6).notes)


@pytest.mark.parametrize("strategy", ["agent", "iterative", "self_consistency", "best_of_n"])
def test_strategies_that_think_more_than_once_take_a_number(rag: RAG, strategy: str) -> None:
    keep(rag, StoppingRule((0, 2), 1, 0.0, model=rag.model))
    with pytest.raises(UsageError, match="takes a number of tokens"):
        rag.ask(QUESTION, budget="auto", strategy=strategy)


def test_the_strategy_auto_thinks_once_under_it(rag: RAG) -> None:
    keep(rag, StoppingRule((0, 2), 1, 0.0, model=rag.model, k=4))
    linked = "Where is the employer of the founder of Veltro based?"
    answer = rag.ask(linked, budget="auto", strategy="auto")
    assert answer.strategy == "cot" and answer.ledger.ended == "settled"


def test_the_rule_an_answer_had_is_in_its_trace(rag: RAG) -> None:
    rule = StoppingRule((0, 2, 4), 2, 0.5, model=rag.model, k=4)
    keep(rag, rule)
    answer = rag.ask(QUESTION, budget="auto")
    flush_traces()
    assert budget_of(rag.store.traces.get(answer.trace_id)) == Budget(stopping=rule)
