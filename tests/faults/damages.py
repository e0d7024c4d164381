"""Damage one file of a home and see: is it reported, or are the answers still right; does `repair` make it worse?

    python -m tests.faults.damages database 500
    python -m tests.faults.damages views 500

Each damage is met by a child of its own, forked from a process that has everything loaded. Prints one JSON object.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ragkit.errors import RagkitError
from ragkit.index import Index
from ragkit.index.searching import Mode

from .afterwards import warm
from .forking import fork
from .operations import filled, opened
from .points import MEMORY

QUESTIONS = ("rule number3 travel", "number11", "old rule kept", "number23 travel", "is it kept")
MODES: tuple[Mode, ...] = ("dense", "lexical")
PAGE = 4096


def damage(path: Path, rng: random.Random) -> str:
    """Change the file in one way, and say how."""
    data = bytearray(path.read_bytes())
    sound = bytes(data)
    while bytes(data) == sound:
        kind = rng.choice(["bit", "bit", "bit", "byte", "zeros", "copy", "cut"])
        where = rng.randrange(max(1, len(data)))
        page = where // PAGE * PAGE
        if not data:
            data += b"\0"
        elif kind == "bit":
            data[where] ^= 1 << rng.randrange(8)
        elif kind == "byte":
            data[where] = rng.randrange(256)
        elif kind == "zeros":
            data[page : page + PAGE] = bytes(len(data[page : page + PAGE]))
        elif kind == "copy":
            other = rng.randrange(len(data)) // PAGE * PAGE
            some = bytes(data[other : other + PAGE])
            data[page : page + len(some)] = some[: len(data) - page]
        else:
            del data[where:]
    path.unlink()  # a new file: views are linked, and damage is in one place
    path.write_bytes(bytes(data))
    return f"{kind} at {where} of {path.name}"


def answers(index: Index) -> list[list[tuple[str, str]]]:
    """What a person sees: the passages of some questions, dense and lexical."""
    return [
        sorted((hit.document_id, hit.chunk.text) for hit in index.search(question, k=6, mode=mode))
        for question in QUESTIONS
        for mode in MODES
    ]


def look(home: Path) -> tuple[list[list[tuple[str, str]]] | None, list[str]]:
    """The answers (None where an error says there are none) and what `verify` reports."""
    problems: list[str] = []
    found = None
    try:
        with opened(home) as index:
            try:
                found = answers(index)
            except RagkitError as exc:
                problems.append(f"search: {exc}")
            problems += index.verify().problems
    except RagkitError as exc:
        problems.append(f"verify: {exc}")
    return found, problems


def meet(home: Path, expected: list[list[tuple[str, str]]], outcome: Path) -> None:
    """Write the outcome of one damage: what was seen, and what repair made of it."""
    found, problems = look(home)
    silent = not problems and found != expected
    try:
        with opened(home) as index:
            repaired = "sound" if index.repair() else "not sound"
    except RagkitError:
        repaired = "refused"
    after, left = look(home)
    worse = (found == expected and after != expected) or (not left and after != expected)
    seen = "silently wrong" if silent else "reported" if problems else "right"
    outcome.write_text(json.dumps([seen, repaired, bool(worse)]))


def main(what: str, times: int, seed: int = 1) -> int:
    """Print counts; 1 when an answer was silently wrong, made worse, or an error came as it is."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="ragkit-damages-", dir=MEMORY) as folder:
        root = Path(folder)
        warm(root / "warm")
        sound = root / "sound"
        sound.mkdir()
        failed = fork(partial(filled, sound / "home"))
        kept = root / "expected"

        def expect() -> None:
            found, problems = look(sound / "home")
            assert found is not None and not problems, problems
            kept.write_text(json.dumps(found))

        failed = failed or fork(expect)
        if failed:
            raise SystemExit(f"the sound home is not: {failed}")
        expected = [[tuple(hit) for hit in each] for each in json.loads(kept.read_text())]
        for number in range(times):
            case, outcome = root / "case", root / "outcome"
            shutil.rmtree(case, ignore_errors=True)
            outcome.unlink(missing_ok=True)
            shutil.copytree(sound, case)
            home = case / "home"
            files = (
                [home / "ragkit.db"]
                if what == "database"
                else sorted(home.glob("*/*/gen-*/*")) + sorted(home.glob("*/*/CURRENT"))
            )
            how = damage(rng.choice(files), rng)
            said = fork(partial(meet, home, expected, outcome))
            if said or not outcome.exists():
                counts["untranslated"] += 1
                wrong.append(f"{number}: {how}: {said}")
                continue
            seen, repaired, worse = json.loads(outcome.read_text())
            counts[seen] += 1
            counts[f"repair {repaired}"] += 1
            counts["made worse"] += worse
            if seen == "silently wrong" or worse:
                wrong.append(f"{number}: {how}: {seen}, repair {repaired}, made worse: {worse}")
    print(json.dumps({"what": what, "times": times, "counts": dict(counts), "wrong": wrong}))
    return bool(wrong)


def run(arguments: Sequence[str]) -> int:
    """The command line."""
    return main(arguments[0], int(arguments[1]), int(arguments[2]) if len(arguments) > 2 else 1)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
