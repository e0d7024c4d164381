"""Every strategy ends in one answer, cited, abstained, exhausted or failed, within its budget, whatever is written."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.engines.base import Request
from ragkit.errors import EngineTimeoutError, UsageError
from ragkit.reasoning import STRATEGIES, strategy
from ragkit.reasoning.strategies.auto import choose, looks_linked
from ragkit.reasoning.votes import vote_key
from ragkit.types import Answer, Budget, Cited, Retrieved, Thinking, Token
from tests.fakes import ScriptedEngine, finish, make_hits, make_task

MINE = ("direct", "cot", "self_consistency", "best_of_n", "auto")
QUESTION = "Where is Veltro based?"
HITS = make_hits("Ann works at Veltro.", "Veltro is based in Orm.", "Bread is baked in the morning.")
THOUGHT = "The employer of Ann is Veltro [1]. Veltro is based in Orm [2]."
GOOD = f"{THOUGHT}|The answer is Orm [2]."
NOT_KNOWN = "The answer is not in the documents."
KINDS: tuple[dict[str, Any], ...] = ({}, {"thinks": False}, {"ids": False})


async def answer(name: str, engine: ScriptedEngine, budget: Budget | int | None = None, **options: object) -> Answer:
    return (await finish(strategy(name), make_task(QUESTION, HITS, engine, budget, **options)))[0]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("name", MINE)
async def test_an_answer_comes_with_its_exact_quotation(name: str, kind: dict[str, bool], live: bool) -> None:
    got = await answer(name, ScriptedEngine(GOOD, **kind), live=live)
    assert (got.status, got.text) == ("answered", "The answer is Orm [1].")
    assert [(c.quote, c.start) for c in got.citations] == [("Veltro is based in Orm.", 5)]
    assert (got.ledger.hops, got.ledger.samples) == (1, 1)


@pytest.mark.parametrize("name", MINE)
async def test_streamed_tokens_and_citations_are_those_of_the_answer(name: str) -> None:
    got, events = await finish(strategy(name), make_task(QUESTION, HITS, ScriptedEngine(GOOD)))
    assert isinstance(events[0], Retrieved)
    assert "".join(e.text for e in events if isinstance(e, Token)) == got.text
    assert tuple(e.citation for e in events if isinstance(e, Cited)) == got.citations
    assert sum(e.tokens for e in events if isinstance(e, Thinking)) == got.ledger.thinking_tokens


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize(
    "said",
    [
        "The answer is not in the documents.",
        "Not in these documents.",
        "I don't know.",
        "The passages do not mention it.",
    ],
)
async def test_a_model_that_finds_nothing_is_an_abstention_with_the_nearest_hits(name: str, said: str) -> None:
    got = await answer(name, ScriptedEngine(said))
    assert (got.status, got.citations) == ("abstained", ())
    assert got.text and got.hits


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("said", ["", "   \n", "…", "la " * 30, "\ufffd\ufffd\ufffd a"])
async def test_garbled_output_is_a_failure_that_is_told_never_an_abstention(name: str, said: str) -> None:
    got = await answer(name, ScriptedEngine(f"|{said}"))
    assert (got.status, got.text) == ("failed", "The model gave no answer.")
    assert any(n.startswith("the model gave") for n in got.notes)


async def test_the_abstention_is_in_the_questions_language() -> None:
    task = make_task("Сколько стоит билет в оперу?", (), ScriptedEngine(""))
    assert (await finish(strategy("direct"), task))[0].text == "В этих документах ответа нет."


@pytest.mark.parametrize("name", MINE)
async def test_without_hits_no_model_is_asked(name: str) -> None:
    engine = ScriptedEngine(GOOD)
    got, _ = await finish(strategy(name), make_task(QUESTION, [], engine))
    assert (got.status, engine.history) == ("abstained", [])


budgets = st.builds(
    Budget,
    thinking_tokens=st.none() | st.integers(0, 40) | st.just(10**9),
    samples=st.integers(1, 5),
    hops=st.integers(1, 3),
    answer_tokens=st.integers(1, 12) | st.just(10**9),
    seconds=st.none() | st.sampled_from([0.0, 0.001, 30.0]),
)
scripts = st.lists(
    st.builds(
        lambda n, end: " ".join(["thought"] * n) + "|" + end,
        st.integers(0, 60),
        st.sampled_from(
            ["The answer is Orm [2].", "", "Not in these documents.", "x [9] " * 9, "Reasoning: Orm\nAnswer: Orm"]
        ),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MINE), budgets, scripts, st.booleans(), st.booleans())
def test_the_ledger_never_exceeds_any_budget(
    name: str, budget: Budget, script: list[str], thinks: bool, live: bool
) -> None:
    engine = ScriptedEngine(*script, thinks=thinks)
    got = asyncio.run(answer(name, engine, budget, live=live))
    ledger = got.ledger
    assert got.text.strip()
    assert budget.thinking_tokens is None or ledger.thinking_tokens <= budget.thinking_tokens
    assert ledger.samples <= budget.samples
    assert ledger.hops <= budget.hops
    assert ledger.answer_tokens <= budget.answer_tokens * budget.samples
    assert budget.seconds != 0 or (ledger.samples, got.status) == (0, "exhausted")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(0, 50))
def test_parallel_samples_share_one_thinking_budget(samples: int, cap: int) -> None:
    engine = ScriptedEngine("word " * 40 + "|The answer is Orm [2].")
    got = asyncio.run(answer("self_consistency", engine, Budget(thinking_tokens=cap, samples=samples)))
    assert got.ledger.thinking_tokens <= cap
    assert len(engine.history) == 1  # all say the same: one more than half decides
    assert engine.history[0].n == samples // 2 + 1 and engine.history[0].thinking_tokens == cap // samples


async def test_a_cut_thought_is_reported_and_still_answers() -> None:
    got = await answer("cot", ScriptedEngine(GOOD), budget=4)
    assert (got.ledger.thinking_tokens, got.ledger.ended, got.status) == (4, "forced", "answered")


async def test_reasoning_by_prompt_is_capped_on_tokens_too() -> None:
    engine = ScriptedEngine(THOUGHT, "The answer is Orm [2].", thinks=False)
    got = await answer("cot", engine, budget=5)
    assert (got.ledger.thinking_tokens, got.ledger.ended, got.ledger.samples) == (5, "forced", 1)
    assert engine.prompt.endswith("Answer:")
    assert got.text == "The answer is Orm [1]."


async def test_an_engine_without_budgets_says_so() -> None:
    got = await answer("cot", ScriptedEngine(GOOD, ids=False), budget=5)
    assert got.ledger.ended == "unsupported"
    assert (await answer("cot", ScriptedEngine(GOOD, ids=False))).ledger.ended == "natural"


async def test_reasoning_and_answer_of_a_message_model_are_taken_apart() -> None:
    said = "Reasoning: Ann works at Veltro [1]. Veltro is based in Orm [2].\nAnswer: Orm [2]."
    got, events = await finish(strategy("cot"), make_task(QUESTION, HITS, ScriptedEngine(said, ids=False)))
    assert got.text == "Orm [1]."
    assert "Ann works at Veltro" in got.thinking
    assert "".join(e.text for e in events if isinstance(e, Token)) == got.text


async def test_time_that_runs_out_gives_sentences_of_the_documents() -> None:
    engine = ScriptedEngine(GOOD, delay_s=5.0)
    got = await answer("cot", engine, Budget(seconds=0.05))
    assert got.status == "exhausted"
    assert got.text.strip()
    assert any("budget ran out" in n for n in got.notes)
    for citation in got.citations:
        assert citation.quote in {h.chunk.text for h in HITS}


async def test_an_engines_own_timeout_is_its_failure() -> None:
    class Silent(ScriptedEngine):
        async def generate(self, request: Request) -> list[object]:  # type: ignore[override]
            raise EngineTimeoutError("silent")

    with pytest.raises(EngineTimeoutError):
        await answer("direct", Silent(GOOD), live=False)


async def test_closing_the_stream_closes_the_engines_stream() -> None:
    engine = ScriptedEngine(GOOD)
    events = strategy("cot").run(make_task(QUESTION, HITS, engine))
    async for event in events:
        if isinstance(event, Thinking):
            break
    await events.aclose()  # type: ignore[attr-defined]
    assert engine.open_streams == 0


async def test_votes_count_what_is_said_not_how() -> None:
    engine = ScriptedEngine("It is Rome [1].", "The answer is Orm [2].", "Orm [2]", "It is based in Orm.", "Rome.")
    got = await answer("self_consistency", engine, Budget(samples=5))
    assert got.confidence == 0.75 and got.notes[0].startswith("3 of 4 samples agree; decided before the other 1")
    assert got.text == "The answer is Orm [1]." or got.text == "Orm [1]"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["Orm [2].", "Rome.", "Veltro.", NOT_KNOWN]), min_size=1, max_size=9))
def test_waves_choose_what_all_samples_would_have_chosen(script: list[str]) -> None:
    """And no wave is drawn that was not needed: with one sample less the vote could still have turned."""
    engine = ScriptedEngine(*script)
    got = asyncio.run(answer("self_consistency", engine, Budget(samples=len(script))))
    hurried = Budget(samples=len(script), seconds=60)
    whole = asyncio.run(answer("self_consistency", ScriptedEngine(*script), hurried))
    assert (got.text, got.status) == (whole.text, whole.status) and whole.ledger.samples == len(script)
    drawn = got.ledger.samples
    votes = Counter(vote_key(QUESTION, text) for text in script[: drawn - 1]).most_common(2)
    first, second, *_ = [*(n for _, n in votes), 0, 0]
    assert first - second <= len(script) - (drawn - 1)


@pytest.mark.parametrize("order", [("Orm [2].", "Rome."), ("Rome.", "Orm [2].")])
async def test_a_tie_goes_to_the_better_supported_whatever_came_first(order: tuple[str, str]) -> None:
    got = await answer("self_consistency", ScriptedEngine(*order), Budget(samples=2))
    assert (got.text, got.confidence) == ("Orm [1].", 0.5)


async def test_best_of_n_keeps_the_best_supported() -> None:
    engine = ScriptedEngine("It is Rome [3].", "The answer is Orm [2].", "Not in these documents.")
    got = await answer("best_of_n", engine, Budget(samples=3))
    assert got.text == "The answer is Orm [1]."


async def test_most_abstentions_win_over_one_guess() -> None:
    engine = ScriptedEngine("The answer is Orm [2].", "Not in these documents.", "Not in these documents.")
    for name in ("best_of_n", "self_consistency"):
        engine.queue = ["The answer is Orm [2].", "Not in these documents.", "Not in these documents."]
        assert (await answer(name, engine, Budget(samples=3))).status == "abstained"


async def test_samples_are_drawn_warm_and_a_single_one_greedily() -> None:
    engine = ScriptedEngine(GOOD)
    await answer("self_consistency", engine, Budget(samples=4))
    await answer("self_consistency", engine, Budget(samples=1))
    assert [r.temperature for r in engine.history] == [0.8, 0.0]


@pytest.mark.parametrize(
    ("budget", "question", "expected"),
    [
        (Budget(), "Who wrote Dune?", "cot"),
        (Budget(thinking_tokens=0), "Who wrote Dune?", "direct"),
        (Budget(samples=8), "Who wrote Dune?", "self_consistency"),
        (Budget(samples=8, thinking_tokens=0), "Who wrote Dune?", "best_of_n"),
        (Budget(hops=1), "Where is the seat of the employer of Ann?", "cot"),
    ],
)
def test_auto_chooses_by_question_and_budget(budget: Budget, question: str, expected: str) -> None:
    assert choose(make_task(question, HITS, ScriptedEngine(GOOD), budget))[0].name == expected


async def test_auto_says_what_it_chose_and_why() -> None:
    got = await answer("auto", ScriptedEngine(GOOD), budget=0)
    assert got.strategy == "direct"
    assert got.notes == ("strategy direct: 0 thinking tokens leave nothing to think with",)
    assert choose(make_task(QUESTION, HITS, None))[0].name == "extractive"


@pytest.mark.parametrize(
    ("question", "linked"),
    [
        ("Where is the employer of Ann based?", True),
        ("Who is the spouse of the head of Veltro?", True),
        ("What is the capital of the country where the Anser rises?", True),
        ("В каком городе находится завод, на котором работает Анна?", True),
        ("Хто керує відділом, який готує звіт?", True),
        ("Wer leitet die Firma, deren Sitz in Orm ist?", True),
        ("What is the capital of France?", False),
        ("When was the bridge opened?", False),
        ("Кто построил мельницу?", False),
    ],
)
def test_linked_questions_are_told_from_plain_ones(question: str, linked: bool) -> None:
    assert looks_linked(question) == linked


async def test_a_linked_question_is_searched_for_more_than_once() -> None:
    engine = ScriptedEngine(GOOD)
    assert choose(make_task("Who is the spouse of the head of Veltro?", HITS, engine))[0].name == "agent"
    few = ScriptedEngine(GOOD, ids=False)
    assert choose(make_task("Who is the spouse of the head of Veltro?", HITS, few))[0].name == "iterative"


def test_an_unknown_strategy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"unknown strategy 'guess'; known: auto, .*self_consistency.*agent"):
        strategy("guess")
    assert set(MINE) | {"extractive", "agent", "iterative"} == set(STRATEGIES)


async def test_a_strategy_without_a_model_says_what_is_missing() -> None:
    with pytest.raises(UsageError, match="needs a language model"):
        await finish(strategy("cot"), make_task(QUESTION, HITS, None))


async def test_a_question_that_fills_the_window_is_one_clear_line() -> None:
    engine = ScriptedEngine(GOOD, context_tokens=300)
    with pytest.raises(UsageError, match="fills the context of 300"):
        await finish(strategy("direct"), make_task("why " * 400, HITS, engine))


async def test_a_window_too_small_for_the_passages_counts_what_is_left_out() -> None:
    engine = ScriptedEngine(GOOD, context_tokens=420)
    hits = make_hits("Veltro is based in Orm.", *(f"{n} " + "filler words " * 40 for n in range(4)))
    got, _ = await finish(strategy("direct"), make_task(QUESTION, hits, engine))
    assert got.ledger.left_out > 0
    assert len(engine.history[-1].prompt_ids) + got.ledger.answer_tokens <= 420


async def test_examples_are_shown_when_asked_for() -> None:
    engine = ScriptedEngine("Reasoning: Orm [2].", "Orm [2].", thinks=False)
    await answer("cot", engine, shots=2)
    assert "Reasoning:" in engine._tokenizer.decode(engine.history[0].prompt_ids).split("user\n")[1]


async def test_examples_that_do_not_fit_are_left_out_with_a_note_and_the_passages_stay() -> None:
    engine = ScriptedEngine("Orm [2].", thinks=False, context_tokens=1600)
    got, _ = await finish(strategy("cot"), make_task(QUESTION, HITS, engine, shots=13))
    assert any("of 13 worked examples" in note for note in got.notes)
    assert got.ledger.left_out == 0
    assert got.citations


async def test_the_prompt_is_the_format_readers_are_trained_on() -> None:
    engine = ScriptedEngine(GOOD)
    await answer("cot", engine)
    assert engine.prompt.endswith(
        "user\n[1] Ann works at Veltro.\n[2] Veltro is based in Orm.\n[3] Bread is baked in the morning.\n\n"
        f"Question: {QUESTION}<end><think>"
    )
