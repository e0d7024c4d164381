"""What is done to a home while faults strike: nine ways to write, each with what must be true afterwards.

A document is acknowledged by a line in a file that no fault reaches; from then on it may not be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from ragkit.index import Index, backup, restore
from ragkit.index.reports import Progress
from ragkit.rag import RAG
from tests.fakes import WordEncoder

__all__ = ["OPERATIONS", "Operation", "opened", "prepare"]

OLD = {f"d{i}": f"Old rule number{i} of travel. " + "It is kept. " * (i % 5) for i in range(24)}
NEW = {f"n{i}": f"New rule number{i} of leave." for i in range(12)}
CHANGED = {f"d{i}": f"Changed rule number{i} of travel." for i in range(12)}
ENCODERS = (WordEncoder(), WordEncoder("wide", dim=48))


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` does it, given the home and the acknowledging callback; `may` and `gone` tell what may follow.

    texts: what a document may hold afterwards, beside its old text. gone: documents that may be missing.
    """

    run: Callable[[Path, Callable[[str], None]], None]
    texts: Mapping[str, str]
    gone: frozenset[str] = frozenset()
    empty: bool = False


def opened(home: Path, which: int = 0) -> Index:
    """The index under test with one of the two encoders."""
    return Index("handbook", home=home, encoder=ENCODERS[which])


def prepare(home: Path, *, empty: bool = False, migrate: bool = False) -> None:
    """The home before the operation: documents in two generations and a tail, and a backup beside it."""
    if empty:
        return
    with opened(home) as index:
        for part in (list(OLD)[:12], list(OLD)[12:22], list(OLD)[22:]):
            index.add([{"id": name, "text": OLD[name]} for name in part])
            if part[-1] != "d23":
                index.live.publish(force=True)
    backup(home.with_name("kept.db"), home=home)
    if migrate:
        engine = create_engine(f"sqlite:///{home / 'ragkit.db'}")
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE marks"))
            connection.execute(text("ALTER TABLE indexes DROP COLUMN lineage"))
            for table in ("indexes", "documents", "chunks", "embeddings"):
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN checksum"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        engine.dispose()


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
        for name in list(OLD)[:6]:
            index.delete(id=name)
            told(f"{name}\t")


def _publish(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index, index._writing():
        index.live.publish(force=True)


def _repair(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        index.repair()


def _reembed(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        index.reembed(ENCODERS[1])


def _migrate(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        index.search("rule", k=1)


def _trace(home: Path, told: Callable[[str], None]) -> None:
    with opened(home) as index:
        rag = RAG(index, model="extractive", home=home)
        rag.ask("What is rule number7?")
        rag.close()


def _restore(home: Path, told: Callable[[str], None]) -> None:
    restore(home.with_name("kept.db"), home=home)


OPERATIONS: dict[str, Operation] = {
    "first": Operation(_add(NEW), NEW, empty=True),
    "ingest": Operation(_add(NEW), NEW),
    "replace": Operation(_add(CHANGED), CHANGED),
    "delete": Operation(_delete, {}, gone=frozenset(list(OLD)[:6])),
    "publish": Operation(_publish, {}),
    "repair": Operation(_repair, {}),
    "reembed": Operation(_reembed, {}),
    "migrate": Operation(_migrate, {}),
    "trace": Operation(_trace, {}),
    "restore": Operation(_restore, {}),
}
