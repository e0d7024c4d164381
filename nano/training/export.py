"""Writes a trained reader as transformers and vLLM load it, and reads it back for more training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .checkpoint import find_checkpoint, load_model
from .model import Nano, NanoConfig
from .tokenizer import load_tokenizer


def transformers_config(config: NanoConfig, tokenizer: Any) -> Any:
    """Return the `Qwen3MoeConfig` of the same model."""
    import transformers

    config_class: Any = transformers.Qwen3MoeConfig
    return config_class(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        intermediate_size=2 * config.expert_size,
        moe_intermediate_size=config.expert_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=config.kv_heads,
        head_dim=config.head_dim,
        num_experts=config.experts,
        num_experts_per_tok=config.experts_per_token,
        norm_topk_prob=True,
        tie_word_embeddings=True,
        max_position_embeddings=config.max_positions,
        rope_parameters={"rope_theta": config.rope_theta, "rope_type": "default"},
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )


def to_transformers(model: Nano, tokenizer: Any) -> Any:
    """Return the reader as a bfloat16 `Qwen3MoeForCausalLM`."""
    import torch
    import transformers

    model_class: Any = transformers.Qwen3MoeForCausalLM
    generation_class: Any = transformers.GenerationConfig
    made = model_class(transformers_config(model.config, tokenizer))
    missing, unexpected = made.load_state_dict(model.state_dict(), strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise ValueError(f"the model does not fit Qwen3MoeForCausalLM: missing {missing}, unexpected {unexpected}")
    made.tie_weights()
    made.generation_config = generation_class(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=False
    )
    return made.to(torch.bfloat16).eval()


def export_weights(run: Path, out: Path) -> None:
    """Write the newest checkpoint of a run to `out`: config, weights, tokenizer and chat template."""
    found = find_checkpoint(run)
    if found is None:
        raise FileNotFoundError(f"no checkpoint in {run}; train first: python -m ragkit.nano train --out {run}")
    model, _ = load_model(found)
    tokenizer = load_tokenizer(run / "tokenizer")
    to_transformers(model, tokenizer).save_pretrained(out)
    tokenizer.save_pretrained(out)


def load_exported(folder: Path) -> Nano:
    """Return the training model with exported weights, in float32."""
    from transformers import Qwen3MoeForCausalLM

    loaded: Any = Qwen3MoeForCausalLM.from_pretrained(folder)
    c = json.loads((folder / "config.json").read_text())
    model = Nano(
        NanoConfig(
            vocab_size=c["vocab_size"],
            hidden_size=c["hidden_size"],
            layers=c["num_hidden_layers"],
            heads=c["num_attention_heads"],
            kv_heads=c["num_key_value_heads"],
            head_dim=c["head_dim"],
            experts=loaded.config.num_experts,
            experts_per_token=c["num_experts_per_tok"],
            expert_size=c["moe_intermediate_size"],
            max_positions=c["max_position_embeddings"],
            rope_theta=loaded.config.rope_parameters["rope_theta"],
        )
    )
    state = {name: value.float() for name, value in loaded.state_dict().items() if name != "lm_head.weight"}
    model.load_state_dict(state)
    return model
