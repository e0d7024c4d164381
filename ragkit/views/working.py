"""Where the words keep the copy that they work on: beside the snapshots, else in a temporary folder, else in memory.

Beside the snapshots nothing is copied, their files are linked. A home that cannot be written (read-only, full) is
searched all the same.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from ..errors import StoreError
from .private import PrivateFolder, sweep

__all__ = ["WorkingPlaces", "refuses"]

_REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


def refuses(exc: OSError) -> bool:
    """Whether it is the disk that takes nothing, rather than a file that is not as it should be."""
    return exc.errno in _REFUSALS


class WorkingPlaces:
    """The places of one view, left one after the other as they refuse."""

    def __init__(self, beside: Path) -> None:
        self._left = [beside, *dict.fromkeys([Path(tempfile.gettempdir()), Path("/dev/shm")])]
        self._beside = beside

    @property
    def in_memory(self) -> bool:
        """Whether no folder is left."""
        return not self._left

    def leave(self) -> None:
        """The place in use has refused."""
        del self._left[:1]

    def folder(self) -> PrivateFolder | None:
        """A fresh folder in the first place that has room; None when it must be memory."""
        while self._left:
            try:
                return PrivateFolder(self._prepared(self._left[0]))
            except StoreError:
                self.leave()
        return None

    def _prepared(self, place: Path) -> Path:
        if place == self._beside:
            if not place.parent.is_dir():
                raise StoreError(f"{place.parent} is not there")  # the folder of an index is made by who writes to it
            return place
        own = place / f"ragkit-{os.geteuid()}"
        try:
            own.mkdir(mode=0o700, exist_ok=True)
            found = own.lstat()
        except OSError as exc:
            raise StoreError(f"{own} cannot be made") from exc
        if own.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise StoreError(f"{own} is not this user's own")
        sweep(own)
        return own
