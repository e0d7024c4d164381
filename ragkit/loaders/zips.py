"""Zip files read with suspicion: sizes in a zip's directory are only claims, so what comes out is counted."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import LoadError
from .parsed import Job, one_line

__all__ = ["check_unpacked", "open_zip", "read_part"]

_MAX_PARTS = 10_000
_FAULTS = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error)


@contextmanager
def open_zip(data: bytes, what: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip; `what` names it in errors. Raises LoadError for one that is damaged, encrypted or has huge counts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            if len(parts) > _MAX_PARTS:
                raise LoadError(f"it has {len(parts)} parts, more than {_MAX_PARTS}; unpack it and add what you need")
            if any(part.flag_bits & 1 for part in parts):
                raise LoadError("it is encrypted; save it without a password first")
            yield package
    except _FAULTS as exc:
        raise LoadError(f"it is not a sound {what} ({one_line(str(exc)) or type(exc).__name__})") from exc


def read_part(package: zipfile.ZipFile, part: zipfile.ZipInfo | str, job: Job) -> bytes:
    """The bytes of one part, counted as they come. Raises LoadError past the limit; KeyError for an unknown name."""
    pieces = []
    with package.open(part) as stream:
        while piece := stream.read(1 << 16):
            job.unpack(len(piece))
            pieces.append(piece)
    return b"".join(pieces)


def check_unpacked(data: bytes, job: Job, what: str) -> None:
    """Raise LoadError unless `data` is a sound zip whose parts unpack within the limit, claimed and in fact."""
    with open_zip(data, what) as package:
        for part in package.infolist():
            with package.open(part) as stream:
                while piece := stream.read(1 << 16):
                    job.unpack(len(piece))
