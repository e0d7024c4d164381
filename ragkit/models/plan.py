"""What a model needs, what fits, and how to run it, from its ``config.json`` alone.

Weights and cache are sums of its fields (`models.facts`); what the runtime needs besides is a stated allowance. On
GPUs the plan takes as few devices as hold the model and spreads experts where there are any; on a CPU it does what the
vLLM engine would do (`models.cpu_cache`). It says what it had to give up and why.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from ..errors import NotFoundError, UsageError
from . import cpu_cache
from .adapters import split_model
from .cpu_cache import GIB
from .facts import ModelFacts, cpu_dtype, find_config, load_facts
from .files import find_model
from .known import find_known, known_models
from .quantized import BITSANDBYTES_4BIT

__all__ = ["Plan", "fitting", "plan", "plan_for", "size"]

MEMORY_SHARE = 0.9
RUNTIME_GIB = 1.5
"""Per GPU, for activations, CUDA graphs and the libraries themselves."""
ONLINE_QUANTIZATION = (("fp8", 1.0), ("bitsandbytes", BITSANDBYTES_4BIT))
ENCODER_BYTES = 4 * 22_700_000
"""all-MiniLM-L6-v2 in float32."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run a model. gpus 0 means CPU. `sequences` is how many full windows the cache holds at once.

    dtype: what the engine loads the weights as; "auto" is 16 bits, or as they are quantised.
    index_bytes: a flat float32 FAISS index of `chunks` vectors of `dim` numbers, in main memory.
    serve: the command for more copies of the model than one process runs, else "".
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
    dtype: str
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
    serve: str = ""


