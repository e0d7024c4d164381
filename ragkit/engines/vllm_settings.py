"""Settings of the vLLM engine, and the arguments that vLLM receives for them: a pure function, tested without a GPU."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .facts import SMALL_PARAMETERS, ModelFacts, cpu_dtype, read_facts

__all__ = ["VLLMSettings", "engine_arguments"]

GIB = 2**30
CPU_SEQUENCES = 256
"""At once in a batch; with 64 the many short answers of a sweep waited for one another in waves."""


@dataclass(frozen=True, slots=True)
class VLLMSettings:
    """What a user may choose; None leaves it to ragkit or vLLM.

    tensor_parallel, pipeline_parallel, data_parallel: number of devices. expert_parallel: spread the experts of a MoE
    over them. quantization: as vLLM names it, e.g. "fp8", "awq". memory_share: part of a GPU's memory vLLM may take.
    kv_cache_gib: memory for keys and values (always set on a CPU). block_tokens: prefix-cache granularity.
    """

    max_model_len: int | None = None
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    expert_parallel: bool = False
    quantization: str | None = None
    dtype: str = "auto"
    memory_share: float | None = None
    kv_cache_gib: float | None = None
    block_tokens: int | None = None
    max_num_seqs: int | None = None
    eager: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("tensor_parallel", "pipeline_parallel", "data_parallel"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name}={getattr(self, name)} is below 1; give the number of devices")
        if self.memory_share is not None and not 0 < self.memory_share <= 1:
            raise UsageError(f"memory_share={self.memory_share} is outside (0, 1]; 0.9 is vLLM's default")
        if self.extra.get("trust_remote_code"):
            raise UsageError("trust_remote_code runs code that comes with a model; ragkit never does that")


def engine_arguments(
    model: str | Path, settings: VLLMSettings, *, cpu: bool, reasoning_parser: str | None = None
) -> dict[str, Any]:
    """Return the keyword arguments of `vllm.LLM`."""
    facts = read_facts(model)
    small = facts is not None and facts.total_parameters < SMALL_PARAMETERS
    arguments: dict[str, Any] = {
        "model": str(model),
        "trust_remote_code": False,
        "dtype": cpu_dtype(facts) if cpu and settings.dtype == "auto" else settings.dtype,
        "enforce_eager": (cpu or small) if settings.eager is None else settings.eager,
        "enable_prefix_caching": True,
        "disable_log_stats": True,
        "use_tqdm_on_load": False,
        "generation_config": "vllm",
        "structured_outputs_config": {"backend": "guidance", "disable_any_whitespace": True},
    }
    optional: dict[str, Any] = {
        "reasoning_parser": reasoning_parser,
        "max_model_len": settings.max_model_len or (_context(facts) if cpu and facts else None),
        "quantization": settings.quantization,
        "gpu_memory_utilization": settings.memory_share if not cpu else None,
        "block_size": settings.block_tokens or (32 if cpu else None),
        "max_num_seqs": settings.max_num_seqs or (CPU_SEQUENCES if cpu else None),
        "tensor_parallel_size": settings.tensor_parallel if settings.tensor_parallel > 1 else None,
        "pipeline_parallel_size": settings.pipeline_parallel if settings.pipeline_parallel > 1 else None,
        "data_parallel_size": settings.data_parallel if settings.data_parallel > 1 else None,
        "enable_expert_parallel": settings.expert_parallel or None,
    }
    arguments |= {k: v for k, v in optional.items() if v is not None}
    if settings.kv_cache_gib is not None:
        arguments["kv_cache_memory_bytes"] = int(settings.kv_cache_gib * GIB)
    elif cpu:
        doubled = 2 if arguments["dtype"] == "float32" else 1  # the facts count two bytes a value
        arguments["kv_cache_memory_bytes"] = _cpu_cache(facts, arguments.get("max_model_len"), doubled)
    return arguments | dict(settings.extra)


def _context(facts: ModelFacts) -> int:
    """On a CPU a longer window than 16k tokens is beyond patience."""
    return min(facts.context_tokens, 16384)


def _cpu_cache(facts: ModelFacts | None, context: int | None, doubled: int) -> int:
    """Enough for 32 full windows, at least 256 MiB, at most a quarter of the memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    wanted = 4 * GIB if facts is None or context is None else facts.kv_bytes_per_token * doubled * context * 32
    return max(256 * 2**20, min(wanted, memory // 4))
