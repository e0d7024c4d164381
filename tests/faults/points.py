"""Strike operations at their file operations: `python -m tests.faults.points ingest,delete held full readonly kill:25`.

Run under LD_PRELOAD of the injector (see `injecting`). Four ways to strike, each at every n-th operation (`KIND:n`):

- held: the operation is held before each file operation, and what then lies on the disk is looked at: all that a kill
  can leave. States that are equal byte for byte are looked at once.
- kill: a real kill -9 there, and then a look.
- full: no file grows from there on. An operation at which no file grows and none gives room back makes no difference
  to the one after it, so it is passed over.
- readonly: nothing may be changed from there on; waiting for the disk changes nothing, and is passed over.

Prints a JSON list of one object per operation and kind: the file operations, how many were struck, and what was wrong.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ragkit.errors import RagkitError

from .afterwards import acknowledge, goes_on, sound_afterwards, warm
from .forking import Child, Lanes, alone, fork
from .operations import OPERATIONS, Operation

COUNT, KILL, FULL, READ_ONLY, PAUSE = range(5)  # as in injector.c
KINDS = {"held": PAUSE, "kill": KILL, "full": FULL, "readonly": READ_ONLY}
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a kill asks nothing of a disk, and waits for none


def main(arguments: Sequence[str]) -> int:
    """Print the outcome; 1 when anything was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("operations", help=f"some of {','.join(OPERATIONS)}")
    parser.add_argument("kinds", nargs="+", metavar="KIND[:EVERY]")
    parser.add_argument("--lanes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="ragkit-faults-", dir=MEMORY) as folder:
        root = Path(folder)
        warm(root / "warm")
        for name in options.operations.split(","):
            found += _all_kinds(root / name, name, options.kinds, options.lanes)
        alone()
    print(json.dumps(found))
    return any(each["wrong"] for each in found)


def _all_kinds(root: Path, name: str, wanted: Sequence[str], many: int) -> list[dict[str, Any]]:
    operation, start = OPERATIONS[name], root / "start"
    start.mkdir(parents=True)
    if failed := fork(partial(operation.prepare, start / "home")):
        raise SystemExit(f"the home could not be prepared: {failed}")
    kinds = _kinds_of(root, start, operation)
    found: list[dict[str, Any]] = []
    for told in wanted:
        kind, _, every = told.partition(":")
        lanes = Lanes(root, many)
        if KINDS[kind] == PAUSE:
            struck = _hold(root, start, operation, lanes)
        else:
            step = int(every or 1)
            points = _worth(kinds, KINDS[kind])
            points = points[min(step, len(points)) // 2 :: step]
            struck = _strike_all(start, operation, KINDS[kind], points, lanes)
        wrong = [f"{name} {kind} at {line}" for line in lanes.end()]
        found.append({"operation": name, "kind": kind, "operations": len(kinds), "struck": struck, "wrong": wrong})
    return found


def _worth(kinds: str, kind: int) -> list[int]:
    """The operations, counted from 1, at which a fault differs from one at the next; the last is after them all."""
    same = {KILL: "", FULL: "CS", READ_ONLY: "S"}[kind]
    return [number for number, each in enumerate(kinds, 1) if each not in same] + (
        [] if kind == KILL else [len(kinds) + 1]
    )


def _arm(case: Path, at: int, what: int) -> Any:
    library = ctypes.CDLL(None)
    library.fault_arm(f"{case}/".encode(), ctypes.c_long(at), ctypes.c_long(what))
    return library


def _fresh(start: Path, case: Path) -> Path:
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(start, case)
    return case / "home"


def _kinds_of(root: Path, start: Path, operation: Operation) -> str:
    """The operation's file operations, a letter for each (see injector.c)."""
    home, kept = _fresh(start, root / "counting"), root / "kinds"

    def run() -> None:
        library = _arm(home.parent, 0, COUNT)
        operation.run(home, lambda line: None)
        library.fault_kinds.restype = ctypes.c_char_p
        kept.write_bytes(library.fault_kinds())

    if failed := fork(run):
        raise SystemExit(f"the operation fails without a fault: {failed}")
    return kept.read_text()


def _hold(root: Path, start: Path, operation: Operation, lanes: Lanes) -> int:
    """Hold the operation before each of its file operations and look at what is on the disk; how many there were."""
    home, told = _fresh(start, root / "held"), root / "held-told"
    told.touch()
    asking, ask = os.pipe()
    answer, answering = os.pipe()

    def run() -> None:
        _arm(home.parent, 0, PAUSE).fault_ask(ask, answer)
        operation.run(home, partial(acknowledge, told))
        os.write(ask, b"!")
        os.read(answer, 1)

    child = Child(run, limit_s=3600)  # it waits most of the time
    os.close(ask)
    os.close(answer)
    seen: set[bytes] = set()
    held = 0
    while os.read(asking, 1):
        held += 1
        lines = told.read_text().splitlines()
        if (state := _state(home.parent, lines)) not in seen:
            seen.add(state)
            lane = lanes.folder()
            left = _fresh(home.parent, lane)
            lanes.start(lane, f"{held}", partial(sound_afterwards, left, operation, lines))
        os.write(answering, b".")
    os.close(asking)
    os.close(answering)
    if failed := child.said():
        lanes.wrong.append(f"the end: {failed}")
    return held


def _state(case: Path, lines: Sequence[str]) -> bytes:
    digest = hashlib.blake2b(repr(lines).encode())
    for path in sorted(case.rglob("*")):
        digest.update(f"{path}\0{path.lstat().st_mode}\0".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.digest()


def _strike_all(start: Path, operation: Operation, kind: int, points: Sequence[int], lanes: Lanes) -> int:
    for point in points:
        lane = lanes.folder()
        lanes.start(lane, f"{point}", partial(_strike, start, lane, operation, kind, point))
    return len(points)


def _strike(start: Path, lane: Path, operation: Operation, kind: int, point: int) -> None:
    home, told = _fresh(start, lane), lane.with_name(f"{lane.name}-told")
    told.write_text("")

    def run() -> None:
        _arm(lane, point, kind)
        try:
            operation.run(home, partial(acknowledge, told))
        except RagkitError as exc:
            if "\n" in str(exc):
                raise AssertionError(f"more than one line: {exc}") from exc
        if kind != KILL:
            goes_on(home, operation, told, full=kind == FULL)

    said = fork(run)
    if said and not (said == "killed" and kind == KILL):
        raise AssertionError(said)
    sound_afterwards(home, operation, told.read_text().splitlines())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
