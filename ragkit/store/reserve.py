"""Space put by beside a SQLite database, so that documents can be deleted when the disk is full.

A deletion writes before it frees: the old pages go to the journal. The reserve is as large as the database, up to a
limit, and is given back to the disk when a deletion needs it; the journal then keeps that room for the next one.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["Reserve"]

LEAST_BYTES, MOST_BYTES, STEP_BYTES = 1 << 19, 1 << 24, 1 << 16


class Reserve:
    """The file `ragkit.db-reserve` beside `ragkit.db`."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(f"{database.name}-reserve")

    def keep(self) -> None:
        """Make the reserve as large as it should be; on a disk without room it stays as it is."""
        with suppress(OSError):
            wanted = max(LEAST_BYTES, min(MOST_BYTES, self._database.stat().st_size))
            if self._size() >= wanted // 2:
                return
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(handle, 0, wanted)
            except OSError:
                os.ftruncate(handle, 0)  # half a reserve takes room and may not be enough
            finally:
                os.close(handle)

    def release(self) -> bool:
        """Give some of the space back, a little at a time since others may take it; whether there was any."""
        try:
            size = self._size()
            left = size - max(STEP_BYTES, size // 8)
            if left > 0:
                os.truncate(self._path, left)
            elif size:
                self._path.unlink()
        except OSError:
            return False
        return size > 0

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0
