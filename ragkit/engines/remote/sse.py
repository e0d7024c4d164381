"""Server-sent events, parted as the standard parts them (WHATWG HTML, section 9.2).

Lines end with LF, CRLF or CR alone. U+2028, U+2029 and U+0085 are text: Python's own line splitting would break a JSON
string at them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["EventReader", "ServerEvent"]

_LINE = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. name: its type, "" where the server gives none. data: its lines, joined with line feeds."""

    name: str
    data: str


class EventReader:
    """Takes bytes as they arrive; returns the events that are complete. Comments (keep-alives) give none.

    >>> reader = EventReader()
    >>> reader.push(b": alive\\n\\ndata: {}"), reader.push(b"\\n\\n")
    ([], [ServerEvent(name='', data='{}')])
    """

    def __init__(self) -> None:
        self._held = b""
        self._first = True
        self._name = ""
        self._data: list[str] = []

    def push(self, chunk: bytes) -> list[ServerEvent]:
        """Take the next bytes."""
        text = self._held + chunk
        if self._first and len(text) >= len(_BOM):
            text, self._first = text.removeprefix(_BOM), False
        if text.endswith(b"\r"):  # the LF of a CRLF may still come
            self._held, text = b"\r", text[:-1]
            *lines, rest = _LINE.split(text)
            self._held = rest + self._held
        else:
            *lines, self._held = _LINE.split(text)
        return [event for line in lines if (event := self._line(line)) is not None]

    def flush(self) -> list[ServerEvent]:
        """Return what an ended stream left without its blank line; the standard drops it, servers rely on it."""
        held, self._held = self._held.rstrip(b"\r"), b""
        return [event for line in (held, b"") if (event := self._line(line)) is not None]

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            event = ServerEvent(self._name, "\n".join(self._data)) if self._data else None
            self._name, self._data = "", []
            return event
        field, _, value = line.decode("utf-8", "replace").partition(":")
        if field == "event":
            self._name = value.removeprefix(" ")
        elif field == "data":
            self._data.append(value.removeprefix(" "))
        return None
