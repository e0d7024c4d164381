"""A thought ends when its answer has settled: never beyond its cap, with the answer that a run under that cap gives."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import pytest

from ragkit.engines import Request
from ragkit.engines.base import Capabilities, Delta, Sample
from ragkit.engines.draws import Draw, Drawn
from ragkit.engines.settling import can_settle, until_settled
from ragkit.stopping import StoppingRule

from .test_fork import END, EOS, STEP, SeededEngine

LENGTH, KNOWN, SURE = 40, 12, 24


class SettlingEngine(SeededEngine):
    """Thinks LENGTH steps. Its answer changes until KNOWN steps; it is sure of it from SURE steps on."""

    capabilities = Capabilities(budget=True, token_ids=True, seed=True, logprobs=True)

    def __init__(self, *, slow_after: int = LENGTH + 1) -> None:
        super().__init__(single_pass=False)
        self.steps_drawn, self.slow_after = 0, slow_after

    async def draw(self, draw: Draw) -> Drawn:
        steps = draw.prompt_ids.count(STEP)
        if END in draw.prompt_ids:
            sure = math.log(0.99 if steps >= SURE else 0.6)
            return Drawn((1000 + min(steps, KNOWN),), "stop", EOS, logprobs=(sure,), top_logprobs=({},))
        more = min(LENGTH - steps, draw.max_tokens)
        self.steps_drawn += more
        if steps + more > self.slow_after:
            await asyncio.sleep(60)
        done = steps + more == LENGTH and draw.max_tokens > more
        return Drawn((STEP,) * more, "stop" if done else "length", END if done else None)


def settle(rule: StoppingRule, engine: SettlingEngine | None = None, **fields: object) -> tuple[str, Sample]:
    async def run() -> tuple[str, Sample]:
        told = ""
        request = replace(Request(prompt_ids=(7,)), **fields)  # type: ignore[arg-type]
        async for item in until_settled(engine or SettlingEngine(), request, rule, lambda text: text):
            if isinstance(item, Delta):
                told += item.text if item.thinking else ""
            else:
                return told, item
        raise AssertionError("no sample")

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("agree", "probability", "stops"),
    [(2, 0.5, 16), (3, 0.5, 20), (1, 0.9, 24), (2, 0.9, 24), (2, 0.995, None)],
)
def test_it_stops_at_the_first_checkpoint_where_the_rule_says_so(
    agree: int, probability: float, stops: int | None
) -> None:
    engine = SettlingEngine()
    told, sample = settle(StoppingRule(tuple(range(0, LENGTH, 4)), agree, probability), engine)
    assert (len(sample.thinking_ids), sample.ended) == ((stops, "settled") if stops else (LENGTH, "natural"))
    assert sample.thinking_tokens == engine.steps_drawn == len(sample.thinking_ids)  # no step of thought is drawn twice
    assert told.split() == sample.thinking.split() == [str(STEP)] * sample.thinking_tokens
    asked = Request(prompt_ids=(7,), thinking_tokens=stops)
    (capped,) = asyncio.run(SettlingEngine().generate(asked))
    assert (sample.thinking_ids, sample.answer_ids) == (capped.thinking_ids, capped.answer_ids)
    assert sample.answer_tokens == (LENGTH // 4 + 1 if stops is None else stops // 4 + 1)  # every answer is paid for


@pytest.mark.parametrize("cap", [0, 3, 4, 10, LENGTH, LENGTH + 5])
def test_the_cap_stays_hard(cap: int) -> None:
    _, sample = settle(StoppingRule((0, 4, 8), 3, 1.0), thinking_tokens=cap)
    assert sample.thinking_tokens == min(cap, LENGTH)
    assert sample.ended == ("natural" if cap > LENGTH else "forced")


def test_when_time_runs_out_the_last_answer_stands() -> None:
    _, sample = settle(StoppingRule((8, 16, 24), 3, 1.0), SettlingEngine(slow_after=16), seconds=0.5)
    assert (sample.thinking_tokens, sample.answer_ids) == (16, (1000 + KNOWN,))
    assert sample.remarks == ("time ran out: the answer is that of the last checkpoint",)


def test_without_any_answer_the_time_out_is_the_caller_s() -> None:
    with pytest.raises(TimeoutError):
        settle(StoppingRule((8,), 1, 1.0), SettlingEngine(slow_after=4), seconds=0.1)


def test_only_single_greedy_answers_of_engines_with_ids_settle() -> None:
    engine, request = SettlingEngine(), Request(prompt_ids=(7,))
    assert can_settle(engine, request)
    assert not can_settle(engine, replace(request, n=2))
    assert not can_settle(engine, replace(request, temperature=0.5))
    assert not can_settle(SeededEngine(single_pass=False), request)  # it tells no probabilities
