"""A limit in seconds: thinking ends while there is time to answer, and every answer comes within it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.engines.base import Request
from ragkit.reasoning import strategy
from ragkit.reasoning.spending import Spend
from ragkit.types import Answer, Budget, Event, Thinking
from tests.fakes import ScriptedEngine, finish, make_hits, make_task
from tests.reasoning.reader import RuleEngine, calls, reads, world_task
from tests.virtual import run, virtual_time

HITS = make_hits("Ann works at Veltro.", "Veltro is based in Orm.")
LONG = " ".join(["hm"] * 300) + "|The answer is Orm [2]."
STRATEGIES = ["direct", "cot", "self_consistency", "best_of_n", "iterative", "agent", "auto"]


def slow(script: str, seconds_a_word: float, **options: bool) -> ScriptedEngine:
    return ScriptedEngine(script, delay_s=10 * seconds_a_word, **options)


def timed(name: str, engine: ScriptedEngine, budget: Budget, **options: bool) -> tuple[Answer, float]:
    """The answer, and the seconds it took by the loop's own clock."""

    async def work() -> Answer:
        task = make_task("Where is the employer of Ann based?", HITS, engine, budget, **options)
        return (await finish(strategy(name), task))[0]

    return run(work())


@pytest.mark.parametrize("live", [True, False])
def test_a_slow_thought_is_closed_in_time_for_its_answer(live: bool) -> None:
    engine = slow(LONG, 0.01)
    answer, seconds = timed("cot", engine, Budget(seconds=1.5), live=live)
    assert (answer.status, answer.text) == ("answered", "The answer is Orm [1].")
    assert answer.ledger.ended == "forced" and 0 < answer.ledger.thinking_tokens < 300
    assert answer.thinking.startswith("hm hm") and seconds <= 1.5
    first, last = engine.history
    taken = len(last.prompt_ids) - len(first.prompt_ids) - 1  # the thought's own ids, then the marker that closes it
    assert taken == answer.ledger.thinking_tokens and last.thinking_tokens == 0
    assert answer.ledger.prompt_tokens == len(first.prompt_ids) and engine.open_streams == 0


def test_a_thought_that_ends_in_time_is_left_alone() -> None:
    engine = ScriptedEngine("Veltro is based in Orm [2].|The answer is Orm [2].")
    answer, _ = timed("cot", engine, Budget(seconds=30))
    assert (answer.status, answer.ledger.ended, len(engine.history)) == ("answered", "natural", 1)


@pytest.mark.parametrize("name", ["self_consistency", "best_of_n"])
def test_samples_drawn_side_by_side_are_closed_in_time_too(name: str) -> None:
    answer, seconds = timed(name, slow(LONG, 0.01), Budget(seconds=1.5, samples=3, thinking_tokens=600))
    assert answer.status == "answered" and answer.ledger.samples == 3 and seconds <= 1.5
    assert 0 < answer.ledger.thinking_tokens <= 600


def test_reasoning_by_prompt_leaves_time_for_the_answer() -> None:
    class Two(ScriptedEngine):
        """Reasons at length, and answers once "Answer:" stands there."""

        def _next(self, request: Request):  # type: ignore[no-untyped-def]
            done = self._tokenizer.decode(request.prompt_ids).endswith("Answer:")
            self.queue = ["The answer is Orm [2]." if done else " ".join(["hm"] * 300)]
            return super()._next(request)

    answer, seconds = timed("cot", Two("", delay_s=0.1, thinks=False), Budget(seconds=1.5))
    assert (answer.status, answer.text) == ("answered", "The answer is Orm [1].") and seconds <= 1.5
    assert 0 < answer.ledger.thinking_tokens < 600 and answer.thinking


@pytest.mark.parametrize(("name", "rule"), [("iterative", reads), ("agent", calls)])
def test_rounds_end_in_time_for_a_last_reading(name: str, rule: Callable[[str], str]) -> None:
    """Each turn takes 0.6 s: there is time for one or two, and then for the answer, which is not found."""
    engine = RuleEngine(rule, delay_s=0.3)

    async def work() -> Answer:
        return (await finish(strategy(name), world_task(engine, Budget(seconds=1.5, hops=50))))[0]

    answer, seconds = run(work())
    assert answer.text.strip() and seconds <= 1.5 and 1 <= answer.ledger.hops < 3
    assert len(engine.history) >= 2 and engine.history[-1].seconds is not None


def test_a_slower_engine_has_more_time_kept_for_its_answer() -> None:
    with virtual_time():
        spend = Spend(Budget(seconds=100.0, answer_tokens=512))
        assert spend.seconds_to_think == pytest.approx(100 - 0.1 - 20)
        spend.pace(10, 5.0)
        assert spend.seconds_to_think == pytest.approx(100 - 0.1 - 1.25 * 0.5 * 64)
        spend.pace(10, 500.0)
        assert spend.seconds_to_think == pytest.approx(100 - 0.1 - 60)
        assert Spend(Budget()).seconds_to_think is None and Spend(Budget(seconds=0)).seconds_to_think == 0


@settings(max_examples=20, deadline=None)
@given(
    name=st.sampled_from(STRATEGIES),
    seconds=st.sampled_from([0.0, 0.05, 0.3, 0.6]),
    pace=st.sampled_from([0.0, 0.003, 0.05, 5.0]),
    script=st.sampled_from([LONG, "|Orm [2].", "hm|", "hm|" + "Orm " * 200, 'hm|<tool_call>{"name": "search"']),
    thinks=st.booleans(),
    live=st.booleans(),
)
def test_however_slow_the_engine_there_is_an_answer_within_the_deadline(
    name: str, seconds: float, pace: float, script: str, thinks: bool, live: bool
) -> None:
    engine = slow(script, pace, thinks=thinks)
    answer, took = timed(name, engine, Budget(seconds=seconds, samples=2), live=live)
    assert answer.text.strip() and answer.status in {"answered", "abstained", "exhausted", "failed"}
    assert took <= seconds + 1e-6
    assert engine.open_streams == 0


def test_what_was_thought_is_seen_once() -> None:
    async def work() -> tuple[Answer, list[Event]]:
        task = make_task("Where is the employer of Ann based?", HITS, slow(LONG, 0.01), Budget(seconds=1.5))
        return await finish(strategy("cot"), task)

    (answer, events), _ = run(work())
    told = [e for e in events if isinstance(e, Thinking)]
    assert "".join(e.text for e in told) == answer.thinking
    assert sum(e.tokens for e in told) == answer.ledger.thinking_tokens > 0
