"""Strike one operation at every n-th of its file operations: `python -m tests.faults.points ingest kill --every 25`.

Run under LD_PRELOAD of the injector (see `injecting`). This process loads everything once and forks for each point, so
that a point costs no start of Python; a child is a process of its own: it is killed, or runs into its disk, alone.
Prints one JSON object: how many file operations there are, how many were struck, and what was wrong, one line each.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from ragkit.errors import IndexMismatchError, NotFoundError, RagkitError
from ragkit.index import Index

from .operations import OLD, OPERATIONS, Operation, opened, prepare

KINDS = {"kill": 1, "full": 2, "readonly": 3}
LIMIT_S = 120
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a kill asks nothing of a disk, and waits for none


def main(arguments: Sequence[str]) -> int:
    """Print the outcome; 1 when anything was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("operation", choices=list(OPERATIONS))
    parser.add_argument("kind", choices=list(KINDS))
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args(arguments)
    operation = OPERATIONS[options.operation]
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ragkit-faults-", dir=MEMORY) as folder:
        root = Path(folder)
        start = root / "start"
        start.mkdir()
        made = fork(lambda: prepare(start / "home", empty=operation.empty, migrate=options.operation == "migrate"))
        if made:
            raise SystemExit(f"the home could not be prepared: {made}")
        total, tried = _count(root, start, operation), 0
        for point in range(1, total + 1, options.every):
            tried += 1
            found = _strike(root, start, operation, KINDS[options.kind], point)
            wrong += [f"{options.operation} {options.kind} at {point} of {total}: {line}" for line in found]
    print(
        json.dumps(
            {"operation": options.operation, "kind": options.kind, "points": total, "tried": tried, "wrong": wrong}
        )
    )
    return bool(wrong)


def _count(root: Path, start: Path, operation: Operation) -> int:
    case = _case(root, start)
    counted = root / "counted"

    def run() -> None:
        injector = ctypes.CDLL(None)
        injector.fault_arm(str(case / "home").encode(), ctypes.c_long(0), ctypes.c_long(0))
        operation.run(case / "home", lambda line: None)
        counted.write_text(str(ctypes.c_long(injector.fault_count()).value))

    failed = fork(run)
    if failed:
        raise SystemExit(f"the operation fails without a fault: {failed}")
    return int(counted.read_text())


def _strike(root: Path, start: Path, operation: Operation, kind: int, point: int) -> list[str]:
    case = _case(root, start)
    home, told = case / "home", case / "told"
    told.touch()

    def acknowledge(line: str) -> None:
        with told.open("a") as file:
            file.write(line + "\n")

    def run() -> None:
        ctypes.CDLL(None).fault_arm(str(home).encode(), ctypes.c_long(point), ctypes.c_long(kind))
        try:
            operation.run(home, acknowledge)
        except RagkitError as exc:
            if "\n" in str(exc):
                raise AssertionError(f"more than one line: {exc}") from exc
        if kind != KINDS["kill"]:
            _goes_on(home, operation, acknowledge, deletes=kind == KINDS["full"])

    said = fork(run)
    wrong = [] if said in ("", "killed") and (not said or kind == KINDS["kill"]) else [said]
    after = fork(lambda: _sound_afterwards(home, operation, told.read_text().splitlines()))
    return wrong + ([after] if after else [])


def _goes_on(home: Path, operation: Operation, acknowledge: Callable[[str], None], *, deletes: bool) -> None:
    """With the fault still there: search, verify and, on a full disk, delete."""
    try:
        index = _any(home)
        rows = index.documents()
    except NotFoundError:
        if operation.empty:
            return
        raise
    with index:
        for row in rows[:2]:
            body = index.document(row.id).text
            word = next(w for w in body.split() if w.startswith("number"))
            assert any(word in h.chunk.text for h in index.search(f"rule {word}", k=5, mode="lexical")), (
                "search is wrong"
            )
        index.verify()
        if deletes and rows:
            name = rows[-1].id
            acknowledge(f"{name}\t")
            assert index.delete(id=name) == 1
            assert name not in {row.id for row in index.documents()}


def _sound_afterwards(home: Path, operation: Operation, told: Sequence[str]) -> None:
    """Nothing acknowledged is lost, nothing is there by half, and what is broken heals by the next repair."""
    acknowledged = dict(line.split("\t", 1) for line in told)
    try:
        index = _any(home)
        rows = {row.id: row for row in index.documents()}
    except NotFoundError:
        assert operation.empty and not acknowledged, "the index is gone"
        return
    with index:
        for name, row in rows.items():
            body = index.document(name).text
            allowed = {OLD.get(name, ""), operation.texts.get(name, "")} - {""}
            if acknowledged.get(name):
                allowed = {acknowledged[name]}
            assert body.strip() in {a.strip() for a in allowed}, f"{name} holds {body!r}"
            passages = index.chunks(name)
            assert len(passages) == row.chunks > 0, f"{name} is there by half"
            word = next(w for w in body.split() if w.startswith("number"))
            hits = index.search(f"{body.split()[0]} {word}", k=30, mode="lexical")
            assert any(h.document_id == name for h in hits), f"{name} is not found"
        expected = set() if operation.empty else set(OLD)
        lost = (expected | {n for n, body in acknowledged.items() if body}) - set(rows)
        lost -= operation.gone | {n for n, body in acknowledged.items() if not body}
        assert not lost, f"lost: {sorted(lost)}"
        back = {n for n, body in acknowledged.items() if not body and n in operation.gone} & set(rows)
        assert not back, f"deleted, but there: {sorted(back)}"
        problems = index.verify().problems
        assert not problems, f"verify: {problems[0]}"
        assert index.repair().problems == ()


def _any(home: Path) -> Index:
    """The index with whichever encoder it now has."""
    for which in (0, 1):
        index = opened(home, which)
        try:
            _ = index.record
            _ = index.encoder
            return index
        except IndexMismatchError:
            continue
    raise AssertionError("neither encoder fits")


def _case(root: Path, start: Path) -> Path:
    case = root / "case"
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(start, case)
    return case


def fork(run: Callable[[], None]) -> str:
    """Run in a child; "" when it ends well, "killed", or what it raised in one line."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(LIMIT_S)
        try:
            run()
            said = ""
        except BaseException as exc:  # noqa: BLE001 - whatever it is, it is told
            where = traceback.extract_tb(exc.__traceback__)[-1]
            said = f"{type(exc).__name__}: {exc} ({Path(where.filename).name}:{where.lineno})"
        os.write(writing, said.encode()[:4000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode(errors="replace").replace("\n", " ")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        by = os.WTERMSIG(status)
        return "killed" if by == signal.SIGKILL else f"ended by signal {by}"
    return said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
