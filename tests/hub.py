"""A stand-in for the hub of models and the cache in front of it; the files are there, what they say is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

WHOLE = (
    "config.json",
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "tokenizer.json",
)


def write(folder: Path, *names: str) -> Path:
    """Files of a model in two shards; only the index says anything."""
    folder.mkdir(parents=True, exist_ok=True)
    shards = {f"layer{n}": f"model-{n:05}-of-00002.safetensors" for n in (1, 2)}
    for name in names:
        (folder / name).write_text(json.dumps({"weight_map": shards}) if name.endswith("index.json") else "{}")
    return folder


class Hub:
    """A hub that can be reached, and the cache in front of it. A download brings `brings`, or raises `fails`."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache
        self.brings: tuple[str, ...] = WHOLE
        self.fails: Exception | None = None
        self.downloads: list[str] = []

    def cache(self, name: str, *files: str) -> Path:
        """Put files of the model into the cache, as its only snapshot."""
        place = self.folder / f"models--{name.replace('/', '--')}"
        (place / "refs").mkdir(parents=True, exist_ok=True)
        (place / "refs" / "main").write_text("abc")
        return write(place / "snapshots" / "abc", *files)

    def snapshot_download(self, name: str, *, local_files_only: bool = False, **_: Any) -> str:
        from huggingface_hub.errors import LocalEntryNotFoundError
        from huggingface_hub.utils._validators import validate_repo_id

        validate_repo_id(name)
        place = self.folder / f"models--{name.replace('/', '--')}" / "snapshots" / "abc"
        if local_files_only:
            if not place.is_dir():
                raise LocalEntryNotFoundError("not cached")
            return str(place)
        self.downloads.append(name)
        if self.fails is not None:
            raise self.fails
        return str(self.cache(name, *self.brings))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub(tmp_path / "hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(made.folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.snapshot_download", made.snapshot_download)
    return made


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write(tmp_path / "whole", *WHOLE)
