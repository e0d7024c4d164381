"""Everything that could change a sample, as one record: corpus, prompts, engine, sampling, code."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import ragkit
from ragkit.config import settings
from ragkit.index import open_store
from ragkit.types import to_plain

__all__ = ["code_version", "corpus_of", "environment", "fingerprint_of", "prompts_of"]

_ASIDE = {"cli", "eval", "nano", "prompts", "ui", "langchain", "server", "tune"}  # rooms that cannot change an answer


@lru_cache(maxsize=1)
def code_version() -> str:
    """ragkit's version and a hash over the modules that take part in an answer."""
    root, digest = Path(str(files("ragkit"))), hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] not in _ASIDE:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{ragkit.__version__}+{digest.hexdigest()[:12]}"


def corpus_of(index: Any) -> dict[str, Any]:
    """What is searched: the encoder, the chunker and every document's content, wherever the index stands."""
    record, store = index.record, open_store(settings(home=index.folder.parent))
    digest = hashlib.sha256()
    for name, content in sorted(store.content_hashes(record.id).items()):
        digest.update(f"{name}\0{content}\n".encode())
    documents, chunks = store.counts(record.id)
    return {
        "documents": documents,
        "chunks": chunks,
        "content": digest.hexdigest()[:16],
        "encoder": record.encoder,
        "encoder_fingerprint": record.fingerprint[:16],
        "chunker": record.chunker,
    }


def prompts_of(library: Any) -> dict[str, str]:
    """Version and hash of every prompt."""
    return {name: f"{library.get(name).version}:{library.get(name).hash[:12]}" for name in library.names()}


def fingerprint_of(
    *, questions: str, asking: Mapping[str, Any], judge: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The record a run is keyed by. questions: hash of the set. asking: corpus, model, strategy, budget, sampling."""
    plain: dict[str, Any] = to_plain(
        {"questions": questions, **asking, "judge": dict(judge or {}), "code": code_version()}
    )
    return plain


def environment() -> dict[str, str]:
    """Where a run was made; told, but not part of what it is compared by."""
    return {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
