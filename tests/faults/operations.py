"""What is done to a home while faults strike: twelve ways to write, each with what must be true afterwards.

A document is acknowledged by a line in a file that no fault reaches; from then on it may not be lost.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from ragkit.eval.running.evaluate import evaluate
from ragkit.eval.sets.reading import Question, QuestionSet
from sqlalchemy import create_engine

from ragkit.index import Index, backup, restore
from ragkit.index.reports import Progress
from ragkit.rag import RAG
from ragkit.store import migrations
from tests.fakes import WordEncoder

__all__ = ["OLD", "OPERATIONS", "Operation", "filled", "opened"]

OLD = {f"d{i}": f"Old rule number{i} of travel. " + "It is kept. " * (i % 5) for i in range(16)}
NEW = {f"n{i}": f"New rule number{i} of leave." for i in range(8)}
CHANGED = {f"d{i}": f"Changed rule number{i} of travel." for i in range(8)}
QUESTIONS = QuestionSet(
    "travel",
    tuple(Question(f"q{i}", f"What is rule number{i} of travel?", (f"number{i}",), (f"d{i}",)) for i in range(6)),
)
RUN = "eval-runs/travel"
ENCODERS = (WordEncoder(), WordEncoder("wide", dim=48))


def _nothing(home: Path) -> None:
    """A home that is not there yet."""


def filled(home: Path) -> None:
    """Documents in two generations and a tail, and a backup beside the home."""
    with opened(home) as index:
        for part in (list(OLD)[:8], list(OLD)[8:14], list(OLD)[14:]):
            index.add([{"id": name, "text": OLD[name]} for name in part])
            if part[-1] != "d15":
                index.live.publish(force=True)
    backup(home.with_name("kept.db"), home=home)


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` does it, given the home as `prepare` leaves it and the acknowledging callback.

    texts: what a document may hold afterwards, beside its old text. gone: documents that may be missing. empty: there
    may be no index. damaged: `verify` may find something until it is repaired. older: nothing is read before the
    database was brought up to date. deletes: whether one may delete meanwhile. also: what else must be true afterwards.
    """

    run: Callable[[Path, Callable[[str], None]], None]
    texts: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    empty: bool = False
    damaged: bool = False
    older: bool = False
    deletes: bool = True
    prepare: Callable[[Path], None] = filled
    also: Callable[[Path], None] | None = None


def opened(home: Path, which: int = 0) -> Index:
    """The index under test with one of the two encoders."""
    return Index("handbook", home=home, encoder=ENCODERS[which])


def _add(rows: Mapping[str, str]) -> Callable[[Path, Callable[[str], None]], None]:
    def run(home: Path, told: Callable[[str], None]) -> None:
        def progress(done: Progress) -> None:
            if done.outcome in {"added", "replaced", "unchanged"}:
                told(f"{done.source}\t{rows[done.source]}")

        with opened(home) as index:
            for start in range(0, len(rows), 4):
                some = list(rows.items())[start : start + 4]
                index.add([{"id": name, "text": body} for name, body in some], progress=progress)

    return run


def _delete(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        for name in list(OLD)[:4]:
            index.delete(id=name)
            told(f"{name}\t")


def _publish(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index, index._writing():
        index.live.publish(force=True)


def _damaged(home: Path) -> None:
    """The views of the newest generations are cut in half."""
    filled(home)
    views = [path for path in sorted(home.glob("*/*/gen-*/*")) if path.stat().st_size > 1]
    for path in views[1::3]:
        half = path.read_bytes()[: path.stat().st_size // 2]
        path.unlink()  # files are linked between generations: this one alone
        path.write_bytes(half)


def _repair(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        index.repair()


def _reembed(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        index.reembed(ENCODERS[1])


def _older(home: Path) -> None:
    """A database as the third schema had it."""
    filled(home)
    with create_engine(f"sqlite:///{home / 'ragkit.db'}").begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")


def _migrate(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        index.search("rule", k=1)


def _trace(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        rag = RAG(index, model="extractive", home=home)
        rag.ask("What is rule number7?")
        rag.close()


def _backup(home: Path, told: Callable[[str], None]) -> None:
    backup(home.with_name("kept.db"), home=home)


def _restore(home: Path, told: Callable[[str], None]) -> None:
    restore(home.with_name("kept.db"), home=home)


def _kept(home: Path) -> None:
    """The backup beside the home can be brought back."""
    again = home.with_name("again")
    restore(home.with_name("kept.db"), home=again)
    with opened(again) as index:
        assert {row.id for row in index.documents()} == set(OLD), "the backup lacks documents"


def _evaluate(home: Path) -> dict[str, Any]:
    with opened(home) as index:
        rag = RAG(index, model="extractive", home=home)
        try:
            return evaluate(rag, QUESTIONS, home / RUN, concurrency=2, quiet=True)
        finally:
            rag.close()


def _begun(home: Path) -> None:
    """An evaluation that was killed within its fourth sample."""
    filled(home)
    _evaluate(home)
    samples = home / RUN / "samples.jsonl"
    lines = samples.read_bytes().splitlines(keepends=True)
    samples.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    shutil.copy(samples, home.with_name("begun.jsonl"))
    (home / RUN / "summary.json").unlink()


def _resume(home: Path, told: Callable[[str], None]) -> None:
    assert _evaluate(home)["run"]["resumed"] == 3


def _finishes(home: Path) -> None:
    """The run goes on to its end; what was drawn before stands, and nothing is drawn twice."""
    begun = home.with_name("begun.jsonl").read_bytes().splitlines()[:3]
    before = (home / RUN / "samples.jsonl").read_bytes().split(b"\n")[:-1]
    outcome = _evaluate(home)["run"]
    after = (home / RUN / "samples.jsonl").read_bytes().splitlines()
    assert before[:3] == begun and after[: len(before)] == before, "a sample that was drawn is gone"
    assert (outcome["resumed"], outcome["drawn"]) == (len(before), len(QUESTIONS) - len(before))
    assert outcome["failed"] == 0 and len(after) == len(QUESTIONS)
    assert len({json.loads(line)["key"] for line in after}) == len(after), "a sample is there twice"


OPERATIONS: dict[str, Operation] = {
    "first": Operation(_add(NEW), NEW, empty=True, prepare=_nothing),
    "ingest": Operation(_add(NEW), NEW),
    "replace": Operation(_add(CHANGED), CHANGED),
    "delete": Operation(_delete, gone=frozenset(list(OLD)[:4])),
    "publish": Operation(_publish),
    "repair": Operation(_repair, prepare=_damaged, damaged=True),
    "reembed": Operation(_reembed),
    "migrate": Operation(_migrate, prepare=_older, damaged=True, older=True),
    "trace": Operation(_trace),
    "backup": Operation(_backup, also=_kept),
    "restore": Operation(_restore, also=_kept),
    "evaluate": Operation(_resume, prepare=_begun, deletes=False, also=_finishes),
}
