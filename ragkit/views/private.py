"""Working folders that belong to one living process, and the removal of those whose process is gone.

    lexical.lock                           held while a folder is made and while the dead are swept, never for long
    lexical/
      private-x1f2/  private-x1f2.lock     the folder; the lock that its owner holds until it closes it or dies

A sweep tells the dead by taking their locks. A lock that has just been made and is not yet held looks the same: so
making and sweeping exclude each other.
"""

from __future__ import annotations

import os
import shutil
import uuid
import weakref
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import StoreError

__all__ = ["PrivateFolder", "sweep"]

_PATIENCE_S = 60.0  # to wait for others that make folders; each takes about a millisecond


class PrivateFolder:
    """A folder of this process's own, removed by `close`, when it is forgotten, or when the process ends."""

    def __init__(self, parent: Path) -> None:
        self.path = parent / f"private-{uuid.uuid4().hex[:16]}"
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _gate(parent).acquire(timeout=_PATIENCE_S, poll_interval=0.005):
                lock = FileLock(str(self.path.with_suffix(".lock")), thread_local=False, mode=0o600)
                lock.acquire(timeout=0)
                self.path.mkdir(mode=0o700)
        except Timeout as exc:  # before OSError, which it is one of
            raise StoreError(
                f"{exc.lock_file} stayed locked for {_PATIENCE_S:g} s; stop the process that hangs and try again"
            ) from exc
        except OSError as exc:
            raise StoreError(
                f"cannot create a folder in {parent}: {exc.strerror or exc}; check its rights and space"
            ) from exc
        self._end = weakref.finalize(self, _remove, self.path, lock, os.getpid())

    def close(self) -> None:
        """Remove the folder, if it still stands, and let go of the lock."""
        self._end()


def sweep(parent: Path) -> None:
    """Remove the folders in `parent` whose process is gone; does nothing while another is at it."""
    if not any(parent.glob("private-*")):
        return
    try:
        with _gate(parent).acquire(timeout=0):
            _sweep(parent)
    except OSError:  # busy, or a folder that may not be written: there is always a next time
        return


def _sweep(parent: Path) -> None:
    for lock_file in parent.glob("private-*.lock"):
        lock = FileLock(str(lock_file), thread_local=False, mode=0o600)
        try:
            lock.acquire(timeout=0)
        except OSError:
            continue  # its owner lives, or has just removed it
        shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
        lock.release()
        _forget(lock_file)
    for left in parent.glob("private-*/"):
        if not left.with_name(f"{left.name}.lock").exists():  # the lock comes before its folder and goes after it
            shutil.rmtree(left, ignore_errors=True)


def _gate(parent: Path) -> FileLock:
    return FileLock(f"{parent}.lock", thread_local=False, mode=0o600)


def _remove(path: Path, lock: FileLock, owner: int) -> None:
    if os.getpid() != owner:
        return  # a fork of the owner, which still uses it
    shutil.rmtree(path, ignore_errors=True)
    lock.release()
    _forget(Path(lock.lock_file))


def _forget(lock_file: Path) -> None:
    try:
        lock_file.unlink(missing_ok=True)
    except OSError:  # the disk has turned read-only: a later sweep removes it
        return
