"""Settings of the vLLM engine, and the arguments that vLLM receives for them: a pure function, tested without a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...models.adapters import Adapter
from ...models.cpu_cache import BLOCK_TOKENS, GIB, cache_bytes, default_window, machine_bytes, start_window
from ...models.facts import SMALL_PARAMETERS, ModelFacts, cpu_dtype, read_facts

__all__ = ["LORA_RANKS", "VLLMSettings", "engine_arguments"]

CPU_SEQUENCES = 256
"""At once in a batch; with 64 the many short answers of a sweep waited for one another in waves."""


LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Room for an adapter that vLLM can make; the least that holds its rank is taken."""


@dataclass(frozen=True, slots=True)
class VLLMSettings:
    """What a user may choose; None leaves it to ragkit or vLLM.

    tensor_parallel, pipeline_parallel: number of devices. data_parallel: only 1, for copies of a model need a server.
    expert_parallel: spread the experts of a MoE over the devices. quantization: as vLLM names it, e.g. "fp8", "awq".
    memory_share: part of a GPU's memory vLLM may take. kv_cache_gib: memory for keys and values (always set on a CPU).
    max_model_len: on a CPU without it, a window that the cache holds. block_tokens: prefix-cache granularity.
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
        if self.data_parallel > 1:
            raise UsageError(
                f"data_parallel={self.data_parallel}: vLLM runs data parallelism as a server; start `vllm serve MODEL "
                f'--data-parallel-size {self.data_parallel}` and use model "openai:http://localhost:8000/v1#MODEL"'
            )
        if self.memory_share is not None and not 0 < self.memory_share <= 1:
            raise UsageError(f"memory_share={self.memory_share} is outside (0, 1]; 0.9 is vLLM's default")
        if self.extra.get("trust_remote_code"):
            raise UsageError("trust_remote_code runs code that comes with a model; ragkit never does that")
        if self.extra.get("load_format", "safetensors") != "safetensors":
            raise UsageError(
                f"load_format={self.extra['load_format']!r}: ragkit reads safetensors alone; convert the model"
            )


def engine_arguments(
    model: str | Path,
    settings: VLLMSettings,
    *,
    cpu: bool,
    reasoning_parser: str | None = None,
    adapter: Adapter | None = None,
) -> dict[str, Any]:
    """Return the keyword arguments of `vllm.LLM`. adapter: a LoRA that every request will name.

    Raises EngineError if on a CPU the memory is too small for the least window.
    """
    facts = read_facts(model)
    small = facts is not None and facts.total_parameters < SMALL_PARAMETERS
    arguments: dict[str, Any] = {
        "model": str(model),
        "trust_remote_code": False,
        "load_format": "safetensors",  # "auto" takes pickled weights where there are no others, and runs what they say
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
        "max_model_len": settings.max_model_len,
        "quantization": settings.quantization,
        "gpu_memory_utilization": settings.memory_share if not cpu else None,
        "kv_cache_memory_bytes": None if settings.kv_cache_gib is None else int(settings.kv_cache_gib * GIB),
        "block_size": settings.block_tokens,
        "max_num_seqs": settings.max_num_seqs,
        "tensor_parallel_size": settings.tensor_parallel if settings.tensor_parallel > 1 else None,
        "pipeline_parallel_size": settings.pipeline_parallel if settings.pipeline_parallel > 1 else None,
        "enable_expert_parallel": settings.expert_parallel or None,
    }
    arguments |= {k: v for k, v in optional.items() if v is not None}
    if adapter is not None:
        room = next(rank for rank in LORA_RANKS if rank >= adapter.rank)
        arguments |= {"enable_lora": True, "max_loras": 1, "max_lora_rank": room}
    if cpu:
        arguments = _on_cpu(facts, arguments["dtype"], arguments) | arguments
    return arguments | dict(settings.extra)


def _on_cpu(facts: ModelFacts | None, dtype: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a CPU needs beside what was chosen: a bounded cache, a window that it holds, small blocks."""
    block = chosen.get("block_size", BLOCK_TOKENS)
    window = chosen.get("max_model_len") or (default_window(facts) if facts else 0)
    cache = chosen.get("kv_cache_memory_bytes") or cache_bytes(facts, dtype, memory=machine_bytes(), window=window)
    added = {"block_size": block, "max_num_seqs": CPU_SEQUENCES, "kv_cache_memory_bytes": cache}
    if facts and "max_model_len" not in chosen:
        added["max_model_len"] = start_window(facts, dtype, cache, block=block)
    return added
