"""Uploads: files that a person sent, named as they call them and read by the same limited parsers as any other.

The given name is the document's id and nothing more. What is opened is a file with a name of our own, in a folder of
the user's own (0700), so a name full of slashes, dots or control characters reaches no file system. A page that has
sent a file knows it by a random id, which only its sender can use, only in this process, and only until it is used.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import NotFoundError, UsageError
from ..loaders import Source

__all__ = ["Inbox", "Upload", "plain_name", "sources_of"]

MAX_NAME_CHARACTERS = 400
UNCLAIMED_S = 3600.0  # a file that was sent and never used goes after so long
WAITING_FACTOR = 10  # files of the largest size may wait at once
_STRANGE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: `name` as its owner calls it, with folders when a folder was sent; `path` where its bytes lie now."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Waiting:
    upload: Upload
    size: int
    since: float


class Inbox:
    """The files that one user sent and has not used yet. folder: made with the first of them, gone with `close`."""

    def __init__(
        self, folder: Path, *, max_bytes: int, max_files: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._max_bytes, self._max_files, self._clock = folder, max_bytes, max_files, clock
        self._lock = threading.Lock()
        self._waiting: dict[str, _Waiting] = {}
        self._arriving = 0

    async def receive(self, name: str, body: AsyncIterator[bytes]) -> str:
        """Keep a file while it comes in; the id to use it by. Raises UsageError beyond a limit, and keeps nothing."""
        given = plain_name(name)
        with self._lock:
            self._forget_old()
            if len(self._waiting) + self._arriving >= self._max_files:
                raise UsageError(f"{self._max_files} files wait already, which is the limit; add them first")
            self._arriving += 1
        upload = Upload(given, self._folder / secrets.token_hex(16))
        size = 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with upload.path.open("xb") as out:
                async for piece in body:
                    size += len(piece)
                    self._check(size)
                    out.write(piece)
            key = secrets.token_urlsafe(24)
            with self._lock:
                self._waiting[key] = _Waiting(upload, size, self._clock())
            return key
        except BaseException:
            upload.path.unlink(missing_ok=True)
            raise
        finally:
            with self._lock:
                self._arriving -= 1

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise UsageError(f"the file exceeds the limit of {self._max_bytes} bytes; split it")
        held = sum(w.size for w in list(self._waiting.values()))
        if held + size > self._max_bytes * WAITING_FACTOR:
            raise UsageError(f"the files that wait exceed {self._max_bytes * WAITING_FACTOR} bytes; add them first")

    def look(self, keys: Iterable[object]) -> list[Upload]:
        """The files of these ids, one of several of the same name with a number. Raises NotFoundError for another."""
        with self._lock:
            found = [self._waiting[key] if isinstance(key, str) and key in self._waiting else None for key in keys]
        if None in found:
            raise NotFoundError("a file is not here any more; send it again")
        return _numbered([w.upload for w in found if w is not None])

    def take(self, keys: Sequence[object]) -> list[Upload]:
        """Like `look`, and nobody can use them again; whoever takes them calls `discard`."""
        uploads = self.look(keys)
        with self._lock:
            for key in keys:
                self._waiting.pop(str(key), None)
        return uploads

    def discard(self, uploads: Iterable[Upload]) -> None:
        """Delete files that were taken."""
        for upload in uploads:
            if upload.path.parent == self._folder:
                upload.path.unlink(missing_ok=True)

    def _forget_old(self) -> None:
        for key in [k for k, w in self._waiting.items() if w.since < self._clock() - UNCLAIMED_S]:
            self._waiting.pop(key).upload.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Delete whatever waits."""
        with self._lock:
            self._waiting.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def _numbered(uploads: Sequence[Upload]) -> list[Upload]:
    taken: set[str] = set()
    found = []
    for upload in uploads:
        kept, number, suffix = upload.name, 1, PurePosixPath(upload.name).suffix
        while kept in taken:
            number += 1
            kept = f"{upload.name.removesuffix(suffix)} ({number}){suffix}"
        taken.add(kept)
        found.append(Upload(kept, upload.path))
    return found


def plain_name(name: str) -> str:
    """The name as a document's id: relative, composed (NFC), without control and direction characters.

    Raises UsageError when nothing is left of it.

    >>> plain_name("..\\\\reports/./2026.pdf")
    'reports/2026.pdf'
    """
    flat = _STRANGE.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/")
    parts = [part.strip() for part in flat.split("/")]
    kept = "/".join(p for p in parts if p not in ("", ".", ".."))
    if not kept:
        raise UsageError(f"file name {name[:40]!r} holds nothing that can name a document; rename it")
    if len(kept) > MAX_NAME_CHARACTERS:
        raise UsageError(
            f"file name {kept[:40]!r}… has {len(kept)} characters, the limit is {MAX_NAME_CHARACTERS}; rename it"
        )
    return kept


def sources_of(uploads: list[Upload], *, max_bytes: int) -> list[Source]:
    """The sources to read, in order; one that is too large carries the reason, so that the others go in."""
    found = []
    for upload in uploads:
        name, size = plain_name(upload.name), upload.path.stat().st_size
        too_large = "" if size <= max_bytes else f"{size} bytes exceed the limit of {max_bytes}; split it"
        found.append(Source(name, "file", name, str(upload.path), size, None, too_large))
    return found
