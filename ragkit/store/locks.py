"""One writer per index: a lock on a file in its folder, freed by the system when its holder ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import IndexLockedError, StoreError

__all__ = ["writer_lock"]


@contextmanager
def writer_lock(folder: Path, name: str = "") -> Iterator[None]:
    """Hold the right to write to the index in `folder`; `name` is what the user calls it.

    Raises IndexLockedError at once when another process (or thread) holds it, StoreError when the folder cannot be
    written. A file left by a dead process does not lock.
    """
    shown = repr(name or folder.name)
    note = folder / "write.pid"  # beside the lock: opening the lock file empties it
    lock = FileLock(folder / "write.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as exc:
        raise IndexLockedError(
            f"another process{_holder(note)} is writing to {shown}; wait until it ends, or stop it (reading goes on)"
        ) from exc
    except OSError as exc:
        raise StoreError(
            f"{folder} cannot be locked for writing: {exc.strerror or exc}; set RAGKIT_HOME to a folder you may write"
        ) from exc
    try:
        with suppress(OSError):  # the note only names the holder; the lock is held without it
            note.touch(mode=0o600)
            note.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    try:
        return f" (pid {int(note.read_text(encoding='ascii'))})"
    except (OSError, ValueError):
        return ""
