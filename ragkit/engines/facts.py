"""What ``config.json`` tells about a model: parameters in all and per token, keys and values per token, context.

Counts are exact for the families below (Llama, Qwen2, Qwen3, Gemma, Mistral; Mixtral, Qwen2-MoE, Qwen3-MoE, DeepSeek
V2/V3 and their relatives that share the field names); anything else is estimated from the same fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..hardware import multiplies_bfloat16

__all__ = ["SMALL_PARAMETERS", "ModelFacts", "cpu_dtype", "facts_of", "find_config", "read_facts"]

SMALL_PARAMETERS = 1_000_000_000
"""Below this, compiling costs more time than it will ever save, and float32 weights more memory than anyone misses."""
DTYPE_BYTES = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "float8_e4m3fn": 1.0}
QUANTIZED_BYTES = {
    "fp8": 1.0,
    "awq": 0.56,
    "gptq": 0.56,
    "mxfp4": 0.54,
    "bitsandbytes": 0.56,
    "compressed-tensors": 1.0,
}
QK_NORM = {"qwen3", "qwen3_moe", "gemma3_text"}
FOUR_NORMS = {"gemma2", "gemma3_text"}
QKV_BIAS = {"qwen2", "qwen2_moe"}


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Sizes of a model. `active_parameters` is what one token uses; equal to the total for a dense model."""

    architecture: str
    total_parameters: int
    active_parameters: int
    weight_bytes: int
    kv_bytes_per_token: int
    context_tokens: int
    layers: int
    heads: int
    kv_heads: int
    experts: int
    quantization: str | None


def find_config(model: str | Path) -> Path | None:
    """Return the ``config.json`` of a folder, or of a model in the cache; None if it is in neither. No network."""
    folder = Path(model)
    if (folder / "config.json").is_file():
        return folder / "config.json"
    if folder.exists() or str(model).count("/") != 1:
        return None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(str(model), "config.json")
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def read_facts(model: str | Path) -> ModelFacts | None:
    """Return the facts of a model on this machine, None if it is not here or its fields are not those of a decoder."""
    path = find_config(model)
    if path is None:
        return None
    try:
        return facts_of(json.loads(path.read_text("utf-8")))
    except UsageError:
        return None


def cpu_dtype(facts: ModelFacts | None) -> str:
    """Return "float32" for a small model where the processor only emulates bfloat16, else "auto": the model's own."""
    small = facts is not None and facts.quantization is None and facts.total_parameters < SMALL_PARAMETERS
    return "float32" if small and not multiplies_bfloat16() else "auto"


def facts_of(config: Mapping[str, Any]) -> ModelFacts:
    """Compute the facts from the fields of a ``config.json``. Raises UsageError if a needed field is missing."""
    quantization = config.get("quantization_config") or {}
    text = config.get("text_config")
    c: Mapping[str, Any] = {**config, **text} if isinstance(text, Mapping) else config
    try:
        hidden, layers, vocabulary = int(c["hidden_size"]), int(c["num_hidden_layers"]), int(c["vocab_size"])
        heads = int(c["num_attention_heads"])
    except (KeyError, TypeError, ValueError) as exc:
        raise UsageError(
            f"config.json of type {c.get('model_type')!r} lacks {exc}; it is no decoder ragkit knows"
        ) from exc
    attention = _attention(c, hidden, heads)
    dense = 3 * hidden * int(c.get("intermediate_size") or 0)
    sparse, sparse_active = _experts(c, hidden)
    sparse_layers = sum(_is_sparse(c, k) for k in range(layers)) if sparse else 0
    norms = (4 if c.get("model_type") in FOUR_NORMS else 2) * hidden
    outside = vocabulary * hidden * (1 if c.get("tie_word_embeddings", _ties(c)) else 2) + hidden
    common = outside + layers * (attention + norms) + (layers - sparse_layers) * dense
    total, active = common + sparse_layers * sparse, common + sparse_layers * sparse_active
    method = str(quantization.get("quant_method")) if quantization else None
    each = _bytes_each(c, method, quantization)
    return ModelFacts(
        architecture=str((config.get("architectures") or [c.get("model_type", "unknown")])[0]),
        total_parameters=total,
        active_parameters=active,
        weight_bytes=int(total * each) if method is None else int((total - outside) * each + outside * 2),
        kv_bytes_per_token=layers * _kv_width(c, hidden, heads) * 2,
        context_tokens=int(c.get("max_position_embeddings") or 4096),
        layers=layers,
        heads=heads,
        kv_heads=int(c.get("num_key_value_heads") or heads),
        experts=_expert_count(c),
        quantization=method,
    )


