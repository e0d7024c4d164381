"""Archives (zip, tar, and compressed ones): each file in them a document, read as what it is.

Bounded in bytes that come out, in how many files there are, and in how deep they nest; links and devices are left out.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO

from ...errors import LoadError
from ..nested import parse_inside
from ..parsed import Job, Parsed, one_line
from ..zips import open_zip, read_part

__all__ = ["parse_compressed", "parse_tar", "parse_zip"]

_MAX_FILES = 10_000
_PIECE = 1 << 16


def parse_zip(data: bytes, job: Job) -> Iterator[Parsed]:
    """The documents of a zip."""
    with open_zip(data, "zip archive") as package:
        for part in package.infolist():
            if not part.is_dir():
                yield from parse_inside(read_part(package, part, job), _name(part.filename, part.flag_bits), job)


def _name(stored: str, flags: int) -> str:
    """A member's name; without the flag for UTF-8 it may be UTF-8 all the same, or an old code page."""
    if flags & 0x800 or stored.isascii():
        return stored
    raw = stored.encode("cp437", errors="replace")
    for encoding in ("utf-8", "cp866"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return stored


def parse_tar(data: bytes, job: Job) -> Iterator[Parsed]:
    """The documents of a tar."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for count, member in enumerate(archive, 1):
                if count > _MAX_FILES:
                    raise LoadError(f"it has more than {_MAX_FILES} files; unpack it and add what you need")
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    yield from parse_inside(_all(stream, job), member.name, job)
    except (tarfile.TarError, EOFError, OSError, ValueError) as exc:
        raise LoadError(f"it is not a sound tar archive ({one_line(str(exc))})") from exc


def parse_compressed(data: bytes, job: Job) -> Iterator[Parsed]:
    """What was compressed by gzip, bzip2 or xz, mostly a tar."""
    source = io.BytesIO(data)
    try:
        with _opened(data, source) as stream:
            unpacked = _all(stream, job)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as exc:
        raise LoadError(f"it is damaged ({one_line(str(exc))})") from exc
    if unpacked[257:262] == b"ustar":
        yield from parse_tar(unpacked, job)
    else:
        yield from parse_inside(unpacked, PurePath(job.name).stem or "file", job)


def _opened(data: bytes, source: io.BytesIO) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    if data.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=source)
    if data.startswith(b"BZh"):
        return bz2.BZ2File(source)
    if data.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(source)
    raise LoadError("it is named a compressed file but is none")


def _all(stream: IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, job: Job) -> bytes:
    pieces = []
    while piece := stream.read(_PIECE):
        job.unpack(len(piece))
        pieces.append(piece)
    return b"".join(pieces)
