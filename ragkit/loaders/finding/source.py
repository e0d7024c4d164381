"""`Source`: one thing to parse, as the list of what a user named holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...types import Document

__all__ = ["RecordValue", "Source"]

RecordValue = Mapping[str, object] | Document


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to parse.

    id: the document's id, or the base of the ids where a file holds many records without ids of their own.
    location: the path as the user would write it, the URL, "stdin", or a record's source or id.
    path: what to open, for files. size: bytes, None when not known yet.
    refusal: why it will not be read; `Parser.parse` raises it, so that one bad entry does not stop a folder.
    aside: it was found in a folder and is of a kind that often holds no text (a picture, sound, a program): when it
    cannot be read, that is to be told and is no failure.
    stamp: of a file, its size, mtime_ns, ctime_ns and inode: a change of its content changes one of them.
    """

    id: str
    kind: Literal["file", "url", "stdin", "record"]
    location: str
    path: str = ""
    size: int | None = None
    record: RecordValue | None = None
    refusal: str = ""
    aside: bool = False
    stamp: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.location
