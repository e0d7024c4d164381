"""The manifest of a snapshot: what every file must be, byte for byte, and what the files hold.

A generation's manifest.json carries the size and sha256 of each data file and a checksum of itself, so any single byte
that differs is noticed before a search library sees it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["MANIFEST", "FileEntry", "Generation", "Manifest", "OlderFormatError", "measure"]

FORMAT = 2
MANIFEST = "manifest.json"
_BLOCK = 1 << 20


class OlderFormatError(ValueError):
    """A snapshot that says nothing of its lineage: it is made anew from the store, once."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What a data file must be, byte for byte."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds. `sequence` is the place in the store's log that it reflects, `lineage` the store's mark
    of that place: the same number in another history has another mark."""

    kind: str
    sequence: int
    count: int
    dim: int = 0
    metric: str = ""
    fingerprint: str = ""
    lineage: str = ""
    details: Mapping[str, str | int | float] = field(default_factory=dict)
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """The exact content of manifest.json: the record and a sha256 of its canonical JSON."""
        record = asdict(self)
        return json.dumps({"manifest": record, "sha256": _digest(record)}, sort_keys=True, indent=1).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read what `to_bytes` wrote; ValueError if a single byte differs or the format is unknown.

        Raises OlderFormatError for the sound manifest of an older version.
        """
        try:
            record: dict[str, Any] = json.loads(data)["manifest"]
            if record["format"] == 1 and _digest(record) == json.loads(data)["sha256"]:
                raise OlderFormatError("it was written by an older version")
            if record["format"] != FORMAT:
                raise ValueError(f"format {record['format']} is not {FORMAT}, the one this version reads")
            files = {str(name): FileEntry(**entry) for name, entry in record.pop("files").items()}
            manifest = cls(files=files, **record)
        except (TypeError, KeyError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as exc:
            raise ValueError("it cannot be read") from exc
        if manifest.to_bytes() != data:
            raise ValueError("its checksum does not match")
        return manifest


@dataclass(frozen=True, slots=True)
class Generation:
    """One published snapshot. `read` gives the bytes of a file only after comparing them with the manifest."""

    folder: Path
    number: int
    manifest: Manifest

    def read(self, name: str) -> memoryview:
        """The verified content of a file, read once; ValueError if it is not what was written."""
        entry = self.manifest.files[name]
        with (self.folder / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != entry.size:
                raise ValueError(f"{name} has {size} bytes, its manifest says {entry.size}")
            content = bytearray(size)
            got = file.readinto(content)
        if got != size or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ValueError(f"the sha256 of {name} is not the manifest's")
        return memoryview(content).toreadonly()

    def map(self, name: str) -> memoryview:
        """Like `read`, for a file that is better left on disk: its pages are mapped, not copied."""
        entry = self.manifest.files[name]
        with (self.folder / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != entry.size:
                raise ValueError(f"{name} has {size} bytes, its manifest says {entry.size}")
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ValueError(f"the sha256 of {name} is not the manifest's")
        return content

    def verify(self, folder: Path | None = None) -> None:
        """Compare each file, in `folder` or the generation's own, with the manifest; ValueError if one differs."""
        for name, entry in self.manifest.files.items():
            found = measure((folder or self.folder) / name)
            if found.size != entry.size:
                raise ValueError(f"{name} has {found.size} bytes, its manifest says {entry.size}")
            if found.sha256 != entry.sha256:
                raise ValueError(f"the sha256 of {name} is not the manifest's")


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def measure(path: Path) -> FileEntry:
    """The size and sha256 that a file has now."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return FileEntry(size, digest.hexdigest())
