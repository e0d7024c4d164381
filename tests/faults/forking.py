"""Children of a process that has everything loaded: each starts in milliseconds and is killed, or fails, alone.

A fork carries one thread over. So what the parent does to warm up ends its threads, and `alone` waits for that.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path

__all__ = ["Child", "Lanes", "alone", "fork"]

LIMIT_S = 120


def alone(patience_s: float = 20.0) -> None:
    """Wait until this process has the one thread that a fork carries over."""
    until = time.monotonic() + patience_s
    while len(list(Path("/proc/self/task").iterdir())) > 1:
        assert time.monotonic() < until, "a thread runs where children are to be made"
        time.sleep(0.01)


class Child:
    """A forked process that runs `run` and tells how that ended."""

    def __init__(self, run: Callable[[], None], limit_s: int = LIMIT_S) -> None:
        reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(reading)
            signal.alarm(limit_s)
            try:
                run()
                said = ""
            except BaseException as exc:  # noqa: BLE001 - whatever it is, it is told
                where = traceback.extract_tb(exc.__traceback__)[-1]
                said = f"{type(exc).__name__}: {exc} ({Path(where.filename).name}:{where.lineno})"
            os.write(writing, said.encode()[:4000])
            os._exit(0)
        os.close(writing)
        self._pipe = os.fdopen(reading, "rb")

    def said(self) -> str:
        """Wait for its end: "" when it ended well, "killed", or what it raised in one line."""
        with self._pipe:
            said = self._pipe.read().decode(errors="replace").replace("\n", " ")
        _, status = os.waitpid(self._pid, 0)
        if os.WIFSIGNALED(status):
            by = os.WTERMSIG(status)
            return "killed" if by == signal.SIGKILL else f"ended by signal {by}"
        return said


def fork(run: Callable[[], None]) -> str:
    """Run in a child and wait for it."""
    return Child(run).said()


class Lanes:
    """Some children at once, each with a folder of its own; what went wrong in any is kept, with its name."""

    def __init__(self, root: Path, many: int) -> None:
        self.wrong: list[str] = []
        self._free = [root / f"lane-{number}" for number in range(many)]
        self._busy: deque[tuple[Child, Path, str]] = deque()

    def folder(self) -> Path:
        """A folder that no child uses; waits for the oldest child if there is none."""
        if not self._free:
            self._settle()
        return self._free.pop()

    def give_back(self, folder: Path) -> None:
        """Nothing runs in the folder after all."""
        self._free.append(folder)

    def start(self, folder: Path, name: str, run: Callable[[], None]) -> None:
        """Run in a child that owns the folder."""
        self._busy.append((Child(run), folder, name))

    def end(self) -> list[str]:
        """Wait for all; what went wrong."""
        while self._busy:
            self._settle()
        return self.wrong

    def _settle(self) -> None:
        child, folder, name = self._busy.popleft()
        self._free.append(folder)
        if said := child.said():
            self.wrong.append(f"{name}: {said}")
