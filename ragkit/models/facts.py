"""What ``config.json`` tells about a model: parameters in all and per token, keys and values per token, context.

Counts are exact for the types in `EXACT`. For anything else they are estimated from the same fields, or from their
namesakes (OPT, Falcon, Ernie 4.5, Hunyuan, Llama 4), and `ModelFacts.estimated` says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..hardware import multiplies_bfloat16
from . import parameters
from .quantized import bytes_per_weight

__all__ = [
    "EXACT",
    "SMALL_PARAMETERS",
    "ModelFacts",
    "cpu_dtype",
    "facts_of",
    "find_config",
    "load_facts",
    "read_facts",
]

SMALL_PARAMETERS = 1_000_000_000
"""Below this, compiling costs more time than it will ever save, and float32 weights more memory than anyone misses."""
EXACT = frozenset(
    {
        "llama",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma",
        "gemma2",
        "gemma3_text",
        "mixtral",
        "qwen2_moe",
        "qwen3_moe",
        "deepseek_v2",
        "deepseek_v3",
    }
)
"""Model types whose count equals that of the built model, parameter by parameter."""
TIED = {"gemma", "gemma2", "gemma3_text", "gemma3n_text", "opt", "falcon", "ernie4_5", "ernie4_5_moe"}
"""Families whose default, when the field is left out, is a shared embedding."""
DEFAULTS: dict[str, dict[str, int]] = {
    "gemma3_text": {
        "vocab_size": 262208,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "max_position_embeddings": 131072,
    }
}
"""Fields that the published files of a family leave out."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Sizes of a model. `active_parameters` is what one token uses; equal to the total for a dense model.

    weight_bytes: as vLLM loads them, two bytes a weight (float32 too is read into 16 bits) unless quantised.
    outside_parameters: embeddings, head and last norm, which quantisation leaves at two bytes.
    kv_heads: heads that tensor parallelism can share out; 1 for latent attention, whose cache every device holds whole.
    """

    architecture: str
    total_parameters: int
    active_parameters: int
    outside_parameters: int
    estimated: bool
    weight_bytes: int
    kv_bytes_per_token: int
    context_tokens: int
    layers: int
    heads: int
    kv_heads: int
    experts: int
    quantization: str | None

    def weight_bytes_at(self, bytes_each: float) -> int:
        """Bytes of the weights if those that quantisation reaches took `bytes_each`."""
        return _weight_bytes(self.total_parameters, self.outside_parameters, bytes_each)


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


def load_facts(path: Path) -> ModelFacts:
    """Return the facts in a ``config.json``. Raises UsageError with its path if it is unreadable or no decoder's."""
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise UsageError(f"{path} cannot be read as JSON ({exc}); fetch it again") from exc
    try:
        return facts_of(config)
    except UsageError as exc:
        raise UsageError(f"{path}: {exc}") from exc


def read_facts(model: str | Path) -> ModelFacts | None:
    """Return the facts of a model on this machine, None if it is not here or its fields are not those of a decoder."""
    path = find_config(model)
    if path is None:
        return None
    try:
        return load_facts(path)
    except UsageError:
        return None


def cpu_dtype(facts: ModelFacts | None) -> str:
    """Return "float32" for a small model where the processor only emulates bfloat16, else "auto": the model's own."""
    small = facts is not None and facts.quantization is None and facts.total_parameters < SMALL_PARAMETERS
    return "float32" if small and not multiplies_bfloat16() else "auto"


def facts_of(config: Mapping[str, Any]) -> ModelFacts:
    """Compute the facts from the fields of a ``config.json``.

    Raises UsageError if a field that the sums need is missing, or is neither a number nor one number a layer.
    """
    kind = "unknown"
    try:
        text = config.get("text_config") or {}
        c = {**config, **text}
        kind = str(c.get("model_type", kind))
        return _facts({**DEFAULTS.get(kind, {}), **c}, kind, wrapped=bool(text))
    except UsageError:
        raise
    except KeyError as exc:
        raise UsageError(
            f"a model of type {kind!r} without {exc} is no decoder ragkit can size; add the field"
        ) from exc
    except (ArithmeticError, AttributeError, TypeError, ValueError) as exc:
        raise UsageError(f"fields of type {kind!r} are not those of a decoder ({exc}); name another model") from exc


def _facts(c: Mapping[str, Any], kind: str, *, wrapped: bool) -> ModelFacts:
    """wrapped: the decoder is part of a larger model, whose towers for images or sound are not counted."""
    names = ("hidden_size", "num_hidden_layers", "vocab_size", "num_attention_heads")
    hidden, layers, vocabulary, heads = (parameters.needed(c, name) for name in names)
    sparse, sparse_active = parameters.experts(c)
    sparse_layers = sum(parameters.is_sparse(c, k) for k in range(layers)) if sparse else 0
    dense = (layers - sparse_layers) * parameters.dense_mlp(c) if sparse_layers < layers else 0
    outside = vocabulary * hidden * (1 if c.get("tie_word_embeddings", kind in TIED) else 2) + hidden
    common = outside + layers * (parameters.attention(c) + parameters.norms(c)) + int(dense)
    total, active = common + int(sparse_layers * sparse), common + int(sparse_layers * sparse_active)
    quantization = c.get("quantization_config") or c.get("compression_config") or {}
    each = bytes_per_weight(quantization) if quantization else 2.0
    return ModelFacts(
        architecture=str((c.get("architectures") or [kind])[0]),
        total_parameters=total,
        active_parameters=active,
        outside_parameters=outside,
        estimated=wrapped or kind not in EXACT,
        weight_bytes=_weight_bytes(total, outside, each),
        kv_bytes_per_token=layers * parameters.kv_width(c) * 2,
        context_tokens=int(c.get("max_position_embeddings") or 4096),
        layers=layers,
        heads=heads,
        kv_heads=parameters.kv_heads(c),
        experts=parameters.expert_count(c),
        quantization=str(quantization.get("quant_method")) if quantization else None,
    )


def _weight_bytes(total: int, outside: int, bytes_each: float) -> int:
    """`outside` of the `total` parameters take two bytes whatever the others take."""
    return int((total - outside) * bytes_each) + outside * 2
