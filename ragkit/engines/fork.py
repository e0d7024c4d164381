"""Budget forcing by forks: one natural thought, cut at many caps, a curve for little more than the price of one run.

A cap that the model is not told about is the same as cutting its natural thought. So for every cap b the prompt is
``prompt + thought[:b] + end marker`` and only the answer is drawn; a cap that the thought does not pass reuses the
natural answer. Nothing is generated twice, all points are paired, and the engine's prefix cache holds almost all of
every prompt already.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import CapabilityError, UsageError
from .base import Engine, Request, Sample, together
from .draws import Thought
from .tokenwise import TokenEngine

__all__ = ["Cost", "Fork", "fork", "sweep"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens drawn for a curve: the natural thought and answer once, and each forced answer once.

    reused: caps that took the natural answer. `prompt_tokens` and `cached_tokens` are those of the forced answers.
    """

    natural_tokens: int = 0
    forced_tokens: int = 0
    forced: int = 0
    reused: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0

    @property
    def tokens(self) -> int:
        """All tokens that were drawn."""
        return self.natural_tokens + self.forced_tokens

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f.name) + getattr(other, f.name) for f in dataclasses.fields(self)))


@dataclass(frozen=True, slots=True)
class Fork:
    """The natural sample, and the sample under each cap; for a cap above the thought it is the natural one itself."""

    natural: Sample
    samples: Mapping[int, Sample]
    cost: Cost


async def fork(engine: Engine, request: Request, natural: Sample, caps: Sequence[int], *, ordinal: int = 0) -> Fork:
    """Draw the answers of `natural` under each of `caps`; all at once, on the thought's own ids.

    `request` is the one that gave `natural`, as its sample number `ordinal`: the answers are drawn with that sample's
    seed. Raises CapabilityError for an engine without token ids.
    """
    if not isinstance(engine, TokenEngine) or not engine.capabilities.budget:
        raise CapabilityError(
            f"the engine {engine.name!r} cannot continue a thought by its ids; use vllm or transformers"
        )
    if any(cap < 0 for cap in caps):
        raise UsageError(f"cap {min(caps)} is below 0; 0 answers without a thought")
    seed = None if request.seed is None else request.seed + ordinal
    again = dataclasses.replace(
        request, prompt_ids=natural.prompt_ids, messages=(), tools=(), thinking_tokens=None, n=1, seed=seed
    )
    # a thought that was cut itself says nothing about longer ones, but up to its length it does
    length = len(natural.thinking_ids)
    cut = sorted({cap for cap in caps if cap < length})
    end = natural.end_ids or tuple(i for i in (engine.tokenizer.think_end_id,) if i is not None)
    drawn = await together(
        [engine.answer(again, Thought(natural.lead_ids, natural.thinking_ids[:cap], end, "forced")) for cap in cut]
    )
    # a run under a cap of just this length stops there, before the marker: the same ids, but it cannot tell
    under = {length: dataclasses.replace(natural, ended="forced"), **dict(zip(cut, drawn, strict=True))}
    cost = Cost(
        natural_tokens=natural.thinking_tokens + natural.answer_tokens,
        forced_tokens=sum(s.answer_tokens for s in drawn),
        forced=len(drawn),
        reused=len(set(caps)) - len(drawn),
        prompt_tokens=sum(s.prompt_tokens for s in drawn),
        cached_tokens=sum(s.cached_tokens for s in drawn),
    )
    return Fork(natural, {cap: under.get(cap, natural) for cap in sorted(set(caps))}, cost)


async def sweep(
    engine: Engine, requests: Sequence[Request], caps: Sequence[int], *, concurrency: int = 64
) -> list[list[Fork]]:
    """Draw each request naturally, then fork its samples while their prompts are still cached.

    Returns one list of forks for each request, one fork for each of its `n` samples. `concurrency` bounds the requests
    in flight, so that the cache is not overrun before the forks come.
    """
    gate = asyncio.Semaphore(concurrency)

    async def one(request: Request) -> list[Fork]:
        async with gate:
            naturals = await engine.generate(request)
            return await together([fork(engine, request, s, caps, ordinal=k) for k, s in enumerate(naturals)])

    return await together([one(r) for r in requests])
