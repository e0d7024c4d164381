"""Rounds of retrieval: what is missing is searched for, evidence is kept, and every end is an answer."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.reasoning.strategies.iterative import Iterative
from ragkit.reasoning.strategies.missing import asks_to_search, next_query
from ragkit.types import Answer, Budget, Event, Retrieved, Token
from tests.fakes import ScriptedEngine, finish, make_hits
from tests.reasoning.reader import ABSTENTION, QUESTION, RuleEngine, reads, world_task


async def ask(engine: ScriptedEngine, budget: Budget | int | None = None, k: int = 1) -> tuple[Answer, list[Event]]:
    return await finish(Iterative(), world_task(engine, budget, k=k))


@pytest.mark.parametrize(("hops", "status"), [(1, "abstained"), (2, "abstained"), (3, "answered"), (9, "answered")])
async def test_each_hop_finds_the_next_fact(hops: int, status: str) -> None:
    answer, events = await ask(RuleEngine(reads), Budget(hops=hops))
    queries = [e.query for e in events if isinstance(e, Retrieved)]
    assert answer.status == status
    assert queries == [QUESTION, "seat of Veltro", "mayor of Orm"][: len(queries)]
    assert answer.ledger.hops == len(queries) == min(hops, len(queries))
    assert answer.ledger.samples == 1


async def test_passages_keep_their_numbers_over_rounds() -> None:
    engine = RuleEngine(reads)
    answer, _ = await ask(engine)
    prompts = [engine.tokenizer.decode(r.prompt_ids) for r in engine.history]
    lines = [[line for line in p.splitlines() if line.startswith("[")] for p in prompts]
    for earlier, later in pairwise(lines):
        assert later[: len(earlier)] == earlier
    assert (answer.text, [c.quote for c in answer.citations]) == ("The answer is Bo [1].", ["Orm elected Bo as mayor."])


async def test_only_the_answer_is_streamed_never_a_round_that_lacked_something() -> None:
    answer, events = await ask(RuleEngine(reads))
    assert "".join(e.text for e in events if isinstance(e, Token)) == answer.text == "The answer is Bo [1]."


async def test_a_query_that_was_made_before_ends_the_rounds() -> None:
    engine = ScriptedEngine(f"The price of tea is not given.|{ABSTENTION}")
    answer, events = await ask(engine, Budget(hops=50), k=3)
    assert answer.status == "abstained"
    assert sum(isinstance(e, Retrieved) for e in events) <= 2
    assert len(engine.history) <= 2


async def test_a_search_line_is_followed_and_never_becomes_the_answer() -> None:
    engine = ScriptedEngine("SEARCH: Veltro based", "SEARCH: Veltro based", "It is Orm [2].", thinks=False)
    answer, _ = await ask(engine)
    assert "SEARCH" not in answer.text
    assert answer.text == "It is Orm [1]."
    assert "SEARCH" not in engine.prompt  # the last prompt offers no search


async def test_a_round_whose_time_runs_out_ends_in_sentences_of_the_documents() -> None:
    answer, _ = await ask(RuleEngine(reads, delay_s=5.0), Budget(seconds=0.05))
    assert answer.status == "exhausted"
    assert answer.text.strip()


async def test_passages_that_do_not_fit_are_counted_over_all_rounds() -> None:
    long = make_hits(*(f"Ann works at Veltro {n} " + "and more " * 40 for n in range(12)))
    engine = RuleEngine(reads, context_tokens=900)
    answer, _ = await finish(Iterative(), world_task(engine, 20, hits=long, k=12))
    assert answer.ledger.left_out > 0
    assert all(len(r.prompt_ids) < 900 for r in engine.history)


@pytest.mark.parametrize(
    ("thought", "said", "query"),
    [
        ("The employer of Ann is Veltro [1]. The seat of Veltro is not given.", ABSTENTION, "seat of Veltro"),
        ("Ренлекс: город — не указано.", "Ответа нет в документах.", "Ренлекс город"),
        ("", "The passages do not mention the age of Ann.", "age of Ann"),
        ("Ann works at Veltro [1].", ABSTENTION, f"Ann works at Veltro. {QUESTION}".strip(" ?")),
        ("", "SEARCH: seat of Veltro", "seat of Veltro"),
        ("The seat of Veltro is not given.", "The answer is Orm [2].", None),
        ("", ABSTENTION, None),
    ],
)
def test_what_is_missing_becomes_the_query(thought: str, said: str, query: str | None) -> None:
    found = next_query(QUESTION, thought, said)
    assert (found or "").replace(" .", ".") == (query or "")


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_query_is_one_visible_line(thought: str, said: str) -> None:
    query = next_query(QUESTION, thought, said)
    assert query is None or (query.strip() and len(query.splitlines()) == 1 and len(query) <= 400)
    assert asks_to_search(f"SEARCH: {said}") != ""


budgets = st.builds(
    Budget,
    thinking_tokens=st.none() | st.integers(0, 80) | st.just(10**9),
    samples=st.integers(1, 3),
    hops=st.integers(1, 6) | st.just(10**9),
    answer_tokens=st.integers(1, 60) | st.just(10**9),
    seconds=st.none() | st.sampled_from([0.0, 0.001, 30.0]),
)
scripts = st.lists(
    st.builds(
        lambda n, last, end: f"{'thought ' * n}{last}|{end}",
        st.integers(0, 40),
        st.sampled_from(["", "The seat of Veltro is not given.", "The mayor of Orm is not given."]),
        st.sampled_from([ABSTENTION, "", "SEARCH: Orm", "The answer is Bo [1].", "x [9] " * 9]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=120, deadline=None)
@given(budgets, scripts, st.booleans(), st.booleans())
def test_the_ledger_never_exceeds_any_budget(budget: Budget, script: list[str], thinks: bool, live: bool) -> None:
    task = world_task(ScriptedEngine(*script, thinks=thinks), budget, live=live)
    answer, _ = asyncio.run(finish(Iterative(), task))
    ledger = answer.ledger
    assert answer.text.strip()
    assert budget.thinking_tokens is None or ledger.thinking_tokens <= budget.thinking_tokens
    assert ledger.hops <= budget.hops
    assert ledger.samples <= budget.samples
    assert ledger.answer_tokens <= budget.answer_tokens
    assert budget.seconds != 0 or answer.status == "exhausted"
