"""Think until the answer has settled: a thought drawn from checkpoint to checkpoint, with its answer drawn at each.

Every step is one request under a hard cap, on the prompt and the thought so far, so its ids are those of a single
capped run and nearly all of its prompt is in the engine's prefix cache. The answer at the checkpoint where the rule
stops *is* the answer; those before it are the price of knowing, and the last Sample counts them as answer tokens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from ..stopping import Probe, StoppingRule, probability
from ..types import Ended
from .base import Delta, Engine, Request, Sample

__all__ = ["can_settle", "until_settled"]


def can_settle(engine: Engine, request: Request) -> bool:
    """Whether the engine can go on with a thought by its ids, and tell how probable an answer is."""
    can = engine.capabilities
    alone = request.n == 1 and not request.temperature and not request.tools
    return bool(request.prompt_ids) and can.token_ids and can.budget and can.logprobs and alone


async def until_settled(
    engine: Engine, request: Request, rule: StoppingRule, key: Callable[[str], str]
) -> AsyncIterator[Delta | Sample]:
    """Yield the thought in pieces, and last the Sample with its answer and with what all answers took.

    key: what an answer votes for. `request.thinking_tokens` stays the hard cap, `request.seconds` the deadline of all;
    when it passes after a checkpoint, the answer there is the Sample's, with a remark. Raises TimeoutError before one.
    """
    tok, cap, began = engine.tokenizer, request.thinking_tokens, time.perf_counter()
    request = replace(request, logprobs=max(1, request.logprobs))
    prompt = request.prompt_ids
    lead: tuple[int, ...] = ()
    thought: tuple[int, ...] = ()
    probes: list[Probe] = []
    last: Sample | None = None
    told, answers, cut = "", 0, 0
    ended: Ended = "forced"
    for step in [*(c for c in rule.checkpoints if cap is None or c < cap), cap]:
        seconds = None if request.seconds is None else request.seconds - (time.perf_counter() - began)
        left = None if step is None else step - len(thought)
        now = replace(request, prompt_ids=(*prompt, *lead, *thought), thinking_tokens=left, seconds=seconds)
        try:
            async with asyncio.timeout(seconds):
                sample = (await engine.generate(now))[0]
        except TimeoutError:
            if last is None:
                raise
            last = replace(last, remarks=(*last.remarks, "time ran out: the answer is that of the last checkpoint"))
            break
        lead = lead or sample.lead_ids
        thought += sample.thinking_ids
        answers, cut = answers + sample.answer_tokens, cut + sample.cut
        last = sample
        text = tok.decode(thought).rstrip("\ufffd")  # the first bytes of a character wait for its last
        yield Delta(text[len(told) :], True, sample.thinking_ids, len(sample.thinking_ids))
        told = text
        probes.append(Probe(key(sample.answer), probability(sample.logprobs)))
        if sample.ended == "natural":
            ended = "natural"
            break
        if step != cap and rule.settled(probes):
            ended = "settled"
            break
    assert last is not None
    if last.answer:
        yield Delta(last.answer, False, last.answer_ids, last.answer_tokens)
    yield replace(
        last,
        thinking=tok.decode(thought),
        thinking_ids=thought,
        lead_ids=lead,
        thinking_tokens=len(thought),
        answer_tokens=answers,
        ended=ended,
        prompt_ids=prompt,
        prompt_tokens=len(prompt),
        cut=cut,
    )
