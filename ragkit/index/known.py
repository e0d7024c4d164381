"""What an index knows already of the files it is given: which are as they were, which moved, which lost rows.

A file is told by its absolute path (`Source.id`), however it was named when it was added.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from .. import __version__
from ..loaders import Source
from ..store import FileRow, Moved, Store
from ..text.chunking import CHUNKER_VERSION
from ..types import Document

__all__ = ["Known", "below", "digest_of", "is_gone"]

READER = f"{__version__} {CHUNKER_VERSION}"  # what another version reads may be another text
_JUST_NOW_NS = 2_000_000_000  # a file changed so lately may change again within one tick of its file system's clock


class Known:
    """The documents and files of an index as they were when a run began. `store` None: an index still to be made."""

    def __init__(self, store: Store | None, index_id: str) -> None:
        self._store, self._index_id = store, index_id
        self.hashes: dict[str, str] = store.content_hashes(index_id) if store else {}
        self.files: dict[str, FileRow] = store.files(index_id) if store else {}

    def untouched(self, source: Source) -> tuple[str, ...]:
        """The documents of a file that is as it was when it was read; none where it must be read (again)."""
        row = self.files.get(source.id)
        if row is None or not source.stamp or row.stamp != source.stamp or row.reader != READER:
            return ()
        return row.documents if all(name in self.hashes for name in row.documents) else ()

    def adopt(self, source: Source, documents: Sequence[Document]) -> None:
        """Find rows of this file that an older version of ragkit kept under the bare ids they state; rename them."""
        if self._store is None:
            return
        start = f"{source.id}#"
        bare = {d.id.removeprefix(start): d for d in documents if d.id.startswith(start) and d.id not in self.hashes}
        old = [name for name in bare if name in self.hashes]
        moves = [
            Moved(name, bare[name].id, bare[name].source, bare[name].title, self.hashes[name])
            for name, origin in (self._store.sources(self._index_id, old) if old else {}).items()
            if _path_of(origin) == source.id
        ]
        self.move(moves)

    def move(self, moves: Sequence[Moved]) -> None:
        """Give documents other ids; what is known follows."""
        if moves and self._store is not None:
            self._store.move_documents(self._index_id, moves)
            for moved in moves:
                del self.hashes[moved.old]
                self.hashes[moved.new] = moved.content_hash

    def no_longer_in(self, source: Source, documents: Iterable[str]) -> list[str]:
        """Documents that came of this file and are not in it any more."""
        row = self.files.get(source.id)
        held = set(row.documents if row else ())
        now = set(documents)
        if any("#" in name for name in now):  # rows from before files were remembered
            held |= {name for name in self.hashes if name.startswith(f"{source.id}#") and name not in self.files}
        return sorted(name for name in held - now if name in self.hashes)

    def renamed(self, source: Source, gone: Mapping[str, FileRow]) -> FileRow | None:
        """The file among those that are gone whose bytes this one has."""
        alike = [row for row in gone.values() if row.stamp[:1] == source.stamp[:1] and row.reader == READER]
        if not alike or source.id in self.files:
            return None
        digest = digest_of(source.path)
        return next((row for row in alike if digest and row.digest == digest), None)

    def row_of(self, source: Source, documents: Sequence[str]) -> FileRow:
        """What to remember of a file that has just been read whole."""
        lately = bool(source.stamp) and max(source.stamp[1:3]) > time.time_ns() - _JUST_NOW_NS
        stamp = (source.stamp[0], 0, 0, 0) if lately else source.stamp  # its size alone: it will be read again
        return FileRow(source.id, stamp, digest_of(source.path), READER, tuple(documents))

    def origin_of(self) -> dict[str, str]:
        """The file that each document came of, by document id; those of no file are left out."""
        origins = {name: path for path, row in self.files.items() for name in row.documents if name in self.hashes}
        for name in self.hashes:
            if name not in origins and os.path.isabs(name) and "!" not in name:  # noqa: PTH117 - ids, not paths of here
                path, mark, number = name.rpartition("#")
                origins[name] = path if mark and number.isdecimal() and path not in self.hashes else name
        return origins


def digest_of(path: str) -> str:
    """Sha256 of a file's bytes; "" where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def below(path: str, folders: Collection[str]) -> bool:
    """Whether a path is one of the folders or in one of them."""
    return path in folders or any(parent.as_posix() in folders for parent in Path(path).parents)


def is_gone(path: str) -> bool:
    """Whether there is certainly nothing of that name; what cannot be looked at is not gone."""
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _path_of(source: str) -> str:
    """The absolute path that a source names from here, as `finding.sources` makes ids; "" for what is no path."""
    if not source or "://" in source:
        return ""
    path = Path(source)
    try:
        return (path.parent.resolve() / path.name).as_posix()
    except (OSError, ValueError):
        return ""
