"""A fork is what a run under the cap would have given, for every sample and every cap."""

from __future__ import annotations

import asyncio

import pytest

from ragkit.engines import Request
from ragkit.engines.base import Capabilities
from ragkit.engines.draws import Draw, Drawn
from ragkit.engines.fork import sweep
from ragkit.engines.tokenwise import TokenEngine

START, END, EOS, STEP, LENGTH = 0, 1, 2, 20, 5


class Tokenizer:
    think_start_id, think_end_id, context_tokens, stop_ids = START, END, 1000, (EOS,)

    def decode(self, ids: tuple[int, ...]) -> str:
        return " ".join(map(str, ids))

    def plain(self, text: str) -> str:
        return text


class SeededEngine(TokenEngine):
    """Thinks LENGTH steps; the answer is one id, made of the seed and of how many steps it was given."""

    name, capabilities = "seeded", Capabilities(budget=True, token_ids=True, seed=True)

    def __init__(self, *, single_pass: bool) -> None:
        self._tokenizer = Tokenizer()  # type: ignore[assignment]
        self.single_pass = single_pass

    async def draw(self, draw: Draw) -> Drawn:
        seed = draw.seed or 0
        if END in draw.prompt_ids:
            return Drawn((1000 * seed + draw.prompt_ids.count(STEP),), "stop", EOS)
        if draw.thinking_tokens is not None:
            steps = min(LENGTH, draw.thinking_tokens)
            return Drawn((*(STEP,) * steps, END, 1000 * seed + steps), "stop", EOS)
        if draw.max_tokens > LENGTH:
            return Drawn((STEP,) * LENGTH, "stop", END)
        return Drawn((STEP,) * draw.max_tokens, "length")


@pytest.mark.parametrize("single_pass", [False, True])
def test_every_sample_is_forked_into_what_a_run_under_the_cap_gives(single_pass: bool) -> None:
    engine, caps = SeededEngine(single_pass=single_pass), range(LENGTH + 3)
    request = Request(prompt_ids=(7,), n=3, seed=4, temperature=1.0)
    (forks,) = asyncio.run(sweep(engine, [request], caps))
    assert [f.natural.answer_ids for f in forks] == [(4005,), (5005,), (6005,)]
    for cap in caps:
        run = Request(prompt_ids=(7,), n=3, seed=4, temperature=1.0, thinking_tokens=cap)
        for fork, sample in zip(forks, asyncio.run(engine.generate(run)), strict=True):
            forked = fork.samples[cap]
            assert (forked.thinking_ids, forked.answer_ids) == (sample.thinking_ids, sample.answer_ids)
            assert forked.ended == sample.ended == ("natural" if cap > LENGTH else "forced")


def test_a_cap_that_the_thought_does_not_pass_draws_nothing() -> None:
    request = Request(prompt_ids=(7,))
    ((fork,),) = asyncio.run(sweep(SeededEngine(single_pass=False), [request], (LENGTH, LENGTH + 1)))
    assert (fork.cost.forced, fork.cost.reused) == (0, 2)
    assert fork.samples[LENGTH + 1] is fork.natural
