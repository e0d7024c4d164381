"""Where a model's files are: nano's own, a folder, or a snapshot of the hub in the cache, which is resumed until whole.

A model is whole when its configuration, all its weights and a tokenizer are there:

    config.json  model.safetensors.index.json  model-00001-of-00016.safetensors ...  tokenizer.json
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotFoundError, UsageError
from .facts import find_config

__all__ = ["Found", "find_model", "look", "missing_files", "refuse_pickled", "weights_hash"]

FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken"]
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
TOKENIZERS = ("tokenizer.json", "*.model", "vocab.*", "tekken.json", "*.tiktoken")
EDGE = 1 << 20  # bytes read at both ends of a weight file
_SHARD = re.compile(r"(.+)-\d{5}-of-(\d{5})\.safetensors")


@dataclass(frozen=True, slots=True)
class Found:
    """What of a model is on this machine. `missing`: names of the files it lacks, unknown where `folder` is None."""

    folder: Path | None
    missing: tuple[str, ...] = ()


def look(name: str) -> Found:
    """Look for a model without touching the network; what is not whole may then be downloaded.

    Raises NotFoundError for what names no model, for a folder that is not whole, and for a model of the hub that is
    not whole while HF_HUB_OFFLINE forbids to fetch it.
    """
    if name == "nano":
        return Found(_nano())
    folder = Path(name).expanduser()
    if folder.is_dir():
        if missing := missing_files(folder):
            raise NotFoundError(
                f"the folder {name!r} holds no {_listed(missing)}; copy the whole model there, or name another one"
            )
        return Found(folder)
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise NotFoundError(
            f"there is no model {name!r}: neither a folder, nor a name like 'Qwen/Qwen3-0.6B', nor 'nano'"
        )
    from huggingface_hub import constants

    config = find_config(name)
    found = Found(None) if config is None else Found(config.parent, missing_files(config.parent))
    if constants.HF_HUB_OFFLINE and (found.folder is None or found.missing):
        raise _absent(name, found, "HF_HUB_OFFLINE is set; unset it where the hub can be reached")
    return found


def find_model(name: str) -> Path:
    """Return the folder of a model that is whole; what the cache lacks of a hub's model is downloaded first.

    Raises NotFoundError, with the remedy, for what `look` refuses and for a download that failed.
    """
    found = look(name)
    return _download(name, found) if found.folder is None or found.missing else found.folder


def missing_files(folder: Path) -> tuple[str, ...]:
    """Names of the files that the model in `folder` lacks.

    Shards without their index tell by their own names how many there are.
    Raises NotFoundError for an index that cannot be read.
    """
    missing = [name for name in ("config.json", *_weights(folder)) if not (folder / name).is_file()]
    if not any(path.is_file() for pattern in TOKENIZERS for path in folder.glob(pattern)):
        missing.append("tokenizer.json")
    return tuple(missing)


def refuse_pickled(model: str | Path) -> None:
    """Raise UsageError for a folder whose weights are no safetensors: reading pickled ones runs what they say."""
    folder = Path(model)
    if folder.is_dir() and not any(folder.glob("*.safetensors")):
        raise UsageError(
            f"{str(folder)!r} has no safetensors weights, and ragkit loads no pickled ones; "
            "choose another model, or convert it to safetensors"
        )


def weights_hash(folder: Path) -> str:
    """Hash that changes with a model: over configuration, tokenizer and both ends of every weight file, 16 hex digits.

    Hashing all of 100 GB would take minutes.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.suffix in {".json", ".safetensors", ".jinja"}):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(EDGE))
            if path.stat().st_size > 2 * EDGE:
                file.seek(-EDGE, 2)
                digest.update(file.read(EDGE))
    return digest.hexdigest()[:16]


def _weights(folder: Path) -> Sequence[str]:
    """Names of the weight files that `folder` should hold."""
    index = folder / INDEX
    if index.is_file():
        try:
            return sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise NotFoundError(f"{str(index)!r} is no index of weights; remove it and fetch it again") from exc
    here = sorted(path.name for path in folder.glob("*.safetensors"))
    if here and (shard := _SHARD.fullmatch(here[0])):
        return [INDEX, *(f"{shard[1]}-{n:05}-of-{shard[2]}.safetensors" for n in range(1, int(shard[2]) + 1))]
    return here or (["pytorch_model.bin"] if (folder / "pytorch_model.bin").is_file() else [WEIGHTS])


def _download(name: str, found: Found) -> Path:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, allow_patterns=FILES))
    except Exception as exc:  # the hub's client lets every kind of network error through
        reason = (str(exc).strip() or type(exc).__name__).splitlines()[0][:120]
        raise _absent(name, found, f"{reason}; check the name and the network") from exc
    if missing := missing_files(folder):
        raise _absent(name, Found(folder, missing), "the download brought no more; name a model in safetensors")
    return folder


def _absent(name: str, found: Found, why: str) -> NotFoundError:
    from huggingface_hub import constants

    state = "is not on this machine"
    if found.folder is not None:
        state = f"is on this machine only in part: it lacks {_listed(found.missing)}"
    cache = Path(constants.HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    return NotFoundError(f"the model {name!r} {state}: {why}, or put it into {cache}")


def _listed(missing: Sequence[str]) -> str:
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return ", ".join(missing[:3]) + more


def _nano() -> Path:
    spec = importlib.util.find_spec("ragkit.nano")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "weights" / "config.json").is_file():
            return Path(place) / "weights"
    raise NotFoundError("the weights of nano are not installed; train them with: python -m ragkit.nano train")
