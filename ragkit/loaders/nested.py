"""A file inside a file: read by the parser that its name or its first bytes tell, within the limits of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from ..errors import LoadError
from .formats import TEXT, format_of_content, format_of_name, is_junk
from .parsed import Job, Parsed
from .parsers import parser_named

__all__ = ["parse_inside"]

_MAX_DEPTH = 4


def parse_inside(data: bytes, name: str, job: Job, *, part: str | None = None, charset: str = "") -> Iterator[Parsed]:
    """The documents of a file packed in `job`'s; what cannot be read is noted and left out.

    part: what its documents are told apart by, its name unless given.
    """
    part = name if part is None else part
    if job.depth >= _MAX_DEPTH:
        raise LoadError(f"it is packed more than {_MAX_DEPTH} times; unpack it first")
    if not data.strip() or any(is_junk(piece) for piece in PurePosixPath(name).parts):
        return
    found = format_of_name(name) or format_of_content(data)
    inner = replace(
        job,
        name=PurePosixPath(name).name,
        media_type=found.media_type or TEXT.media_type,
        notes=[],
        charset=charset,
        depth=job.depth + 1,
    )
    if not found.parser:
        job.note(f"{part}: {found.refusal}")
        return
    empty = True
    try:
        for document in parser_named(found.parser)(data, inner):
            if document.text.strip():
                empty = False
                below = f"{part}!{document.part}" if document.part else part
                yield replace(document, part=below, metadata={"part": below, **document.metadata})
    except LoadError as exc:
        if "Limits.unpacked_bytes" in str(exc) or "packed more than" in str(exc):
            raise
        job.note(f"{part}: {exc}")
        empty = False
    if empty:
        job.note(f"{part}: it holds no text")
    for note in inner.notes:
        job.note(f"{part}: {note}")
