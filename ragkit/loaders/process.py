"""The parsing worker from outside: started when needed, killed at its deadline, replaced by the next request."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from ..errors import LoadError, RagkitError
from .frames import read_message, write_bytes, write_message
from .limits import Limits

__all__ = ["Worker", "WorkerEndedError"]

_START_S = 30.0
# What Python and the loader of shared libraries need. Nothing else: a parser of strangers' files gets no API keys.
_KEPT = ("PATH", "LANG", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV")
_KEPT_PREFIXES = ("LC_", "PYTHON", "LD_LIBRARY", "DYLD_")


class WorkerEndedError(Exception):
    """The worker died over a source, by itself. `fresh`: it had read nothing before, so the source is to blame."""

    def __init__(self, reason: str, *, fresh: bool) -> None:
        super().__init__(reason)
        self.fresh = fresh


class Worker:
    """One subprocess. Not safe for use by several threads at once; `Parser` holds the lock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._answered = 0
        self._late = False
        self._due: float | None = None  # when the request that runs has taken too long
        self._closed = threading.Event()
        self._lock = threading.Lock()  # of `_due` and `_late`
        environment = {
            name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)
        }
        try:
            self._process = subprocess.Popen(  # -P: a docx.py in the current folder must not be imported
                [sys.executable, "-P", "-m", "ragkit.loaders.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # Ctrl-C is for ragkit; it closes the worker
            )
        except OSError as exc:
            raise RagkitError(f"the parsing worker cannot be started ({exc}); check {sys.executable}") from exc
        self._input = cast(BinaryIO, self._process.stdin)
        self._output = cast(BinaryIO, self._process.stdout)
        threading.Thread(target=self._watch, daemon=True, name="ragkit-parser-deadline").start()
        self._message_limit = 6 * limits.characters + (1 << 24)  # JSON writes a character in six bytes at most
        try:
            with self._deadline(_START_S):
                write_message(self._input, asdict(limits))
                self._input.flush()
                read_message(self._output, limit=self._message_limit)
        except (EOFError, OSError, ValueError) as exc:
            code = self.close()
            raise RagkitError(
                f"the parsing worker did not start (exit status {code}); run: {sys.executable} -m ragkit.loaders.worker"
            ) from exc

    @property
    def alive(self) -> bool:
        """Whether it can take a request."""
        return not self._late and self._process.poll() is None

    def ask(self, request: dict[str, Any], body: bytes | None) -> tuple[list[dict[str, Any]], list[str]]:
        """The documents of one source, and what is to be told of reading it.

        Raises LoadError for the source's faults, WorkerEndedError when the worker died.
        """
        documents: list[dict[str, Any]] = []
        characters = 0
        begun = time.monotonic()
        try:
            with self._deadline(self._limits.seconds):
                write_message(self._input, request)
                if body is not None:
                    write_bytes(self._input, body)
                self._input.flush()
                while True:
                    message = read_message(self._output, limit=self._message_limit)
                    if "working" in message:
                        self._extend(begun + self._limits.recognition_seconds)
                        continue
                    if "document" not in message:
                        break
                    characters += len(message["document"]["text"])
                    if characters > self._limits.characters:
                        raise ValueError("more text than the worker may send")
                    documents.append(message["document"])
        except (EOFError, OSError, ValueError, KeyError, TypeError) as exc:
            late = self._late
            code = self.close()
            if late:
                raise LoadError(
                    f"it takes more than {self._limits.seconds:g} s to read; split it, or raise Limits.seconds"
                ) from exc
            raise WorkerEndedError(
                f"it ended the parser (exit status {code}); the file is damaged or hostile", fresh=self._answered == 0
            ) from exc
        except BaseException:  # Ctrl-C in the middle of an answer: the rest of it must not meet the next request
            self.close()
            raise
        if message.get("fatal"):
            self.close()
            raise WorkerEndedError(str(message.get("error")), fresh=self._answered == 0)
        self._answered += 1
        if "error" in message:
            raise LoadError(str(message["error"]))
        return documents, [str(note)[:500] for note in message.get("notes", [])]

    def close(self) -> int:
        """End the process at once; returns its exit status (negative: the signal)."""
        self._closed.set()
        self._process.kill()
        code = self._process.wait()
        for stream in (self._input, self._output):
            with suppress(OSError):  # what was still to be sent has no reader any more
                stream.close()
        return code

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        """Kill the process after `seconds`: blocked reads and writes then end by themselves, on every platform."""
        with self._lock:
            self._due = time.monotonic() + seconds
        try:
            yield
        finally:
            with self._lock:
                self._due = None

    def _extend(self, latest: float) -> None:
        """Let the request that runs take its seconds once more, but not past `latest`."""
        with self._lock:
            if self._due is not None:
                self._due = max(self._due, min(latest, time.monotonic() + self._limits.seconds))

    def _watch(self) -> None:
        """One thread for all requests: it sleeps no longer than any deadline can be away, so nobody need wake it."""
        wait_s = 0.0
        while not self._closed.wait(wait_s):
            with self._lock:
                left_s = self._limits.seconds if self._due is None else self._due - time.monotonic()
                if left_s <= 0:
                    self._late = True
                    self._process.kill()
                    return
            wait_s = min(left_s, self._limits.seconds)
