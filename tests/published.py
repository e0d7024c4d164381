"""``config.json`` of published models, cut to the fields that count, and what their authors say of them."""

from __future__ import annotations

from typing import Any

QWEN3_30B: dict[str, Any] = {
    "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144,
    "moe_intermediate_size": 768, "num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4,
    "head_dim": 128, "num_experts": 128, "num_experts_per_tok": 8, "decoder_sparse_step": 1, "mlp_only_layers": [],
    "vocab_size": 151936, "tie_word_embeddings": False, "max_position_embeddings": 40960, "torch_dtype": "bfloat16",
}  # fmt: skip
MIXTRAL: dict[str, Any] = {
    "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
    "vocab_size": 32000, "tie_word_embeddings": False, "max_position_embeddings": 32768,
}  # fmt: skip
LLAMA_8B: dict[str, Any] = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": False,
    "max_position_embeddings": 131072,
}  # fmt: skip
QWEN3_06B: dict[str, Any] = {
    "model_type": "qwen3", "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
    "tie_word_embeddings": True, "max_position_embeddings": 40960,
}  # fmt: skip
QWEN2_MOE: dict[str, Any] = {
    "model_type": "qwen2_moe", "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408,
    "shared_expert_intermediate_size": 5632, "num_hidden_layers": 24, "num_attention_heads": 16,
    "num_key_value_heads": 16, "num_experts": 60, "num_experts_per_tok": 4, "decoder_sparse_step": 1,
    "vocab_size": 151936, "tie_word_embeddings": False, "max_position_embeddings": 8192,
}  # fmt: skip
DEEPSEEK_V3: dict[str, Any] = {
    "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048,
    "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128, "n_routed_experts": 256,
    "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 3, "moe_layer_freq": 1,
    "topk_method": "noaux_tc", "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280, "tie_word_embeddings": False,
    "max_position_embeddings": 163840, "quantization_config": {"quant_method": "fp8"},
}  # fmt: skip
GEMMA2_2B: dict[str, Any] = {
    "model_type": "gemma2", "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
    "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 256000,
    "max_position_embeddings": 8192,
}  # fmt: skip
GEMMA3_4B: dict[str, Any] = {
    "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "vision_config": {"hidden_size": 1152},
    "text_config": {
        "model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34,
        "sliding_window": 1024,
    },
}  # fmt: skip
GEMMA3N_E2B: dict[str, Any] = {
    "model_type": "gemma3n",
    "text_config": {
        "model_type": "gemma3n_text", "hidden_size": 2048, "intermediate_size": [8192] * 30, "num_hidden_layers": 30,
        "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 256, "vocab_size": 262400,
    },
}  # fmt: skip
ERNIE_21B: dict[str, Any] = {
    "model_type": "ernie4_5_moe", "hidden_size": 2560, "intermediate_size": 12288, "moe_intermediate_size": 1536,
    "num_hidden_layers": 28, "num_attention_heads": 20, "num_key_value_heads": 4, "moe_num_experts": 64, "moe_k": 6,
    "moe_num_shared_experts": 2, "moe_layer_start_index": 1, "moe_layer_interval": 1, "vocab_size": 103424,
    "tie_word_embeddings": True, "max_position_embeddings": 131072,
}  # fmt: skip
HUNYUAN_A13B: dict[str, Any] = {
    "model_type": "hunyuan_v1_moe", "hidden_size": 4096, "intermediate_size": 3072,
    "moe_intermediate_size": [3072] * 32, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "head_dim": 128, "num_experts": 64, "moe_topk": [8] * 32, "num_shared_expert": [1] * 32, "vocab_size": 128167,
    "tie_word_embeddings": True, "max_position_embeddings": 32768,
}  # fmt: skip
MAVERICK: dict[str, Any] = {
    "model_type": "llama4",
    "text_config": {
        "model_type": "llama4_text", "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384,
        "num_hidden_layers": 48, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
        "num_local_experts": 128, "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "vocab_size": 202048,
        "tie_word_embeddings": False, "max_position_embeddings": 1048576,
    },
}  # fmt: skip
SCOUT: dict[str, Any] = {
    "model_type": "llama4",
    "text_config": {**MAVERICK["text_config"], "num_local_experts": 16, "interleave_moe_layer_step": 1},
}
OPT_67B: dict[str, Any] = {
    "model_type": "opt", "hidden_size": 4096, "ffn_dim": 16384, "num_hidden_layers": 32, "num_attention_heads": 32,
    "vocab_size": 50272, "max_position_embeddings": 2048,
}  # fmt: skip
FALCON_7B: dict[str, Any] = {
    "model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71,
    "multi_query": True, "new_decoder_architecture": False, "vocab_size": 65024,
}  # fmt: skip
FALCON_40B: dict[str, Any] = {
    "model_type": "falcon", "hidden_size": 8192, "num_hidden_layers": 60, "num_attention_heads": 128,
    "num_kv_heads": 8, "multi_query": True, "new_decoder_architecture": True, "vocab_size": 65024,
}  # fmt: skip

PUBLISHED = {
    "qwen3-30b-a3b": (QWEN3_30B, 30_532_122_624, 3.3e9, 98_304),
    "mixtral-8x7b": (MIXTRAL, 46_702_792_704, 12.9e9, 131_072),
    "llama-3.1-8b": (LLAMA_8B, 8_030_261_248, 8.03e9, 131_072),
    "qwen3-0.6b": (QWEN3_06B, 596_049_920, 0.596e9, 114_688),
    "qwen1.5-moe-a2.7b": (QWEN2_MOE, 14_315_784_192, 2.7e9, 196_608),
    "deepseek-v3": (DEEPSEEK_V3, 671_026_419_200, 37e9, 70_272),
    "gemma-2-2b": (GEMMA2_2B, 2_614_341_888, 2.61e9, 106_496),
}
"""Of types that are counted exactly: config, parameters, parameters per token, cache bytes per token in 16 bits."""
ESTIMATED = {
    "ernie-4.5-21b-a3b": (ERNIE_21B, 21_825_437_888, 3e9, 57_344),
    "hunyuan-a13b": (HUNYUAN_A13B, 80_393_183_232, 13e9, 131_072),
    "llama-4-maverick": (MAVERICK, 400_711_848_960, 17e9, 196_608),
    "llama-4-scout": (SCOUT, 107_769_861_120, 17e9, 196_608),
    "opt-6.7b": (OPT_67B, 6_658_473_984, 6.66e9, 524_288),
    "falcon-7b": (FALCON_7B, 6_921_720_704, 6.92e9, 8_192),
    "falcon-40b": (FALCON_40B, 41_303_293_952, 41.3e9, 122_880),
    "gemma-3-4b, its text": (GEMMA3_4B, 3_880_263_168, 3.88e9, 139_264),
}
"""The same for types that are estimated; the parameters are those of the decoder, without towers for images."""
