"""The arguments that vLLM receives for ragkit's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import VLLMSettings
from ragkit.engines.vllm.settings import engine_arguments
from ragkit.errors import UsageError
from ragkit.models import facts


def arguments(tiny: Path, *, cpu: bool = False, **settings: Any) -> dict[str, Any]:
    return engine_arguments(tiny, VLLMSettings(**settings), cpu=cpu, reasoning_parser="qwen3")


def test_parallelism_reaches_vllm(tiny: Path) -> None:
    given = arguments(tiny, tensor_parallel=4, pipeline_parallel=2, expert_parallel=True)
    assert given["tensor_parallel_size"] == 4
    assert given["pipeline_parallel_size"] == 2
    assert given["enable_expert_parallel"] is True


def test_copies_of_a_model_are_refused_with_the_server_that_runs_them() -> None:
    with pytest.raises(UsageError, match=r"vllm serve MODEL --data-parallel-size 2.*openai:http://localhost") as caught:
        VLLMSettings(data_parallel=2)
    assert "\n" not in str(caught.value)
    assert VLLMSettings(data_parallel=1).data_parallel == 1


def test_without_choice_vllm_decides_on_parallelism_and_memory(tiny: Path) -> None:
    given = arguments(tiny)
    assert not [k for k in given if "parallel" in k or "memory" in k or k == "quantization"]


def test_quantization_window_and_memory_reach_vllm(tiny: Path) -> None:
    given = arguments(tiny, quantization="fp8", max_model_len=4096, memory_share=0.5, kv_cache_gib=2)
    assert (given["quantization"], given["max_model_len"], given["gpu_memory_utilization"]) == ("fp8", 4096, 0.5)
    assert given["kv_cache_memory_bytes"] == 2 * 2**30


def test_a_cpu_starts_eager_with_a_bounded_cache_and_small_blocks(tiny: Path) -> None:
    given = arguments(tiny, cpu=True)
    assert given["enforce_eager"] is True
    assert given["block_size"] == 32
    assert given["kv_cache_memory_bytes"] >= 256 * 2**20
    assert given["max_model_len"] == 1024


def test_small_models_are_float32_where_bfloat16_is_emulated(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for fast, expected in ((True, "auto"), (False, "float32")):
        monkeypatch.setattr(facts, "multiplies_bfloat16", lambda fast=fast: fast)
        assert arguments(tiny, cpu=True)["dtype"] == expected
        assert arguments(tiny, cpu=True, dtype="bfloat16")["dtype"] == "bfloat16"
        assert arguments(tiny, cpu=False)["dtype"] == "auto"


def test_remote_code_is_never_run(tiny: Path) -> None:
    assert arguments(tiny)["trust_remote_code"] is False
    with pytest.raises(UsageError, match="trust_remote_code"):
        VLLMSettings(extra={"trust_remote_code": True})


def test_the_prefix_cache_is_on(tiny: Path) -> None:
    assert arguments(tiny)["enable_prefix_caching"] is True
