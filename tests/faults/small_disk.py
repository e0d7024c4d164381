"""A real file system of a few megabytes, filled and emptied at will: what a full or a read-only disk does, it does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted tmpfs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self, leave_bytes: int = 0) -> None:
        """Leave no more than so many bytes free."""
        with self._filler.open("ab", buffering=0) as file:
            while (free := self._free() - leave_bytes) > 0:
                try:
                    file.write(bytes(min(free, 1 << 20)))
                except OSError:
                    return

    def empty(self) -> None:
        """Give the filled space back."""
        self._filler.unlink(missing_ok=True)

    def read_only(self, yes: bool = True) -> None:
        """Mount it anew so that nothing (or everything) may be written."""
        subprocess.run(["mount", "-o", "remount,ro" if yes else "remount,rw", str(self.path)], check=True)

    def _free(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(path: Path, size_mb: int = 24) -> Iterator[SmallDisk]:
    """Mount one; skips where this process may not mount."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=700", "tmpfs", str(path)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError as exc:
        pytest.skip(f"no disk of its own: {exc}")
    if done.returncode != 0:
        pytest.skip("this user may not mount a disk")
    disk = SmallDisk(path)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
