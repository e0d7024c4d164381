"""The agent: it searches from fact to fact, is held to its budget, and is led out of every loop to an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.engines.base import Request, Sample
from ragkit.errors import EngineDeadError, EngineError, ToolCallError, UsageError
from ragkit.reasoning.strategies.agent import Agent
from ragkit.reasoning.tools.toolbox import Output
from ragkit.types import Answer, Budget, Chunk, Event, Retrieved, Token, ToolCall, ToolResult
from tests.fakes import ScriptedEngine, finish, make_hits
from tests.reasoning.reader import ABSTENTION, HITS, RuleEngine, call, calls, world_task

GOOD = "|The answer is Bo [1]."


async def ask(
    engine: ScriptedEngine, budget: Budget | int | None = None, agent: Agent | None = None, **options: Any
) -> tuple[Answer, list[Event]]:
    return await finish(agent or Agent(), world_task(engine, budget, **options))


def results(events: list[Event]) -> list[ToolResult]:
    return [e for e in events if isinstance(e, ToolResult)]


@pytest.mark.parametrize("live", [True, False])
async def test_it_searches_from_fact_to_fact_and_cites_what_it_found(live: bool) -> None:
    answer, events = await ask(RuleEngine(calls), live=live)
    assert [e.query for e in events if isinstance(e, Retrieved)] == ["Ann works", "Veltro based", "Orm mayor"]
    assert [r.text for r in results(events)] == [f"[{n}] {HITS[n - 1].chunk.text}" for n in (1, 2, 3)]
    assert (answer.status, answer.text) == ("answered", "The answer is Bo [1].")
    assert [c.quote for c in answer.citations] == ["Orm elected Bo as mayor."]
    assert (answer.ledger.hops, answer.ledger.tool_calls, answer.ledger.samples) == (3, 3, 1)
    assert "".join(e.text for e in events if isinstance(e, Token)) == answer.text


@pytest.mark.parametrize("hops", [1, 2])
async def test_without_hops_left_the_answer_comes_from_the_passages_held(hops: int) -> None:
    engine = RuleEngine(calls)
    answer, events = await ask(engine, Budget(hops=hops))
    assert answer.ledger.hops == hops
    assert len(results(events)) == hops
    assert answer.status in ("exhausted", "failed") and answer.text.strip()
    assert any("hops ran out" in note for note in answer.notes)


async def test_a_call_made_again_is_told_once_then_an_answer_is_forced() -> None:
    engine = ScriptedEngine(f"|{call('Orm mayor')}", f"|{call('orm  MAYOR')}", f"|{call('Orm mayor')}", GOOD)
    answer, events = await ask(engine, Budget(hops=9))
    assert [r.error for r in results(events)] == [False, True, True]
    assert "made before" in results(events)[1].text
    assert (answer.status, answer.text) == ("answered", "The answer is Bo [1].")
    assert any("repeated itself" in note for note in answer.notes)


async def test_an_endless_search_for_nothing_ends() -> None:
    queries = iter(range(10**6))
    engine = RuleEngine(lambda p: f"|{call(f'zzz{next(queries)}')}" if "Passages" not in p else GOOD)
    answer, _ = await ask(engine, Budget(hops=10**9))
    assert answer.text.strip()
    assert len(engine.history) < 12


async def test_a_broken_call_is_repaired_once_then_an_answer_is_forced() -> None:
    broken = '|<tool_call>{"name": "search", "arguments": {"query": </tool_call>'
    repaired, _ = await ask(ScriptedEngine(broken, f"|{call('Orm mayor')}", GOOD))
    assert (repaired.status, repaired.ledger.tool_calls) == ("answered", 1)
    forced, events = await ask(ScriptedEngine(f"|{call('Orm mayor')}", broken, broken, GOOD))
    assert (forced.status, forced.text) == ("answered", "The answer is Bo [1].")
    assert any("could not be read" in note for note in forced.notes)
    assert len(results(events)) == 1


async def test_a_server_that_reports_a_broken_call_is_asked_again_but_a_dead_one_is_not() -> None:
    class Failing(ScriptedEngine):
        error: type[EngineError] = ToolCallError

        async def generate(self, request: Request) -> list[Sample]:
            if len(self.history) == 0:
                self.history.append(request)
                raise self.error("the model called a tool with arguments that are no JSON")
            return await super().generate(request)

    answer, _ = await ask(Failing(f"|{call('Orm mayor')}", GOOD), live=False)
    assert answer.status == "answered"
    for error in (EngineDeadError, EngineError):
        dead = Failing(GOOD)
        dead.error = error
        with pytest.raises(error):
            await ask(dead, live=False)


async def test_unknown_tools_and_wrong_arguments_are_reported_to_the_model() -> None:
    engine = ScriptedEngine(f"|{call('x', name='browse')}{call('x', key='q')}", f"|{call('Orm mayor')}", GOOD)
    answer, events = await ask(engine)
    assert [r.text for r in results(events)][:2] == [
        "there is no tool 'browse'; known: search, calculator",
        "search: query is missing",
    ]
    assert (answer.status, answer.ledger.tool_calls) == ("answered", 3)


async def test_arguments_of_absurd_size_or_depth_are_reported_like_any_broken_call() -> None:
    async def chunks(_: str) -> list[Chunk]:
        return [h.chunk for h in HITS]

    far = f'<tool_call>{{"name": "open_document", "arguments": {{"passage": {"1" * 400}}}}}</tool_call>'
    deep = f'<tool_call>{{"name": "search", "arguments": {{"query": {"[" * 1000}'
    answer, events = await ask(ScriptedEngine(f"|{call('Orm mayor')}{far}", f"|{deep}", GOOD), chunks=chunks)
    assert [r.error for r in results(events)] == [False, True]
    assert results(events)[1].text.startswith("there is no passage 1111")
    assert (answer.status, answer.text, answer.ledger.tool_calls) == ("answered", "The answer is Bo [1].", 2)


async def test_parallel_calls_run_at_once_and_are_numbered_in_order() -> None:
    started = asyncio.Event()

    class Slow:
        name, description, retrieves = "slow", "waits for the other", False
        parameters: Mapping[str, Any] = {"type": "object"}

        async def run(self, arguments: Mapping[str, Any]) -> Output:
            if arguments:
                await asyncio.wait_for(started.wait(), 5)
            started.set()
            return Output("done")

    both = call("a", name="slow") + '<tool_call>{"name": "slow", "arguments": {}}</tool_call>'
    engine = ScriptedEngine(f"|{call('Orm mayor')}{call('Veltro based')}{both}", GOOD)
    answer, events = await ask(engine, agent=Agent([Slow()]))
    texts = [r.text for r in results(events)]
    assert texts == [f"[1] {HITS[2].chunk.text}", f"[2] {HITS[1].chunk.text}", "done", "done"]
    assert (answer.ledger.hops, answer.ledger.tool_calls) == (1, 4)
    assert len({e.id for e in events if isinstance(e, ToolCall)}) == 4


async def test_tools_that_raise_or_hang_do_not_stop_the_answer() -> None:
    class Bad:
        description, retrieves = "fails", False
        parameters: Mapping[str, Any] = {"type": "object"}

        def __init__(self, name: str) -> None:
            self.name = name

        async def run(self, arguments: Mapping[str, Any]) -> Output:
            if self.name == "hangs":
                await asyncio.sleep(60)
            raise RuntimeError("boom")

    engine = ScriptedEngine(f"|{call('Orm mayor')}{call('x', name='hangs')}{call('x', name='raises')}", GOOD)
    answer, events = await ask(engine, agent=Agent([Bad("hangs"), Bad("raises")], tool_seconds=0.05))
    assert [r.error for r in results(events)] == [False, True, True]
    assert results(events)[2].text == "RuntimeError: boom"
    assert answer.status == "answered"


async def test_no_tool_and_no_evidence_is_no_answer_the_question_is_searched() -> None:
    answer, events = await ask(ScriptedEngine("|The answer is Paris.", "|Veltro [1]."))
    assert sum(isinstance(e, Retrieved) for e in events) == 1
    assert "Paris" not in answer.text
    assert any("used no tool" in note for note in answer.notes)


async def test_a_calculation_alone_may_be_answered() -> None:
    engine = ScriptedEngine(f"|{call('6*7', name='calculator', key='expression')}", "|It is 42.")
    answer, events = await ask(engine)
    assert (results(events)[0].text, answer.text, answer.unsupported) == ("42", "It is 42.", ("It is 42.",))
    assert answer.ledger.hops == 0


async def test_what_a_tool_told_is_read_by_the_forced_answer_too() -> None:
    sums = f"{call('Ann works')}{call('6 * 7', 'calculator', 'expression')}"
    engine = RuleEngine(lambda p: "|The answer is 42." if "calculator: 42" in p else f"|{sums}")
    answer, _ = await ask(engine, Budget(hops=1))
    assert answer.text == "The answer is 42."
    assert answer.unsupported  # no passage says so


async def test_an_engine_without_tools_is_told_how_to_call_in_the_prompt() -> None:
    engine = RuleEngine(calls, ids=False)
    engine.capabilities = type(engine.capabilities)(streaming=True)
    answer, events = await ask(engine)
    assert '"name": "search"' in str(engine.history[0].messages[0]["content"])
    assert not any(r.tools for r in engine.history)
    assert (answer.text, len(results(events))) == ("The answer is Bo [1].", 3)


async def test_calls_go_to_servers_as_openai_writes_them() -> None:
    engine = RuleEngine(calls, ids=False)
    await ask(engine)
    turn, result = engine.history[1].messages[-2:]
    assert json.loads(turn["tool_calls"][0]["function"]["arguments"]) == {"query": "Ann works"}
    assert (result["role"], result["tool_call_id"]) == ("tool", turn["tool_calls"][0]["id"])
    assert [t["function"]["name"] for t in engine.history[0].tools] == ["search", "calculator"]


async def test_without_a_model_it_says_so() -> None:
    with pytest.raises(UsageError, match="needs a language model"):
        await finish(Agent(), world_task(None))  # type: ignore[arg-type]


async def test_a_full_window_ends_the_search() -> None:
    long = make_hits(*(f"fact{n} " + "more " * 60 for n in range(40)))
    queries = iter(range(10**6))
    engine = RuleEngine(lambda p: f"|{call(f'fact{next(queries)}')}", context_tokens=700)
    answer, _ = await ask(engine, Budget(hops=40), hits=long)
    assert answer.text.strip()
    assert all(len(r.prompt_ids) < 700 for r in engine.history)


budgets = st.builds(
    Budget,
    thinking_tokens=st.none() | st.integers(0, 80) | st.just(10**9),
    samples=st.integers(1, 3),
    hops=st.integers(1, 6) | st.just(10**9),
    answer_tokens=st.integers(1, 60) | st.just(10**9),
    seconds=st.none() | st.sampled_from([0.0, 0.001, 30.0]),
)
turns = st.sampled_from(
    [
        call("Orm mayor"),
        call("Veltro"),
        call("Ann"),
        call("a") * 12,
        call("1/0", "calculator", "expression"),
        call("x", "browse"),
        "<tool_call>{",
        "",
        "The answer is Bo [1].",
        "x [9] " * 9,
        ABSTENTION,
    ]
)
scripts = st.lists(
    st.builds(lambda n, end: f"{'thought ' * n}|{end}", st.integers(0, 40), turns), min_size=1, max_size=8
)


@settings(max_examples=150, deadline=None)
@given(budgets, scripts, st.booleans(), st.booleans())
def test_the_ledger_never_exceeds_any_budget(budget: Budget, script: list[str], thinks: bool, live: bool) -> None:
    task = world_task(ScriptedEngine(*script, thinks=thinks), budget, live=live)
    answer, events = asyncio.run(finish(Agent(), task))
    ledger = answer.ledger
    assert answer.text.strip()
    assert budget.thinking_tokens is None or ledger.thinking_tokens <= budget.thinking_tokens
    assert ledger.hops <= budget.hops
    assert ledger.samples <= budget.samples
    assert ledger.answer_tokens <= budget.answer_tokens
    assert ledger.tool_calls == len(results(events))
    assert budget.seconds != 0 or answer.status == "exhausted"
    assert "<tool_call>" not in answer.text
