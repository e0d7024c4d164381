"""The parsing process: reads requests from stdin, answers on stdout, one source at a time.

Started by `ragkit.loaders.process` as ``python -P -m ragkit.loaders.worker``. It holds no secrets, writes no files, has
its memory limited, and is killed from outside when it takes too long. A request is one message {"path", "body", "name",
"format", "media_type", "charset", "encoding"}, followed by the bytes when "body" is true; the answer is a message
{"document": ...} per document, then {"done": true, "notes": [...]} or {"error": reason, "fatal": whether it ends}.
"""

from __future__ import annotations

import math
import os
import signal
import stat
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, BinaryIO

from ..errors import LoadError
from .formats import TEXT, format_of_content
from .frames import read_bytes, read_message, write_message
from .limits import Limits
from .parsed import Job, Parsed
from .parsers import parser_named

__all__ = ["main", "parse_bytes"]

_FIELDS = [field.name for field in fields(Parsed)]  # dataclasses.asdict copies deeply: ten times slower
_MESSAGE_LIMIT = 1 << 20
_GRACE_S = 5  # the alarm comes after the parent's own deadline: it ends a worker whose parent is gone


def parse_bytes(data: bytes, parser: str, job: Job) -> Iterator[Parsed]:
    """Documents of `data`, no empty one; raises LoadError with the reason alone, the source's name is the caller's."""
    if not data.strip():
        raise LoadError("it is empty")
    if not parser:
        found = format_of_content(data)
        parser, job = found.parser, replace(job, media_type=found.media_type or TEXT.media_type)
    characters = 0
    keys: dict[str, int] = {}
    found_any = False
    for number, document in enumerate(parser_named(parser)(data, job), 1):
        if not document.text.strip():
            continue
        found_any = True
        characters += len(document.text)
        if characters > job.limits.characters:
            raise LoadError(
                f"its text exceeds {job.limits.characters} characters; split it, or raise Limits.characters"
            )
        if document.key and keys.setdefault(document.key, number) != number:
            raise LoadError(
                f"records {keys[document.key]} and {number} have the same id {document.key!r}; make ids unique"
            )
        yield document
    if not found_any:
        raise LoadError("it holds no text")


def read_file(path: str, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; never waits for a pipe or a device."""
    too_big = f"it is larger than {limit} bytes; split it, or raise Limits.input_bytes"
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise LoadError("it is not a regular file (a pipe or a device)")
            if status.st_size > limit:
                raise LoadError(too_big)
            data = stream.read(limit + 1)
    except FileNotFoundError as exc:
        raise LoadError("it is gone: there was a file when the list was made") from exc
    except OSError as exc:
        raise LoadError(f"it cannot be read ({exc.strerror or exc})") from exc
    if len(data) > limit:
        raise LoadError(too_big)
    return data


def answer(request: dict[str, Any], body: bytes | None, limits: Limits, out: BinaryIO) -> bool:
    """Parse one source and write the answer; False when the process had better end (out of memory)."""
    fatal = False
    try:
        data = body if body is not None else read_file(request["path"], limits.input_bytes)
        job = Job(
            request["name"],
            request["media_type"],
            request["charset"],
            limits,
            request["encoding"],
            working=lambda: _still_working(out, limits),
            pages=tuple(request.get("pages", ())),
        )
        for document in parse_bytes(data, request["format"], job):
            write_message(out, {"document": {name: getattr(document, name) for name in _FIELDS}})
        write_message(out, {"done": True, "notes": job.notes})
    except LoadError as exc:
        write_message(out, {"error": str(exc), "fatal": False})
    except MemoryError:
        fatal = True
        data = body = b""
        reason = f"it needs more than {limits.memory_bytes} bytes of memory; split it, or raise Limits.memory_bytes"
        write_message(out, {"error": reason, "fatal": True})
    except Exception as exc:  # noqa: BLE001 - whatever a parsing library throws is the source's fault, and told as such
        text = " ".join(str(exc).split())[:200]
        write_message(out, {"error": f"it could not be parsed ({type(exc).__name__}: {text})", "fatal": False})
    out.flush()
    return not fatal


def _still_working(out: BinaryIO, limits: Limits) -> None:
    """Tell the parent that a slow part (text recognition) is getting on; it decides how long that may go on."""
    write_message(out, {"working": True})
    out.flush()
    alarm = getattr(signal, "alarm", None)
    if alarm is not None:
        alarm(math.ceil(limits.seconds) + _GRACE_S)


def restrict(limits: Limits) -> None:
    """Limit this process for good: memory, no core dumps, no file may be written."""
    try:
        import resource
    except ImportError:  # Windows: time and output are still limited
        return
    wanted = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform != "darwin":  # macOS refuses RLIMIT_AS
        wanted.append((resource.RLIMIT_AS, limits.memory_bytes))
    for which, value in wanted:
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(which, (value, value))
    sys.dont_write_bytecode = True


def main() -> None:
    """Serve until stdin ends."""
    source = sys.stdin.buffer
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a library prints is not an answer
    limits = Limits(**read_message(source, limit=_MESSAGE_LIMIT))
    restrict(limits)
    write_message(out, {"ready": True})
    out.flush()
    alarm = getattr(signal, "alarm", None)
    going = True
    while going:
        try:
            request = read_message(source, limit=_MESSAGE_LIMIT)
        except EOFError:
            return
        if alarm is not None:
            alarm(math.ceil(limits.seconds) + _GRACE_S)
        body = read_bytes(source, limit=limits.input_bytes) if request["body"] else None
        going = answer(request, body, limits, out)
        if alarm is not None:
            alarm(0)


if __name__ == "__main__":
    main()
