"""Messages between ragkit and its parsing worker: a length (8 bytes, big-endian), then that many bytes.

JSON or raw bytes, never pickle: what a hijacked parser sends can at worst be a wrong text.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

__all__ = ["read_bytes", "read_message", "write_bytes", "write_message"]

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would build one per message
_LENGTH = struct.Struct(">Q")


def write_bytes(stream: BinaryIO, data: bytes) -> None:
    """Write one frame; the caller flushes."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)


def read_bytes(stream: BinaryIO, *, limit: int) -> bytes:
    """Read one frame. Raises EOFError at the end of the stream, ValueError for a frame above `limit` bytes."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    if length > limit:
        raise ValueError(f"a message of {length} bytes exceeds {limit}")
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def write_message(stream: BinaryIO, message: dict[str, Any]) -> None:
    """Write one JSON object as a frame; the caller flushes. File names that are not UTF-8 pass (lone surrogates)."""
    write_bytes(stream, _ENCODE(message).encode("utf-8", "surrogatepass"))


def read_message(stream: BinaryIO, *, limit: int) -> dict[str, Any]:
    """Read one JSON object. Raises EOFError, or ValueError for what is not one."""
    message = json.loads(read_bytes(stream, limit=limit))
    if not isinstance(message, dict):
        raise ValueError("a message is not an object")
    return message
