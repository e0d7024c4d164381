"""Adapters: low-rank changes (LoRA) to a model, in a folder as PEFT writes it, named behind their base with a plus.

    nano+runs/a                       the model `nano` with the adapter in the folder runs/a
    runs/a/adapter_config.json        what is changed, and by which rank
    runs/a/adapter_model.safetensors  by how much
    runs/a/tuned.json                 of `ragkit tune`: the hash of the base's weights, so that no other is taken

Only files are read here; torch and PEFT are not needed to tell that an adapter fits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotFoundError, UsageError
from .facts import read_facts
from .files import weights_hash

__all__ = ["CONFIG", "TUNED", "WEIGHTS", "Adapter", "check_base", "read_adapter", "split_model", "tensor_shapes"]

CONFIG, WEIGHTS, TUNED = "adapter_config.json", "adapter_model.safetensors", "tuned.json"
_PREFIX = "base_model.model."


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter that was read. hash: sha256 over its two files, 16 hex digits. rank: the largest of its modules.

    base: the name its maker gave the base. base_weights: hash of the base's weights, "" where the maker wrote none.
    only_merged: why a server cannot apply it beside the base's own weights, "" where it can.
    """

    folder: Path
    hash: str
    rank: int
    base: str
    base_weights: str
    only_merged: str


def split_model(name: str) -> tuple[str, str]:
    """Part "base+adapter" into both; the adapter is "" for a plain name. A folder with a plus in its name is a folder.

    >>> split_model("Qwen/Qwen3-4B+runs/a")
    ('Qwen/Qwen3-4B', 'runs/a')

    Raises UsageError where one side is empty.
    """
    if "+" not in name or Path(name).expanduser().exists():
        return name, ""
    places = [m.start() for m in re.finditer(r"\+", name)]
    at = next((p for p in places if name[p + 1 :] and Path(name[p + 1 :]).expanduser().is_dir()), places[-1])
    base, adapter = name[:at], name[at + 1 :]
    if not base or not adapter:
        raise UsageError(f"{name!r} lacks a side of the plus; write base+adapter, as in nano+runs/a")
    return base, adapter


def read_adapter(name: str | Path) -> Adapter:
    """Read the folder. Raises NotFoundError where there is none, UsageError for one that is no LoRA in safetensors."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise NotFoundError(f"there is no adapter {str(name)!r}; name a folder that `ragkit tune` or PEFT wrote")
    config = _json(folder / CONFIG)
    if config is None:
        refused = folder / "refused" / CONFIG
        why = (
            f"its run did not pass its test and was not kept; to look at it all the same: {refused.parent}"
            if refused.is_file()
            else f"it holds no {CONFIG}; name a folder that `ragkit tune` or PEFT wrote"
        )
        raise UsageError(f"{str(name)!r} is not an adapter: {why}")
    if config.get("peft_type") != "LORA":
        raise UsageError(f"{str(name)!r} is an adapter of type {config.get('peft_type')!r}; ragkit serves LoRA alone")
    weights = folder / WEIGHTS
    if not weights.is_file():
        pickled = (folder / "adapter_model.bin").is_file()
        told = "only pickled weights, which ragkit never loads; convert them" if pickled else f"no {WEIGHTS}; copy it"
        raise UsageError(f"the adapter {str(name)!r} has {told}")
    digest = hashlib.sha256((folder / CONFIG).read_bytes() + b"\0")
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    ranks = [config.get("r") or 1, *(config.get("rank_pattern") or {}).values()]
    tuned = _json(folder / TUNED) or {}
    return Adapter(
        folder=folder,
        hash=digest.hexdigest()[:16],
        rank=max(int(r) for r in ranks),
        base=str(tuned.get("base") or config.get("base_model_name_or_path") or ""),
        base_weights=str(tuned.get("base_weights") or ""),
        only_merged=_only_merged(config),
    )


def check_base(adapter: Adapter, base: str | Path) -> None:
    """Raise UsageError where the model in the folder `base` is not the one that the adapter changes.

    An adapter of `ragkit tune` knows its base by the hash of the weights; of any other the shapes are compared.
    """
    folder = Path(base)
    told = f"the adapter {str(adapter.folder)!r} does not belong to {str(base)!r}"
    if adapter.base_weights:
        if adapter.base_weights != weights_hash(folder):
            raise UsageError(f"{told}: it was trained on {adapter.base!r}, whose weights differ; name that as the base")
        return
    facts = read_facts(folder)
    if facts is not None and facts.quantization is not None:
        return  # its tensors bear other names and shapes
    there = {k: v for file in sorted(folder.glob("*.safetensors")) for k, v in tensor_shapes(file).items()}
    wanted = {
        name.removeprefix(_PREFIX).removesuffix(".lora_A.weight"): shape[-1]
        for name, shape in tensor_shapes(adapter.folder / WEIGHTS).items()
        if name.endswith(".lora_A.weight") and ".experts." not in name  # whose matrices are stored together
    }
    found = {module: there[f"{module}.weight"] for module in wanted if f"{module}.weight" in there}
    for module, shape in found.items():
        if shape[-1] != wanted[module]:
            raise UsageError(
                f"{told}: its {module} takes {wanted[module]} numbers, the model's {shape[-1]}; "
                f"name its base{f', {adapter.base!r}' if adapter.base else ''}"
            )
    if wanted and not found:
        raise UsageError(f"{told}: the model has none of the layers that it changes, such as {min(wanted)}")


def tensor_shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes in a safetensors file, from its header. Raises UsageError for a file that is none."""
    try:
        with file.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
            if length > file.stat().st_size:
                raise ValueError("header longer than the file")
            header = json.loads(raw.read(length))
        return {name: tuple(t["shape"]) for name, t in header.items() if name != "__metadata__"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise UsageError(f"{file} is no safetensors file ({exc}); copy it again") from exc


def _only_merged(config: Mapping[str, Any]) -> str:
    """Why the adapter cannot be applied beside the weights, as vLLM does it."""
    if config.get("target_parameters"):
        return "it changes experts"
    if config.get("use_dora"):
        return "it is a DoRA"
    if config.get("modules_to_save"):
        return "it holds whole layers"
    return "it changes biases" if config.get("bias", "none") != "none" else ""


def _json(path: Path) -> dict[str, Any] | None:
    """The object in a file, None where there is no file. Raises UsageError for one that cannot be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise UsageError(f"{path} cannot be read as JSON ({exc}); copy it again") from exc
    if not isinstance(value, dict):
        raise UsageError(f"{path} holds no object; copy it again")
    return value
