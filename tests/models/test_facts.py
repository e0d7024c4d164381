"""Facts from a config.json: counts against built and published models, quantised sizes, files that say too little."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import VLLMSettings
from ragkit.engines.vllm.settings import engine_arguments
from ragkit.errors import UsageError
from ragkit.models.facts import EXACT, cpu_dtype, facts_of, load_facts, read_facts
from ragkit.models.quantized import bytes_per_weight

from ..published import DEEPSEEK_V3, ESTIMATED, GEMMA3_4B, GEMMA3N_E2B, LLAMA_8B, PUBLISHED, QWEN3_30B

SMALL = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "vocab_size": 128,
    "tie_word_embeddings": False,
}
MIXTURE = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
LATENT = {
    "n_routed_experts": 8,
    "n_shared_experts": 1,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 32,
    "n_group": 2,
    "topk_group": 1,
    "first_k_dense_replace": 1,
    "moe_layer_freq": 1,
    "kv_lora_rank": 16,
    "q_lora_rank": 24,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 16,
    "num_key_value_heads": 4,
}
BUILT: list[dict[str, Any]] = [
    {"model_type": "llama"},
    {"model_type": "llama", "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True},
    {"model_type": "mistral", "head_dim": 32},
    {"model_type": "qwen2", "head_dim": 16},
    {"model_type": "qwen3"},
    {"model_type": "gemma", "tie_word_embeddings": True},
    {"model_type": "gemma2", "tie_word_embeddings": True},
    {"model_type": "gemma3_text", "tie_word_embeddings": True},
    {"model_type": "mixtral", **MIXTURE},
    {"model_type": "qwen2_moe", **MIXTURE, "shared_expert_intermediate_size": 48, "decoder_sparse_step": 2},
    {"model_type": "qwen3_moe", **MIXTURE, "mlp_only_layers": [1]},
    {"model_type": "deepseek_v2", **LATENT, "q_lora_rank": None},
    {"model_type": "deepseek_v3", **LATENT, "topk_method": "noaux_tc"},
]


def built_parameters(config: dict[str, Any]) -> int:
    """Parameters of the model that transformers builds, without memory for their values."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config))
    corrections = [b.numel() for name, b in model.named_buffers() if name.endswith("e_score_correction_bias")]
    return int(model.num_parameters() + sum(corrections))


@pytest.mark.parametrize("fields", BUILT, ids=[c["model_type"] for c in BUILT])
def test_the_count_is_that_of_the_built_model(fields: dict[str, Any]) -> None:
    config = {**SMALL, **fields}
    if config["model_type"] == "mixtral":
        config["intermediate_size"] = config.pop("moe_intermediate_size")
    facts = facts_of(config)
    assert facts.total_parameters == built_parameters(config)
    assert not facts.estimated


def test_every_type_called_exact_is_built() -> None:
    assert {c["model_type"] for c in BUILT} == EXACT


@pytest.mark.parametrize("model", PUBLISHED)
def test_sizes_are_the_published_ones(model: str) -> None:
    config, total, active, cache = PUBLISHED[model]
    facts = facts_of(config)
    assert facts.total_parameters == total
    assert facts.active_parameters == pytest.approx(active, rel=0.03)
    assert facts.kv_bytes_per_token == cache
    assert not facts.estimated


@pytest.mark.parametrize("model", ESTIMATED)
def test_other_families_are_near_the_published_sizes_and_say_estimated(model: str) -> None:
    config, total, active, cache = ESTIMATED[model]
    facts = facts_of(config)
    assert facts.total_parameters == pytest.approx(total, rel=2e-3)
    assert facts.active_parameters == pytest.approx(active, rel=0.12)  # "A3B" is a name, not a count
    assert facts.kv_bytes_per_token == cache
    assert facts.estimated


def test_a_latent_cache_has_one_head_and_a_single_query_head_one() -> None:
    assert facts_of(DEEPSEEK_V3).kv_heads == 1
    assert facts_of(ESTIMATED["falcon-7b"][0]).kv_heads == 1
    assert facts_of(ESTIMATED["falcon-40b"][0]).kv_heads == 8


def test_one_width_a_layer_counts_as_its_mean() -> None:
    one = {**LLAMA_8B, "intermediate_size": 12000}
    each = {**LLAMA_8B, "intermediate_size": [10000, 14000] * 16}
    assert facts_of(each).total_parameters == facts_of(one).total_parameters
    assert facts_of(GEMMA3N_E2B).layers == 30


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_unquantised_weights_are_loaded_in_16_bits(dtype: str) -> None:
    assert facts_of({**LLAMA_8B, "torch_dtype": dtype}).weight_bytes == 2 * 8_030_261_248


AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}
W4A16 = {
    "quant_method": "compressed-tensors",
    "format": "pack-quantized",
    "ignore": ["lm_head"],
    "config_groups": {"group_0": {"weights": {"num_bits": 4, "group_size": 128, "symmetric": True, "type": "int"}}},
}
W8A8 = {**W4A16, "config_groups": {"group_0": {"weights": {"num_bits": 8, "strategy": "channel", "type": "float"}}}}
MODELOPT = {
    "quant_method": "modelopt",
    "quant_algo": "NVFP4",
    "config_groups": {"group_0": {"weights": {"num_bits": 4, "group_size": 16, "type": "float"}}},
}


@pytest.mark.parametrize(
    ("quantization", "bits"),
    [
        ({"quant_method": "fp8"}, 8),
        (AWQ, 4 + (16 + 4) / 128),
        ({**AWQ, "quant_method": "gptq", "group_size": -1}, 4),
        (W4A16, 4 + 16 / 128),
        (W8A8, 8),
        (MODELOPT, 4.5),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, 4.5),
        ({"quant_method": "modelopt", "quantization": {"quant_algo": "NVFP4"}}, 4.5),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, 8),
        ({"quant_method": "mxfp4"}, 4.25),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, 4.48),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 8),
        ({"quant_method": "compressed-tensors"}, 8),
    ],
)
def test_a_quantised_weight_takes_its_bits_and_its_share_of_the_scale(
    quantization: dict[str, Any], bits: float
) -> None:
    assert 8 * bytes_per_weight(quantization) == pytest.approx(bits)


def test_mixed_layers_count_as_their_mean() -> None:
    groups = {**W4A16["config_groups"], **{"group_1": W8A8["config_groups"]["group_0"]}}  # type: ignore[dict-item,index]
    assert 8 * bytes_per_weight({**W4A16, "config_groups": groups}) == pytest.approx((4.125 + 8) / 2)


def test_quantised_files_are_as_large_as_the_published_ones() -> None:
    awq = facts_of({**LLAMA_8B, "quantization_config": AWQ})
    assert awq.weight_bytes == pytest.approx(5.73e9, rel=0.002)  # hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4
    assert awq.quantization == "awq"
    assert facts_of(DEEPSEEK_V3).weight_bytes == pytest.approx(671e9, rel=0.01)
    assert facts_of(QWEN3_30B).weight_bytes == pytest.approx(61.06e9, rel=0.001)


def test_quantisation_leaves_embeddings_and_head_at_two_bytes() -> None:
    facts = facts_of(LLAMA_8B)
    assert facts.weight_bytes_at(1.0) / 2**30 == pytest.approx(8.46, abs=0.005)
    assert facts.weight_bytes_at(2.0) == facts.weight_bytes


BAD: dict[str, tuple[str, str]] = {
    "no decoder": ('{"model_type": "resnet"}', "'resnet' without 'hidden_size'"),
    "no heads": (json.dumps({**LLAMA_8B, "num_attention_heads": None}), "without 'num_attention_heads'"),
    "no MLP width": (json.dumps({**LLAMA_8B, "intermediate_size": None}), "'llama' without intermediate_size"),
    "no expert width": (
        json.dumps({**LLAMA_8B, "num_experts": 8, "intermediate_size": 0}),
        "without intermediate_size",
    ),
    "half a latent": (json.dumps({**LLAMA_8B, "kv_lora_rank": 512}), "without 'qk_nope_head_dim'"),
    "words": (json.dumps({**LLAMA_8B, "hidden_size": "large"}), "not those of a decoder"),
    "tables": (json.dumps({**LLAMA_8B, "num_key_value_heads": [[8], [8]]}), "not those of a decoder"),
    "a list": ("[]", "not those of a decoder"),
    "a quantisation by name": (json.dumps({**LLAMA_8B, "quantization_config": "fp8"}), "not those of a decoder"),
    "broken JSON": ('{"hidden_size": ', "cannot be read as JSON"),
    "not text": ("\x00", "cannot be read as JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_without_facts_names_itself_and_the_reason_and_stops_no_engine(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(UsageError) as caught:
        load_facts(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert reason in text
    assert "\n" not in text
    assert read_facts(tmp_path) is None
    assert cpu_dtype(None) == "auto"
    for cpu in (True, False):
        given = engine_arguments(tmp_path, VLLMSettings(), cpu=cpu)
        assert "max_model_len" not in given


def test_fields_that_a_family_leaves_out_are_its_defaults() -> None:
    facts = facts_of(GEMMA3_4B)
    assert (facts.heads, facts.kv_heads, facts.context_tokens) == (8, 4, 131072)
    assert facts.architecture == "Gemma3ForConditionalGeneration"
