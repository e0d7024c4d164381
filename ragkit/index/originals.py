"""The files that came through a browser, kept so that their pages can be shown with what was quoted from them.

Files that were added by their paths are where they were. Uploads are not: those with pages (PDFs) are copied into the
index's folder, readable by its owner alone, under names made of their documents' ids. `keep_originals = false` in
ragkit.toml, or in an index's own settings, keeps none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..loaders import Source

__all__ = ["Originals", "is_upload"]


def is_upload(source: Source) -> bool:
    """Whether a file's document is named by its owner, and the file is somewhere else for a moment."""
    return source.kind == "file" and Path(source.path) != Path(source.id) and not Path(source.id).is_absolute()


class Originals:
    """The kept files of one index; `folder` is the index's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "originals"

    def path(self, document_id: str) -> Path:
        """Where the file of a document is, or would be."""
        return self.folder / hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]

    def keep(self, document_id: str, file: str | Path) -> None:
        """Copy a file, in place of what was kept of that document before. Raises OSError; then that stays."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.path(document_id)
        half = target.with_suffix(".new")
        try:
            with Path(file).open("rb") as source, open(half, "wb", opener=_private) as copy:
                shutil.copyfileobj(source, copy)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)

    def forget(self, document_ids: Iterable[str]) -> None:
        """Delete what was kept of these documents."""
        if self.folder.is_dir():
            for document_id in document_ids:
                self.path(document_id).unlink(missing_ok=True)

    def counted(self) -> tuple[int, int]:
        """How many files are kept, and their bytes."""
        sizes = [path.stat().st_size for path in self.folder.iterdir()] if self.folder.is_dir() else []
        return len(sizes), sum(sizes)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
