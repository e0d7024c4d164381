"""What must be true of a home while a fault lasts, and once it is gone."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from ragkit.errors import IndexMismatchError, NotFoundError, StoreError
from ragkit.index import Index

from .forking import alone
from .operations import OLD, OPERATIONS, Operation, filled, opened

__all__ = ["acknowledge", "goes_on", "sound_afterwards", "warm"]


def acknowledge(told: Path, line: str) -> None:
    """Write down what was promised, where no fault reaches."""
    with told.open("a") as file:
        file.write(line + "\n")


def warm(folder: Path) -> None:
    """Do once what every child will do, in a home of its own: children start with all modules and caches."""
    filled(folder / "home")
    sound_afterwards(folder / "home", OPERATIONS["ingest"], [])
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page
    alone()


def goes_on(home: Path, operation: Operation, told: Path, *, full: bool) -> None:
    """With the fault still there: search, verify and, on a full disk, delete. told: the file of acknowledgements.

    A transaction that a disk cut by turning read-only cannot be undone before it may be written again, and until then
    SQLite rightly gives no answer: that must be said.
    """
    try:
        index = _any(home)
        rows = index.documents()
    except NotFoundError:
        assert operation.empty, "the index is gone"
        return
    except StoreError as exc:
        fresh = operation.empty and not told.read_text()
        torn = (
            not full
            and (home / "ragkit.db-journal").exists()
            and ("may be written" in str(exc) or "make it writable" in str(exc))
        )
        assert operation.older or fresh or torn, f"an index that was there cannot be read: {exc}"
        return
    with index:
        for row in rows[:2]:
            body = index.document(row.id).text
            word = next(w for w in body.split() if w.startswith("number"))
            hits = index.search(f"rule {word}", k=5, mode="lexical")
            assert any(word in hit.chunk.text for hit in hits), f"{word} is not found"
        index.verify()
        if full and operation.deletes and rows:
            name = rows[-1].id
            acknowledge(told, f"{name}\t")
            assert index.delete(id=name) == 1
            assert name not in {row.id for row in index.documents()}


def sound_afterwards(home: Path, operation: Operation, told: Sequence[str]) -> None:
    """Nothing acknowledged is lost, nothing is there by half, and what is broken heals by the next repair.

    told: lines `document TAB text` in the order in which they were acknowledged; a deleted document has no text.
    """
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
        assert operation.damaged or not problems, f"verify: {problems[0]}"
        assert index.repair().problems == ()
        assert index.verify().problems == ()
    if operation.also is not None:
        operation.also(home)


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
