"""`ragkit plan`: what a model needs, what fits, and how to run it, from its ``config.json`` alone.

Weights and cache are exact sums (`engines.facts`); what the runtime needs besides is a stated allowance. The plan takes
as few devices as hold the model, spreads experts where there are any, and says what it had to give up and why.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from .engines.facts import ModelFacts, read_facts
from .engines.registry import find_model
from .errors import NotFoundError, UsageError

__all__ = ["Plan", "plan", "plan_for", "render"]

GIB = float(2**30)
MEMORY_SHARE = 0.9
RUNTIME_GIB = 1.5
"""Per GPU, for activations, CUDA graphs and the libraries themselves."""
LEAST_CONTEXT = 2048
ONLINE_QUANTIZATION = (("fp8", 1.0), ("bitsandbytes", 0.56))
ENCODER_BYTES = 4 * 22_700_000
"""all-MiniLM-L6-v2 in float32."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run a model. gpus 0 means CPU. `sequences` is how many full windows the cache holds at once.

    `index_bytes` is a flat float32 FAISS index of `chunks` vectors of `dim` numbers, in main memory.
    """

    model: str
    facts: ModelFacts
    gpus: int
    memory_gib: float
    fits: bool
    tensor_parallel: int
    pipeline_parallel: int
    data_parallel: int
    expert_parallel: bool
    quantization: str | None
    context_tokens: int
    sequences: float
    weight_bytes: int
    cache_bytes: int
    encoder_bytes: int
    index_bytes: int
    chunks: int
    dim: int
    downgrades: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def devices(self) -> int:
        """GPUs that one copy of the model takes."""
        return self.tensor_parallel * self.pipeline_parallel if self.gpus else 0


def plan(
    model: str,
    *,
    gpus: int = 0,
    memory_gib: float | None = None,
    context_tokens: int | None = None,
    chunks: int = 100_000,
    dim: int = 384,
) -> Plan:
    """Plan for a model on this machine: a folder, a name in the cache, or "nano". Nothing is downloaded or loaded.

    memory_gib: of each GPU, or of the machine without one (default: its memory). context_tokens: the window wanted.
    Raises NotFoundError if the model's ``config.json`` is not here, UsageError if it is not a decoder's.
    """
    folder: str | Path = find_model(model) if model == "nano" else model
    facts = read_facts(folder)
    if facts is None:
        raise NotFoundError(
            f"no config.json of a decoder for {model!r} on this machine; name its folder, or fetch that one file with: "
            f"hf download {model} config.json"
        )
    return plan_for(
        model, facts, gpus=gpus, memory_gib=memory_gib, context_tokens=context_tokens, chunks=chunks, dim=dim
    )


def plan_for(
    model: str,
    facts: ModelFacts,
    *,
    gpus: int = 0,
    memory_gib: float | None = None,
    context_tokens: int | None = None,
    chunks: int = 100_000,
    dim: int = 384,
) -> Plan:
    """Plan for given facts; see `plan`."""
    if gpus < 0 or chunks < 0 or dim < 1:
        raise UsageError(f"gpus={gpus}, chunks={chunks}, dim={dim}: counts below their least; give 0, 0 and 1 or more")
    if gpus and memory_gib is None:
        raise UsageError(f"gpus={gpus} without their memory; add the GiB of one of them (--memory 24)")
    memory = _machine_gib() if memory_gib is None else memory_gib
    wanted = min(context_tokens or facts.context_tokens, facts.context_tokens)
    base = Plan(
        model=model,
        facts=facts,
        gpus=gpus,
        memory_gib=memory,
        fits=False,
        tensor_parallel=1,
        pipeline_parallel=1,
        data_parallel=1,
        expert_parallel=False,
        quantization=facts.quantization,
        context_tokens=0,
        sequences=0.0,
        weight_bytes=facts.weight_bytes,
        cache_bytes=0,
        encoder_bytes=ENCODER_BYTES,
        index_bytes=chunks * dim * 4,
        chunks=chunks,
        dim=dim,
    )
    layouts = _layouts(facts, gpus) if gpus else [(1, 1)]
    for weights, method, why in _weights(facts, on_gpu=bool(gpus)):
        for least in (wanted, LEAST_CONTEXT):
            for tensor, pipeline in layouts:
                found = _try(base, weights, method, tensor, pipeline, wanted=wanted, least=min(least, wanted))
                if found is not None:
                    return replace(found, downgrades=(*why, *found.downgrades))
    return replace(base, remedy=_remedy(base))


def render(plan: Plan) -> str:
    """Return the plan as lines for a terminal."""
    f = plan.facts
    active = f" ({_billions(f.active_parameters)} per token, {f.experts} experts)" if f.experts else ""
    where = f"{plan.gpus} GPU x {plan.memory_gib:g} GiB" if plan.gpus else f"CPU with {plan.memory_gib:.0f} GiB"
    rows = [
        ("model", f"{plan.model} ({f.architecture})"),
        ("parameters", _billions(f.total_parameters) + active),
        ("weights", f"{_size(plan.weight_bytes)}" + (f" as {plan.quantization}" if plan.quantization else "")),
        ("cache", f"{f.kv_bytes_per_token / 1024:.1f} KiB per token"),
        ("encoder", _size(plan.encoder_bytes)),
        ("index", f"{_size(plan.index_bytes)} for {plan.chunks:,} chunks of {plan.dim} numbers, flat"),
        ("machine", where),
    ]
    if plan.fits:
        rows += [
            ("fits", "yes"),
            ("context", f"{plan.context_tokens:,} tokens, {plan.sequences:.1f} full windows at once"),
            ("parallel", _parallel(plan)),
        ]
    else:
        rows += [("fits", "no"), ("remedy", plan.remedy)]
    rows += [("downgraded", text) for text in plan.downgrades]
    return "\n".join(f"{name:<11}{text}" for name, text in rows)


def _weights(facts: ModelFacts, *, on_gpu: bool) -> list[tuple[int, str | None, tuple[str, ...]]]:
    """Ways to hold the weights, best first: as they are, then quantised while loading (GPUs only)."""
    ways: list[tuple[int, str | None, tuple[str, ...]]] = [(facts.weight_bytes, facts.quantization, ())]
    if on_gpu and facts.quantization is None:
        full = _size(facts.weight_bytes)
        for method, each in ONLINE_QUANTIZATION:
            size = int(facts.total_parameters * each)
            why = f"weights to {method} ({_size(size)}), for {full} leave no room for the cache"
            ways.append((size, method, (why,)))
    return ways


def _layouts(facts: ModelFacts, gpus: int) -> list[tuple[int, int]]:
    """Pairs (tensor, pipeline), fewest devices first; the tensor part must divide the heads."""
    pairs = [
        (tensor, pipeline)
        for tensor in range(1, gpus + 1)
        for pipeline in range(1, gpus // tensor + 1)
        if facts.heads % tensor == 0 and (facts.kv_heads % tensor == 0 or tensor % facts.kv_heads == 0)
        if pipeline <= facts.layers
    ]
    return sorted(pairs, key=lambda p: (p[0] * p[1], p[1]))


def _try(
    base: Plan, weights: int, method: str | None, tensor: int, pipeline: int, *, wanted: int, least: int
) -> Plan | None:
    """Return the plan for one layout, None if it leaves no room for `least` tokens."""
    facts, devices = base.facts, tensor * pipeline
    if base.gpus:
        room = devices * (base.memory_gib * MEMORY_SHARE - RUNTIME_GIB) * GIB - weights
    else:
        room = base.memory_gib * MEMORY_SHARE * GIB - 2 * GIB - weights - base.encoder_bytes - base.index_bytes
    # beyond one head per device the heads are copied, and latent attention (one head) is copied from the start
    copies = max(1, tensor // max(1, facts.kv_heads))
    tokens = int(room / (facts.kv_bytes_per_token * copies)) if room > 0 else 0
    if tokens < least:
        return None
    context = min(wanted, tokens)
    down: tuple[str, ...] = ()
    if context < wanted:
        down = (f"context from {wanted:,} to {context:,} tokens, for the cache of a longer one does not fit",)
    return replace(
        base,
        fits=True,
        tensor_parallel=tensor,
        pipeline_parallel=pipeline,
        data_parallel=max(1, base.gpus // devices),
        expert_parallel=bool(facts.experts) and tensor > 1,
        quantization=method,
        context_tokens=context,
        sequences=tokens / context,
        weight_bytes=weights,
        cache_bytes=int(room),
        downgrades=down,
    )


def _remedy(base: Plan) -> str:
    need = base.weight_bytes / GIB / MEMORY_SHARE
    if base.gpus:
        return f"more GPUs or a smaller model: the weights alone want about {need:.0f} GiB in 16 bits"
    return f"a machine with {need + 4:.0f} GiB or more, a GPU, or a smaller model"


def _parallel(plan: Plan) -> str:
    if not plan.gpus:
        return "none (one process on the CPU)"
    parts = [f"tensor {plan.tensor_parallel}", f"pipeline {plan.pipeline_parallel}"]
    if plan.data_parallel > 1:
        parts.append(f"data {plan.data_parallel}")
    if plan.expert_parallel:
        parts.append("experts spread")
    return ", ".join(parts)


def _machine_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB


def _billions(count: int) -> str:
    return f"{count / 1e9:.2f} billion" if count >= 10**8 else f"{count / 1e6:.2f} million"


def _size(count: float) -> str:
    return f"{count / GIB:.2f} GiB" if count >= GIB / 10 else f"{count / 2**20:.1f} MiB"
