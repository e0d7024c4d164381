"""A folder's `ragkit.toml` may name a server elsewhere, or a model's files: who works in the folder is asked once.

A file that came with a folder is not the word of whoever opens it: questions and passages would go to that server, and
those weights would answer under a known model's name. So what only the file names is not used until `ragkit trust` has
been said for the folder and this very model; what is trusted stands in the user's own configuration, never in the
folder. A model named by `--model`, RAGKIT_MODEL or a program needs no such word, nor does a public name.
"""

from __future__ import annotations

import ipaddress
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from ..config import CONFIG_FILE, file_model
from ..errors import ConfigError, UsageError

__all__ = ["files_named", "host_elsewhere", "require", "trust", "trusted_file"]

_OWN = ("nano", "extractive")  # what ships with ragkit, whatever the folder holds under these names


def host_elsewhere(model: str) -> str:
    """The host of a model's server when it is not this machine, else ""."""
    prefix, _, rest = model.strip().partition(":")
    if prefix != "openai":
        return ""
    try:
        host = urlsplit(rest).hostname or ""
    except ValueError:
        return rest[:80]
    if host == "localhost":
        return ""
    try:
        return "" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host


def files_named(model: str) -> str:
    """The folder or file of this machine that a model, or its adapter, is read from; "" for a public name."""
    prefix, colon, rest = model.strip().partition(":")
    if prefix == "openai" or model in _OWN:
        return ""
    parts = (rest if colon else model).split("+")
    return next((part for part in parts if part and part not in _OWN and Path(part).expanduser().exists()), "")


def require(model: str) -> None:
    """Raise ConfigError where the folder's file alone names a model elsewhere, or files, and nobody has trusted it."""
    if os.environ.get("RAGKIT_MODEL") or file_model() != model:
        return
    host, files = host_elsewhere(model), files_named(model)
    if not host and not files:
        return
    if _read().get(str(Path.cwd().resolve())) != model:
        told = (
            f"a model at {host}: questions and passages of your documents would go there"
            if host
            else f"the model in {files}: its weights would be what answers"
        )
        raise ConfigError(
            f"{CONFIG_FILE} of this folder names {told}; allow it for this folder with `ragkit trust`, "
            "or name another with --model"
        )


def trust(*, revoke: bool = False) -> str:
    """Allow the model that this folder's file names, or take that back; returns it. Raises UsageError without one."""
    kept, folder, model = _read(), str(Path.cwd().resolve()), file_model()
    if revoke:
        model = kept.pop(folder, model or "")
    elif model is None:
        raise UsageError(f"{CONFIG_FILE} of this folder names no model; there is nothing to trust")
    else:
        kept[folder] = model
    path = trusted_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(kept, out, ensure_ascii=False, indent=1)
    fresh.replace(path)
    return model


def trusted_file() -> Path:
    """Where a user's consents are kept, a model for each folder."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "ragkit" / "trusted.json"


def _read() -> dict[str, str]:
    try:
        found = json.loads(trusted_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{trusted_file()} cannot be read: {exc}; correct or remove it") from exc
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}
