"""`Parser`: sources in, documents out, one reused subprocess behind it."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Set
from pathlib import PurePath
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from ..errors import LoadError
from ..types import Document
from .finding.source import Source
from .formats import Format, format_of_name, format_of_type
from .limits import Limits
from .parsed import Parsed, clean
from .process import Worker, WorkerEndedError
from .records import record

__all__ = ["Parser"]

T = TypeVar("T")
_REQUEST: dict[str, Any] = {"body": False, "format": "", "media_type": "", "charset": "", "encoding": ""}
_DOCUMENT_FIELDS = ("id", "title", "text", "source", "language", "media_type", "metadata")


class Parser:
    """Parses sources with limits; a context manager that owns the worker.

    Threads may share it; it reads one source at a time.
    """

    def __init__(self, limits: Limits | None = None, *, encoding: str = "") -> None:
        """encoding: what text files are in, whatever they say themselves; "" to find out."""
        self.limits = limits or Limits()
        self._encoding = encoding
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker; the next `parse` starts another."""
        with self._lock:
            if self._worker is not None:
                self._worker.close()
                self._worker = None

    def parse(self, source: Source) -> list[Document]:
        """The documents of one source, at least one, none of them empty.

        Raises LoadError with one line that names the source and the reason; the parser goes on with the next.
        """
        if source.refusal:
            raise LoadError(f"{source.location}: {source.refusal}")
        try:
            if source.kind == "record":
                return [self._record(source)]
            if source.kind == "file":
                return self._file(source)
            return self._stdin(source) if source.kind == "stdin" else self._url(source)
        except LoadError as exc:
            raise LoadError(f"{source.location}: {exc}") from exc

    def letters(self, source: Source, pages: Iterable[int]) -> dict[int, tuple[str, list[list[float]]]]:
        """The letters of a PDF's pages and the box of each, see `pdf.letters`, by page. Raises LoadError."""
        return self.on_pages(source, "pdf_letters", pages, _letters)

    def on_pages(self, source: Source, parser: str, pages: Iterable[int], read: Callable[[str], T]) -> dict[int, T]:
        """What a parser of single pages, one of `PARSERS`, says of those of a PDF, by page. Raises LoadError.

        read: makes of the worker's text what it says; it raises LoadError for anything else.
        """
        if source.refusal:
            raise LoadError(f"{source.location}: {source.refusal}")
        request = {**_REQUEST, "path": source.path, "name": source.location, "format": parser, "pages": list(pages)}
        try:
            found, _ = self._exchange(request, None)
            return {int(page["row"]): read(page["text"]) for page in found}
        except LoadError as exc:
            raise LoadError(f"{source.location}: {exc}") from exc

    def _record(self, source: Source) -> Document:
        value = source.record
        pages: tuple[int, ...] = ()
        if isinstance(value, Document):
            pages = value.pages
            if pages and clean(value.text) != value.text:
                raise LoadError("its text holds carriage returns or NULs, which would shift its pages; remove them")
            value = {name: getattr(value, name) for name in _DOCUMENT_FIELDS}
        if not isinstance(value, Mapping):
            raise LoadError(f"it is a {type(value).__name__}; give a path, a dict or a Document")
        parsed = record(value, "the record")
        if not parsed.text.strip():
            raise LoadError("it holds no text")
        if len(parsed.text) > self.limits.characters:
            raise LoadError(f"it exceeds {self.limits.characters} characters; split it, or raise Limits.characters")
        return Document(
            source.id,
            parsed.text,
            parsed.title,
            parsed.source,
            parsed.metadata,
            pages,
            parsed.media_type,
            parsed.language,
        )

    def _file(self, source: Source) -> list[Document]:
        name = PurePath(source.location).name
        return self._ask(name, format_of_name(name), found_id=source.id, location=source.location, path=source.path)

    def _stdin(self, source: Source) -> list[Document]:
        limit = self.limits.input_bytes
        data = sys.stdin.buffer.read(limit + 1)
        if len(data) > limit:
            raise LoadError(f"more than {limit} bytes came in; split it, or raise Limits.input_bytes")
        # two texts piped in one after the other are two documents; the same text again is the same one
        found_id = f"stdin:{hashlib.sha256(data).hexdigest()[:16]}"
        return self._ask("stdin", None, found_id=found_id, location=source.location, body=data)

    def _url(self, source: Source) -> list[Document]:
        from .fetch import fetch

        page = fetch(source.location, self.limits)
        parts = urlsplit(page.url)
        name = PurePath(unquote(parts.path)).name
        found = format_of_type(page.content_type)
        if found is None or found.media_type == "text/plain":  # the server does not know; the name may
            found = format_of_name(name) or found
        return self._ask(
            name or parts.netloc,
            found,
            found_id=source.id,
            location=source.location,
            body=page.body,
            charset=_charset(page.content_type),
        )

    def _ask(
        self,
        name: str,
        found: Format | None,
        *,
        found_id: str,
        location: str,
        path: str = "",
        body: bytes | None = None,
        charset: str = "",
    ) -> list[Document]:
        """Have one source parsed; a format of None leaves it to the worker to look at the first bytes."""
        if found is not None and not found.parser:
            raise LoadError(found.refusal)
        request: dict[str, Any] = {
            **_REQUEST,
            "path": path,
            "body": body is not None,
            "name": name,
            "format": found.parser if found is not None else "",
            "media_type": found.media_type if found is not None else "text/plain",
            "charset": charset,
            "encoding": self._encoding,
        }
        rows = []
        found_parts, notes = self._exchange(request, body)
        for fields in found_parts:
            try:
                rows.append(Parsed(**fields))
            except TypeError as exc:
                raise LoadError("its parser sent something else than a document; the file is hostile") from exc
        keys = {(row.part, row.key) for row in rows if row.key}
        return [
            Document(
                id=_row_id(found_id, row, keys),
                text=row.text,
                title=row.title,
                source=row.source or location,
                metadata=row.metadata,
                pages=tuple(row.pages),
                media_type=row.media_type,
                language=row.language,
                notes=() if number else tuple(notes),
            )
            for number, row in enumerate(rows)
        ]

    def _exchange(self, request: dict[str, Any], body: bytes | None) -> tuple[list[dict[str, Any]], list[str]]:
        """Ask the worker; a death is the source's fault only if a fresh worker dies of it too."""
        with self._lock:
            for _ in range(2):
                if self._worker is None or not self._worker.alive:
                    if self._worker is not None:
                        self._worker.close()
                    self._worker = Worker(self.limits)
                try:
                    return self._worker.ask(request, body)
                except WorkerEndedError as exc:
                    self._worker = None
                    if exc.fresh:
                        raise LoadError(str(exc)) from exc
            raise LoadError("it ended the parser twice; the file is damaged or hostile")


def _letters(text: str) -> tuple[str, list[list[float]]]:
    """What the worker says of a page. Raises LoadError for anything else."""
    try:
        letters, boxes = json.loads(text)
        places = [[float(side) for side in box] for box in boxes]
    except (ValueError, TypeError) as exc:
        raise LoadError("its parser sent something else than letters; the file is hostile") from exc
    if not isinstance(letters, str) or len(letters) != len(places) or any(len(box) != 4 for box in places):
        raise LoadError("its parser sent something else than letters; the file is hostile")
    return letters, places


def _charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""


def _row_id(found_id: str, row: Parsed, keys: Set[tuple[str, str]]) -> str:
    """The id of a document: its file's, the part of that, and of a row what it states or else its number.

    So two files with rows 1 to N never meet. keys: (part, stated id) of all rows of the file.
    """
    place = f"{found_id}!{row.part}" if row.part else found_id
    if row.key:  # what is piped in has no place to scope it by: its ids are the caller's, as a dict's are
        return row.key if found_id.startswith("stdin:") else f"{place}#{row.key}"
    if not row.row:
        return place
    number = str(row.row)
    while (row.part, number) in keys:
        number = f"row {number}"
    return f"{place}#{number}"
