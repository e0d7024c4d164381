"""Checked snapshots on disk: `gen-N/` folders, each complete or absent, and `CURRENT`, which names the one to serve.

    vectors/
      CURRENT                      gen-7 <sha256 of gen-7/manifest.json>, or none
      gen-6/  gen-7/               data files, and manifest.json (size and sha256 of each file, count, sequence ...)
      private-x1f2/  private-x1f2.lock     a folder in the making, or a process's own working copy (`private`)

Order of a publication: CURRENT (if there is none yet), private folder, data files, manifest, fsync of each file and of
the folder, rename, fsync of the parent, atomic replacement of CURRENT. A crash or a full disk at any point leaves the
generation before being served.
Nothing is given to a search library before its bytes were compared with the manifest.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..errors import StoreError
from .manifest import MANIFEST, FileEntry, Generation, Manifest, OlderFormatError, measure
from .private import PrivateFolder, sweep

__all__ = ["Belongs", "Buffer", "Generations", "anywhere", "describe", "link_or_copy", "strange"]

T = TypeVar("T")
Buffer = bytes | bytearray | memoryview
Belongs = Callable[[int, str], bool]
CURRENT = "CURRENT"
NONE_YET = b"none\n"  # in CURRENT while the first publication runs: without it a kill would look like a loss
_GENERATION = re.compile(r"gen-(\d{1,12})")
_OPEN_ATTEMPTS = 10
_CURRENT = re.compile(rb"(gen-\d{1,12}) ([0-9a-f]{64})\n")


def anywhere(sequence: int, lineage: str) -> bool:
    """For views without a store: every place is one it has been at."""
    return True


class Generations:
    """The generations in one folder. Only the holder of the writer's lock may call `publish`."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        self.kind = kind

    def candidates(self) -> tuple[list[Generation], list[str]]:
        """Generations with a sound manifest, the one to serve first, then older ones; and what is wrong with others."""
        problems: list[str] = []
        numbers = sorted(self._numbers(), reverse=True)
        named, digest = self._current(problems)
        if named is None and not numbers:
            return [], problems
        order = numbers if named is None else [named, *(n for n in numbers if n < named)]
        found: list[Generation] = []
        for number in order:
            folder = self.folder / f"gen-{number}"
            try:
                data = (folder / MANIFEST).read_bytes()
                if number == named and hashlib.sha256(data).hexdigest() != digest:
                    raise ValueError(f"it is not the one that {CURRENT} names")
                manifest = Manifest.from_bytes(data)
                if manifest.kind != self.kind:
                    raise ValueError(f"it describes {manifest.kind!r}, not {self.kind!r}")
            except OlderFormatError:
                continue
            except (OSError, ValueError) as exc:
                problems.append(describe(folder / MANIFEST, exc))
                continue
            found.append(Generation(folder, number, manifest))
        return found, problems

    def open(
        self, load: Callable[[Generation], T], *, fingerprint: str, belongs: Belongs = anywhere
    ) -> tuple[T | None, list[str]]:
        """What `load` makes of the newest generation that is sound, and what was wrong with those before it.

        `load` verifies before it uses, and raises ValueError or OSError for a generation that cannot serve.
        Generations of another fingerprint are passed over, those of another history too; None when nothing can serve.
        belongs: whether a place in the log, (sequence, lineage), is one that the store has been at.
        """
        problems: list[str] = []
        for _ in range(_OPEN_ATTEMPTS):
            current = self.current_bytes()
            found, problems = self.candidates()
            loaded: T | None = None
            for generation in found:
                if generation.manifest.fingerprint != fingerprint:
                    continue
                if not belongs(generation.manifest.sequence, generation.manifest.lineage):
                    problems.append(f"{generation.folder}: {strange(generation.manifest.sequence)}")
                    continue
                try:
                    loaded = load(generation)
                    break
                except (OSError, ValueError) as exc:
                    problems.append(describe(generation.folder, exc))
            if not problems or self.current_bytes() == current:
                return loaded, problems  # else a writer published meanwhile and removed what was being read
        return None, problems

    def publish(
        self, manifest: Manifest, files: Mapping[str, Sequence[Buffer]] | Mapping[str, Path], *, alone: bool = False
    ) -> Generation:
        """Write a new generation and make it current; keep the one before (unless `alone`), remove the others.

        files: name -> buffers to write one after the other, or a finished file to link.
        Raises StoreError when the disk refuses; then the generation before is still the current one.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.sweep()
            if not self.current_bytes() and not self._numbers():
                self._replace_current(NONE_YET)
        except OSError as exc:
            raise StoreError(
                f"cannot write in {self.folder}: {exc.strerror or exc}; free some space or correct its rights"
            ) from exc
        before = None if alone else self._current([])[0]
        number = max(self._numbers(), default=0) + 1
        target = self.folder / f"gen-{number}"
        private = PrivateFolder(self.folder)
        try:
            entries = {name: _write(private.path / name, source) for name, source in files.items()}
            manifest = replace(manifest, files=entries)
            data = manifest.to_bytes()
            _write(private.path / MANIFEST, [data])  # manifest last: its existence means that the rest is there
            _sync_folder(private.path)
            private.path.rename(target)
            _sync_folder(self.folder)
            self._point_to(number, hashlib.sha256(data).hexdigest())
        except OSError as exc:
            if self._current([])[0] != number:
                self._remove(number)
            raise StoreError(
                f"cannot write generation {number} in {self.folder}: {exc.strerror or exc}; "
                "free some space and try again, the generation before is still served"
            ) from exc
        finally:
            private.close()
        self._prune(keep={number} if before is None else {number, before})
        return Generation(target, number, manifest)

    def sweep(self) -> None:
        """Remove private folders whose process is gone."""
        sweep(self.folder)

    def current_bytes(self) -> bytes:
        """The content of CURRENT, to notice that a writer replaced it; empty if there is none."""
        try:
            return (self.folder / CURRENT).read_bytes()
        except OSError:
            return b""

    def verify(self) -> list[str]:
        """Re-read every generation on disk; what is not as it was written, one line each."""
        found, problems = self.candidates()
        for generation in found:
            try:
                generation.verify()
            except (OSError, ValueError) as exc:
                problems.append(describe(generation.folder, exc))
        return problems

    def _numbers(self) -> list[int]:
        if not self.folder.is_dir():
            return []
        matches = (_GENERATION.fullmatch(entry.name) for entry in self.folder.iterdir())
        return [int(match[1]) for match in matches if match]

    def _current(self, problems: list[str]) -> tuple[int | None, str]:
        data = self.current_bytes()
        if data == NONE_YET:
            return None, ""
        match = _CURRENT.fullmatch(data)
        if match is None:
            if data or self._numbers():
                problems.append(f"{self.folder / CURRENT}: {'it cannot be read' if data else 'it is missing'}")
            return None, ""
        return int(match[1].decode().removeprefix("gen-")), match[2].decode()

    def _point_to(self, number: int, digest: str) -> None:
        self._replace_current(f"gen-{number} {digest}\n".encode())

    def _replace_current(self, content: bytes) -> None:
        temporary = self.folder / f"{CURRENT}.new"
        _write(temporary, [content])
        temporary.replace(self.folder / CURRENT)
        _sync_folder(self.folder)

    def _prune(self, keep: set[int]) -> None:
        for number in self._numbers():
            if number not in keep:
                self._remove(number)

    def _remove(self, number: int) -> None:
        """Remove a generation whole or not at all: half of one would look like damage. What a kill leaves is swept."""
        aside = self.folder / f"private-gone-{uuid.uuid4().hex[:16]}"
        try:
            (self.folder / f"gen-{number}").rename(aside)
        except OSError:  # the disk has turned read-only: the next publication removes it
            return
        shutil.rmtree(aside, ignore_errors=True)


def strange(sequence: int) -> str:
    """What is said of a view that stands at a place where its store has never been."""
    return f"change {sequence} is of another history than the database's (restored or exchanged?), made anew from it"


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write(path: Path, source: Sequence[Buffer] | Path) -> FileEntry:
    if isinstance(source, Path):
        link_or_copy(source, path)
        path.chmod(0o600)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return measure(path)
    digest, size = hashlib.sha256(), 0
    with open(path, "wb", opener=_private) as file:
        for part in source:
            file.write(part)
            digest.update(part)
            size += len(part)
        file.flush()
        os.fsync(file.fileno())
    return FileEntry(size, digest.hexdigest())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def describe(path: Path, exc: OSError | ValueError) -> str:
    """One line that says what is wrong with a file or a generation."""
    return f"{path}: {exc.strerror or type(exc).__name__ if isinstance(exc, OSError) else exc}"