def plan(
    model: str,
    *,
    gpus: int = 0,
    memory_gib: float | None = None,
    context_tokens: int | None = None,
    chunks: int = 100_000,
    dim: int = 384,
) -> Plan:
    """Plan for a model: a folder, a name in the cache, "nano", or a well-known one. Nothing is downloaded or loaded.

    memory_gib: of each GPU, or of the machine without one (default: its memory). context_tokens: the window wanted
    (default: the model's; on a CPU at most 16,384). Without GPUs the processor is taken to be this machine's.
    Raises NotFoundError if the model's ``config.json`` is not here and it is none of `known_models`, UsageError if it
    is not one of a decoder.
    """
    model, _ = split_model(model)  # an adapter adds next to nothing
    name = str(find_model(model)) if model == "nano" else model
    path = find_config(name)
    if path is not None:
        facts = load_facts(path)
    elif (known := find_known(model)) is not None:
        name, facts = known
    else:
        raise NotFoundError(
            f"no config.json for {model!r} on this machine{_near(model)}; name its folder, "
            f"or fetch that one file with: hf download {model} config.json"
        )
    return plan_for(
        name, facts, gpus=gpus, memory_gib=memory_gib, context_tokens=context_tokens, chunks=chunks, dim=dim
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
    if context_tokens is not None and context_tokens < 1:
        raise UsageError(f"context_tokens={context_tokens} is below 1; give the tokens of the window (--context 8192)")
    if memory_gib is not None and not memory_gib > 0:
        raise UsageError(f"memory_gib={memory_gib:g} is not above 0; give the GiB of the memory (--memory 24)")
    if gpus and memory_gib is None:
        raise UsageError(f"gpus={gpus} without their memory; add the GiB of one of them (--memory 24)")
    base = Plan(
        model=model,
        facts=facts,
        gpus=gpus,
        memory_gib=cpu_cache.machine_bytes() / GIB if memory_gib is None else memory_gib,
        fits=False,
        tensor_parallel=1,
        pipeline_parallel=1,
        data_parallel=1,
        expert_parallel=False,
        dtype="auto",
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
    wanted = min(context_tokens or facts.context_tokens, facts.context_tokens)
    made = _on_gpus(base, wanted) if gpus else _on_cpu(base, context_tokens)
    if made.fits and (context_tokens or 0) > facts.context_tokens:
        longest = f"context from {context_tokens:,} to {facts.context_tokens:,} tokens, the model's longest"
        made = replace(made, downgrades=(longest, *made.downgrades))
    return made


def fitting(
    *, gpus: int = 0, memory_gib: float | None = None, context_tokens: int | None = None, chunks: int = 100_000
) -> list[Plan]:
    """Plans of the well-known models that fit, those with the most parameters first; options as of `plan`."""
    options: dict[str, Any] = {"gpus": gpus, "memory_gib": memory_gib, "context_tokens": context_tokens}
    plans = [plan_for(name, facts, chunks=chunks, **options) for name, facts in known_models().items()]
    return sorted((p for p in plans if p.fits), key=lambda p: -p.facts.total_parameters)


def _near(model: str) -> str:
    names = {name.casefold().partition("/")[2]: name for name in known_models()}
    close = get_close_matches(model.casefold().rpartition("/")[2], names, n=2)
    return f" (do you mean {' or '.join(names[c] for c in close)}?)" if close else ""


def size(count: float) -> str:
    """Return a number of bytes for a reader, in GiB or MiB."""
    return f"{count / GIB:.2f} GiB" if count >= GIB / 10 else f"{count / 2**20:.1f} MiB"


def _on_cpu(base: Plan, asked: int | None) -> Plan:
    """Plan as the vLLM engine would start, with encoder and index beside it; their room is taken off the cache."""
    facts, memory = base.facts, int(base.memory_gib * GIB)
    dtype = cpu_dtype(facts)
    base = replace(base, dtype=dtype, weight_bytes=cpu_cache.weight_bytes(facts, dtype))
    window = min(asked or cpu_cache.default_window(facts), facts.context_tokens)
    usual = cpu_cache.cache_bytes(facts, dtype, memory=memory, window=window)
    cache = min(usual, cpu_cache.free_bytes(facts, dtype, memory=memory) - base.encoder_bytes - base.index_bytes)
    tokens = cpu_cache.held_tokens(facts, dtype, cache)
    if tokens < min(window, cpu_cache.least_window(facts)):
        need = (base.weight_bytes + base.encoder_bytes + base.index_bytes) / GIB / MEMORY_SHARE
        return replace(base, remedy=f"a machine with {need + 4:.0f} GiB or more, a GPU, or a smaller model")
    down: tuple[str, ...] = ()
    if asked is None and window < facts.context_tokens:
        long = f"context from {facts.context_tokens:,} to {window:,} tokens, as the engine starts on a CPU unasked"
        down += (f"{long}; set VLLMSettings(max_model_len={facts.context_tokens})",)
    if cache < usual:
        share = f"cache from {size(usual)} to {size(cache)}, for weights, encoder and index leave no more"
        down += (f"{share}; set VLLMSettings(kv_cache_gib={cache / GIB:.2f})",)
    return _filled(base, cache, tokens, window, down)


def _on_gpus(base: Plan, wanted: int) -> Plan:
    facts = base.facts
    for weights, method, why in _weights(facts):
        for least in (wanted, cpu_cache.least_window(facts)):
            for tensor, pipeline in _layouts(facts, base.gpus):
                candidate = replace(
                    base,
                    tensor_parallel=tensor,
                    pipeline_parallel=pipeline,
                    data_parallel=base.gpus // (tensor * pipeline),
                    expert_parallel=bool(facts.experts) and tensor > 1,
                    quantization=method,
                    weight_bytes=weights,
                )
                cache = int(tensor * pipeline * (base.memory_gib * MEMORY_SHARE - RUNTIME_GIB) * GIB) - weights
                # beyond one head per device the heads are copied, and latent attention (one head) from the start
                copies = max(1, tensor // facts.kv_heads)
                tokens = max(0, cache) // (facts.kv_bytes_per_token * copies)
                if tokens >= min(least, wanted):
                    made = _filled(candidate, cache, tokens, wanted, why)
                    return replace(made, serve=_serve(made))
    need = base.weight_bytes / GIB / MEMORY_SHARE
    width = "in 16 bits" if facts.quantization is None else f"as {facts.quantization}"
    return replace(base, remedy=f"more GPUs or a smaller model: the weights alone want about {need:.0f} GiB {width}")


def _filled(plan: Plan, cache: int, tokens: int, wanted: int, downgrades: tuple[str, ...]) -> Plan:
    """Return the plan that fits, with a cache of `cache` bytes that holds `tokens`."""
    context = min(wanted, tokens)
    if context < wanted:
        downgrades += (f"context from {wanted:,} to {context:,} tokens, for the cache of a longer one does not fit",)
    return replace(
        plan,
        fits=True,
        cache_bytes=cache,
        context_tokens=context,
        sequences=tokens / context,
        downgrades=downgrades,
    )


def _weights(facts: ModelFacts) -> list[tuple[int, str | None, tuple[str, ...]]]:
    """Ways to hold the weights on GPUs, best first: as they are, then quantised while loading."""
    ways: list[tuple[int, str | None, tuple[str, ...]]] = [(facts.weight_bytes, facts.quantization, ())]
    if facts.quantization is None:
        full = size(facts.weight_bytes)
        for method, each in ONLINE_QUANTIZATION:
            less = facts.weight_bytes_at(each)
            ways.append(
                (less, method, (f"weights to {method} ({size(less)}), for {full} leave no room for the cache",))
            )
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


def _serve(plan: Plan) -> str:
    """vLLM runs copies of a model as a server only; "" where one process is enough."""
    if plan.data_parallel == 1:
        return ""
    parts = ["vllm serve", shlex.quote(plan.model), f"--data-parallel-size {plan.data_parallel}"]
    if plan.tensor_parallel > 1:
        parts.append(f"--tensor-parallel-size {plan.tensor_parallel}")
    if plan.pipeline_parallel > 1:
        parts.append(f"--pipeline-parallel-size {plan.pipeline_parallel}")
    if plan.expert_parallel:
        parts.append("--enable-expert-parallel")
    return " ".join([*parts, f"--max-model-len {plan.context_tokens}"])
