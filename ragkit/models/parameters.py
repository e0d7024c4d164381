"""Parameters, and numbers kept in the cache, of one layer of a decoder, from the fields of its ``config.json``.

`c` is that mapping everywhere. A field may stand under a family's own name, and hold a list with one number a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UsageError

__all__ = ["attention", "dense_mlp", "expert_count", "experts", "is_sparse", "kv_heads", "kv_width", "needed", "norms"]

QK_NORM = {"qwen3", "qwen3_moe", "gemma3_text"}
FOUR_NORMS = {"gemma2", "gemma3_text"}
QKV_BIAS = {"qwen2", "qwen2_moe"}
UNGATED_MLP = {"opt", "falcon", "phi", "gpt_neox", "starcoder2", "nemotron"}


def needed(c: Mapping[str, Any], name: str) -> int:
    """Return a field that every decoder has. Raises KeyError if it is missing or empty."""
    if not (number := _number(c, name)):
        raise KeyError(name)
    return int(number)


def norms(c: Mapping[str, Any]) -> int:
    """Parameters of one layer's norms before, and in some families after, attention and MLP."""
    return (4 if c.get("model_type") in FOUR_NORMS else 2) * needed(c, "hidden_size")


def kv_heads(c: Mapping[str, Any]) -> int:
    """Heads of keys and values: one for latent attention, whose cache has no heads, and for Falcon's single query."""
    if c.get("kv_lora_rank") or (c.get("multi_query") and not c.get("new_decoder_architecture")):
        return 1
    return int(_number(c, "num_key_value_heads", "num_kv_heads")) or needed(c, "num_attention_heads")


def kv_width(c: Mapping[str, Any]) -> int:
    """Numbers kept per token and layer."""
    if c.get("kv_lora_rank"):
        return int(c["kv_lora_rank"]) + int(c["qk_rope_head_dim"])
    return 2 * kv_heads(c) * _head_dim(c)


def attention(c: Mapping[str, Any]) -> int:
    """Parameters of one layer's attention: grouped queries, or multi-head latent attention (DeepSeek V2/V3)."""
    hidden, heads, kind = needed(c, "hidden_size"), needed(c, "num_attention_heads"), c.get("model_type")
    rank = c.get("kv_lora_rank")
    if rank:
        nope, rope, value = int(c["qk_nope_head_dim"]), int(c["qk_rope_head_dim"]), int(c["v_head_dim"])
        q_rank = c.get("q_lora_rank")
        query = heads * (nope + rope) * (int(q_rank) if q_rank else hidden)
        query += (hidden + 1) * int(q_rank) if q_rank else 0
        keys = hidden * (int(rank) + rope) + int(rank) + int(rank) * heads * (nope + value)
        return query + keys + heads * value * hidden
    dim = _head_dim(c)
    q, kv = heads * dim, kv_heads(c) * dim
    biases = q + 2 * kv if c.get("attention_bias") or kind in QKV_BIAS else 0
    biases += hidden if c.get("attention_bias") else 0
    return hidden * (2 * q + 2 * kv) + biases + (2 * dim if kind in QK_NORM else 0)


def dense_mlp(c: Mapping[str, Any]) -> float:
    """Parameters of one layer's MLP: gate, up and down, or up and down alone in the older families."""
    hidden, kind = needed(c, "hidden_size"), c.get("model_type")
    width = _number(c, "intermediate_size_mlp", "intermediate_size", "ffn_dim", "ffn_hidden_size")
    if not width and kind == "falcon":
        width = 4.0 * hidden
    biases = 2 * width + hidden if c.get("mlp_bias") else 0
    return (2 if kind in UNGATED_MLP else 3) * hidden * _given(width, c) + biases


def expert_count(c: Mapping[str, Any]) -> int:
    """Experts of a layer that has them; 0 for a dense model."""
    return int(_number(c, "num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"))


def experts(c: Mapping[str, Any]) -> tuple[float, float]:
    """Parameters of one mixture-of-experts layer: in all, and used by one token."""
    hidden, count = needed(c, "hidden_size"), expert_count(c)
    if not count:
        return 0, 0
    one = 3 * hidden * _given(_number(c, "moe_intermediate_size", "intermediate_size"), c)
    shared = _number(c, "n_shared_experts", "moe_num_shared_experts", "num_shared_expert")
    if "interleave_moe_layer_step" in c:
        shared = 1  # Llama 4 always has one, and no field for it
    always = hidden * count + shared * one
    if c.get("topk_method") == "noaux_tc":
        always += count  # the router's correction bias
    if c.get("shared_expert_intermediate_size"):
        always += 3 * hidden * int(c["shared_expert_intermediate_size"]) + hidden
    return always + count * one, always + (_number(c, "num_experts_per_tok", "moe_k", "moe_topk") or 1) * one


def is_sparse(c: Mapping[str, Any], layer: int) -> bool:
    """Whether a layer of a mixture of experts has them, or an MLP instead."""
    if "first_k_dense_replace" in c:
        return layer >= int(c["first_k_dense_replace"]) and layer % int(c.get("moe_layer_freq") or 1) == 0
    if layer in (c.get("mlp_only_layers") or ()) or layer < int(c.get("moe_layer_start_index") or 0):
        return False
    step = _number(c, "decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval") or 1
    return (layer + 1) % step == 0


def _number(c: Mapping[str, Any], *names: str) -> float:
    """Return the first of the fields that is there and not 0, else 0; of a list, one number a layer, the mean."""
    for name in names:
        if value := c.get(name):
            return sum(value) / len(value) if isinstance(value, list) else float(value)
    return 0.0


def _head_dim(c: Mapping[str, Any]) -> int:
    return int(c.get("head_dim") or needed(c, "hidden_size") // needed(c, "num_attention_heads"))


def _given(width: float, c: Mapping[str, Any]) -> float:
    if not width:
        raise UsageError(f"a model of type {c.get('model_type')!r} without intermediate_size cannot be sized; add it")
    return width
