"""An adapter put onto its base: beside the weights where an engine can do that, else merged into them, in a cache.

The cache is `ragkit/merged` of the user's cache folder; a merged model is named by the hashes of base and adapter and
appears there as a whole. Removing a folder of it costs nothing but the next merging.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from ..errors import EngineError, MissingDependencyError, UsageError
from ..models.adapters import WEIGHTS, Adapter, check_base, tensor_shapes
from ..models.facts import SMALL_PARAMETERS, read_facts
from ..models.files import refuse_pickled, weights_hash

__all__ = ["adapted_dtype", "attach", "merge", "merged"]

_CARRIED = (".json", ".jinja", ".model", ".txt", ".tiktoken")  # the tokenizer's files, whatever its kind


def adapted_dtype(base: str | Path) -> str:
    """Return the type in which an adapter meets its base: "float32" for a small model, so that merged and live agree
    to the token; else "auto", the base's own."""
    facts = read_facts(base)
    return "float32" if facts is not None and facts.total_parameters < SMALL_PARAMETERS else "auto"


def attach(model: Any, adapter: Adapter, *, trainable: bool = False) -> Any:
    """Return the transformers model with the adapter on it. Raises UsageError where a part of it found no place."""
    try:
        from peft import PeftModel, get_peft_model_state_dict
    except ImportError as exc:
        raise MissingDependencyError("an adapter outside of vLLM", extra="tune") from exc
    try:
        made = PeftModel.from_pretrained(model, str(adapter.folder), is_trainable=trainable)
    except (ValueError, RuntimeError, KeyError) as exc:
        first = (str(exc).strip() or type(exc).__name__).splitlines()[0]
        raise UsageError(f"the adapter {str(adapter.folder)!r} does not fit its base: {first}") from exc
    strange = set(tensor_shapes(adapter.folder / WEIGHTS)) - set(get_peft_model_state_dict(made))
    if strange:
        raise UsageError(
            f"the adapter {str(adapter.folder)!r} does not fit its base: {len(strange)} of its tensors have no place, "
            f"such as {min(strange)}"
        )
    return made


def merge(base: Path, adapter: Adapter, out: Path, *, dtype: str = "auto") -> Path:
    """Write the base with the adapter merged into its weights to the folder `out`, as a whole or not at all.

    dtype: of the sums and of what is written. Raises UsageError for a quantised base and where `out` exists,
    EngineError where it cannot be written.
    """
    facts = read_facts(base)
    if facts is not None and facts.quantization is not None:
        raise UsageError(f"{str(base)!r} is quantised ({facts.quantization}); merge into the model it was made of")
    if out.exists():
        raise UsageError(f"{out} is there already; name another folder, or remove it")
    check_base(adapter, base)
    refuse_pickled(base)
    try:
        from transformers import AutoModelForCausalLM
    except ImportError as exc:
        raise MissingDependencyError("merging an adapter", extra="tune") from exc
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        load: Any = AutoModelForCausalLM.from_pretrained
        model = load(str(base), dtype=dtype, use_safetensors=True, trust_remote_code=False)
        part.mkdir(parents=True)
        for file in base.iterdir():
            if file.suffix in _CARRIED and not file.name.endswith(".index.json"):
                shutil.copyfile(file, part / file.name)
        attach(model, adapter).merge_and_unload().save_pretrained(part)
        part.rename(out)
    except OSError as exc:
        raise EngineError(f"{out} cannot be written: {exc.strerror or exc}; free the disk, or name another") from exc
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out


def merged(base: Path, adapter: Adapter) -> Path:
    """The folder of the merged model in the cache, made when it is not there; other processes wait meanwhile."""
    from filelock import FileLock

    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ragkit" / "merged"
    out = home / f"{weights_hash(base)}-{adapter.hash}"
    if out.is_dir():
        return out
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise EngineError(f"{home} cannot be made: {exc.strerror}; set XDG_CACHE_HOME to a folder of yours") from exc
    with FileLock(home / f"{out.name}.lock"):
        return out if out.is_dir() else merge(base, adapter, out, dtype=adapted_dtype(base))
