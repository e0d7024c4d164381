"""Plans: parameter counts against the published ones, what fits, and what is given up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines.facts import facts_of, read_facts
from ragkit.errors import NotFoundError, UsageError
from ragkit.plan import plan, plan_for, render

QWEN3_30B: dict[str, Any] = {
    "architectures": ["Qwen3MoeForCausalLM"],
    "model_type": "qwen3_moe",
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "moe_intermediate_size": 768,
    "num_hidden_layers": 48,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "vocab_size": 151936,
    "tie_word_embeddings": False,
    "max_position_embeddings": 40960,
    "torch_dtype": "bfloat16",
}
MIXTRAL: dict[str, Any] = {
    "model_type": "mixtral",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
    "vocab_size": 32000,
    "tie_word_embeddings": False,
    "max_position_embeddings": 32768,
}
LLAMA_8B: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "tie_word_embeddings": False,
    "max_position_embeddings": 131072,
}
QWEN3_06B: dict[str, Any] = {
    "model_type": "qwen3",
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "tie_word_embeddings": True,
    "max_position_embeddings": 40960,
}
QWEN2_MOE: dict[str, Any] = {
    "model_type": "qwen2_moe",
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "moe_intermediate_size": 1408,
    "shared_expert_intermediate_size": 5632,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "num_experts": 60,
    "num_experts_per_tok": 4,
    "decoder_sparse_step": 1,
    "vocab_size": 151936,
    "tie_word_embeddings": False,
    "max_position_embeddings": 8192,
}
DEEPSEEK_V3: dict[str, Any] = {
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 3,
    "moe_layer_freq": 1,
    "topk_method": "noaux_tc",
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "vocab_size": 129280,
    "tie_word_embeddings": False,
    "max_position_embeddings": 163840,
    "quantization_config": {"quant_method": "fp8"},
}
GEMMA2_2B: dict[str, Any] = {
    "model_type": "gemma2",
    "hidden_size": 2304,
    "intermediate_size": 9216,
    "num_hidden_layers": 26,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "vocab_size": 256000,
    "max_position_embeddings": 8192,
}


@pytest.mark.parametrize(
    ("config", "total", "active"),
    [
        (QWEN3_30B, 30_532_122_624, 3.3e9),
        (MIXTRAL, 46_702_792_704, 12.9e9),
        (LLAMA_8B, 8_030_261_248, 8.03e9),
        (QWEN3_06B, 596_049_920, 0.596e9),
        (QWEN2_MOE, 14_315_784_192, 2.7e9),
        (DEEPSEEK_V3, 671_026_419_200, 37e9),
        (GEMMA2_2B, 2_614_341_888, 2.61e9),
    ],
    ids=[
        "qwen3-30b-a3b",
        "mixtral-8x7b",
        "llama-3.1-8b",
        "qwen3-0.6b",
        "qwen1.5-moe-a2.7b",
        "deepseek-v3",
        "gemma-2-2b",
    ],
)
def test_parameters_are_the_published_ones(config: dict[str, Any], total: int, active: float) -> None:
    facts = facts_of(config)
    assert facts.total_parameters == pytest.approx(total, rel=1e-4)
    assert facts.active_parameters == pytest.approx(active, rel=0.03)


def test_parameters_are_those_of_the_built_model(tmp_path: Path) -> None:
    from safetensors import safe_open

    from .engines.tiny_model import build

    tiny = build(tmp_path)
    facts = read_facts(tiny)
    assert facts is not None
    with safe_open(tiny / "model.safetensors", "pt") as weights:
        built = sum(weights.get_tensor(name).numel() for name in weights.keys())  # noqa: SIM118
    assert facts.total_parameters == built


def test_cache_counts_grouped_heads_and_latent_attention() -> None:
    assert facts_of(LLAMA_8B).kv_bytes_per_token == 131072
    assert facts_of(DEEPSEEK_V3).kv_bytes_per_token == 61 * (512 + 64) * 2


def test_quantised_weights_take_their_own_size() -> None:
    assert facts_of(DEEPSEEK_V3).weight_bytes == pytest.approx(671e9, rel=0.01)
    assert facts_of(QWEN3_30B).weight_bytes == pytest.approx(61.06e9, rel=0.001)


def test_as_few_gpus_as_hold_the_model_and_the_rest_are_copies() -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=4, memory_gib=80)
    assert (p.tensor_parallel, p.pipeline_parallel, p.data_parallel, p.downgrades) == (1, 1, 4, ())


def test_a_mixture_over_several_gpus_spreads_its_experts() -> None:
    p = plan_for("m", facts_of(QWEN3_30B), gpus=4, memory_gib=24)
    assert p.fits
    assert p.tensor_parallel == 4
    assert p.expert_parallel
    assert p.downgrades == ()


def test_what_does_not_fit_is_quantised_and_said() -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=1, memory_gib=16, context_tokens=8192)
    assert p.fits
    assert p.quantization == "fp8"
    assert any("fp8" in d for d in p.downgrades)


def test_a_window_that_does_not_fit_is_shortened_and_said() -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=1, memory_gib=24)
    assert p.quantization is None
    assert 2048 <= p.context_tokens < 131072
    assert any("context from 131,072" in d for d in p.downgrades)


def test_what_fits_nowhere_says_what_would_help() -> None:
    p = plan_for("m", facts_of(DEEPSEEK_V3), gpus=1, memory_gib=24)
    assert not p.fits
    assert "more GPUs" in render(p)


def test_a_cpu_counts_the_index_too() -> None:
    small = plan_for("m", facts_of(QWEN3_06B), memory_gib=8)
    crowded = plan_for("m", facts_of(QWEN3_06B), memory_gib=8, chunks=3_000_000)
    assert small.fits
    assert crowded.cache_bytes < small.cache_bytes


def test_the_plan_reads_one_file_and_prints_itself(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(QWEN3_30B))
    text = render(plan(str(tmp_path), gpus=1, memory_gib=80))
    assert "30.53 billion (3.35 billion per token, 128 experts)" in text
    assert "56.87 GiB" in text
    assert "yes" in text


def test_a_model_that_is_not_here_says_how_to_get_the_one_file() -> None:
    with pytest.raises(NotFoundError, match=r"hf download nobody/none config\.json"):
        plan("nobody/none", gpus=1, memory_gib=24)


def test_gpus_without_memory_are_refused() -> None:
    with pytest.raises(UsageError, match="--memory"):
        plan_for("m", facts_of(LLAMA_8B), gpus=1)


def test_a_config_of_no_decoder_is_refused() -> None:
    with pytest.raises(UsageError, match="hidden_size"):
        facts_of({"model_type": "resnet"})