def _ties(c: Mapping[str, Any]) -> bool:
    """Families whose default, when the field is left out, is a shared embedding."""
    return str(c.get("model_type", "")).startswith("gemma")


def _head_dim(c: Mapping[str, Any], hidden: int, heads: int) -> int:
    return int(c.get("head_dim") or hidden // heads)


def _attention(c: Mapping[str, Any], hidden: int, heads: int) -> int:
    """Parameters of one layer's attention: grouped queries, or multi-head latent attention (DeepSeek V2/V3)."""
    rank = c.get("kv_lora_rank")
    if rank:
        nope, rope, value = int(c["qk_nope_head_dim"]), int(c["qk_rope_head_dim"]), int(c["v_head_dim"])
        q_rank = c.get("q_lora_rank")
        query = heads * (nope + rope) * (int(q_rank) if q_rank else hidden)
        query += (hidden + 1) * int(q_rank) if q_rank else 0
        keys = hidden * (int(rank) + rope) + int(rank) + int(rank) * heads * (nope + value)
        return query + keys + heads * value * hidden
    dim = _head_dim(c, hidden, heads)
    q, kv = heads * dim, int(c.get("num_key_value_heads") or heads) * dim
    biases = q + 2 * kv if c.get("attention_bias") or c.get("model_type") in QKV_BIAS else 0
    return hidden * (2 * q + 2 * kv) + biases + (2 * dim if c.get("model_type") in QK_NORM else 0)


def _kv_width(c: Mapping[str, Any], hidden: int, heads: int) -> int:
    """Numbers kept per token and layer."""
    if c.get("kv_lora_rank"):
        return int(c["kv_lora_rank"]) + int(c["qk_rope_head_dim"])
    return 2 * int(c.get("num_key_value_heads") or heads) * _head_dim(c, hidden, heads)


def _expert_count(c: Mapping[str, Any]) -> int:
    for name in ("num_experts", "num_local_experts", "n_routed_experts"):
        if c.get(name):
            return int(c[name])
    return 0


def _experts(c: Mapping[str, Any], hidden: int) -> tuple[int, int]:
    """Parameters of one mixture-of-experts layer: in all, and used by one token."""
    experts = _expert_count(c)
    if not experts:
        return 0, 0
    width = int(c.get("moe_intermediate_size") or c["intermediate_size"])
    one = 3 * hidden * width
    always = hidden * experts + int(c.get("n_shared_experts") or 0) * one
    if c.get("topk_method") == "noaux_tc":
        always += experts  # the router's correction bias
    if c.get("shared_expert_intermediate_size"):
        always += 3 * hidden * int(c["shared_expert_intermediate_size"]) + hidden
    return always + experts * one, always + int(c.get("num_experts_per_tok") or 1) * one


def _is_sparse(c: Mapping[str, Any], layer: int) -> bool:
    if "first_k_dense_replace" in c:
        return layer >= int(c["first_k_dense_replace"]) and layer % int(c.get("moe_layer_freq") or 1) == 0
    if layer in (c.get("mlp_only_layers") or ()):
        return False
    return (layer + 1) % int(c.get("decoder_sparse_step") or 1) == 0


def _bytes_each(c: Mapping[str, Any], method: str | None, quantization: Mapping[str, Any]) -> float:
    if method is None:
        return DTYPE_BYTES.get(str(c.get("torch_dtype") or c.get("dtype") or "bfloat16"), 2.0)
    bits = quantization.get("bits") or (4 if quantization.get("load_in_4bit") else None)
    return int(bits) / 8 * 1.12 if bits else QUANTIZED_BYTES.get(method, 1.0)
