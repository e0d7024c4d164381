"""A view follows one history: a store that was restored, exchanged or rolled back is never answered from old views."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ragkit.index import Index
from ragkit.index.opening import open_store
from tests.fakes import WordEncoder


def opened() -> Index:
    return Index("handbook", encoder=WordEncoder())


def fill(first: int, last: int, word: str) -> None:
    """Documents large enough in number that their views are published."""
    with opened() as index:
        index.add([{"id": f"{word}{i}", "text": f"The {word} of number{i} is kept."} for i in range(first, last)])
        index.live.publish(force=True)


def titles(index: Index, query: str) -> list[str]:
    hits = index.search(query, k=5, mode="lexical") + index.search(query, k=5, mode="dense")
    return sorted({h.document_id for h in hits if query.split()[0] in h.chunk.text})


def answers(query: str) -> list[str]:
    with opened() as index:
        return titles(index, query)


def swap(home: Path, other: Path) -> None:
    """Put another database file where the home's is, as `cp` from a backup does."""
    open_store.__globals__["_store"].cache_clear()
    shutil.copyfile(other, home / "ragkit.db")


def test_older_database_beside_newer_views_is_answered_from_the_database(home: Path, tmp_path: Path) -> None:
    fill(0, 20, "apple")
    shutil.copyfile(home / "ragkit.db", tmp_path / "old.db")
    fill(0, 20, "pear")
    swap(home, tmp_path / "old.db")
    fill_without_views = opened()
    assert titles(fill_without_views, "pear") == []
    assert any("another history" in p for p in fill_without_views.verify().problems)
    fill_without_views.close()


def test_numbers_used_again_after_a_restore_do_not_find_the_old_rows(home: Path, tmp_path: Path) -> None:
    fill(0, 20, "apple")
    shutil.copyfile(home / "ragkit.db", tmp_path / "old.db")
    fill(0, 20, "pear")  # change numbers 21-40, chunk ids 21-40, in views
    newer = tmp_path / "newer"
    shutil.copytree(home, newer)
    swap(home, tmp_path / "old.db")
    fill(0, 20, "plum")  # the same numbers and ids again
    swap(newer, home / "ragkit.db")
    with Index("handbook", home=newer, encoder=WordEncoder()) as index:
        assert len(titles(index, "plum")) >= 5
        assert titles(index, "pear") == []
        assert any("another history" in p for p in index.verify().problems)
        assert index.repair()
    with Index("handbook", home=newer, encoder=WordEncoder()) as index:
        assert index.verify().problems == ()
        assert len(titles(index, "plum")) >= 5


def test_open_reader_notices_that_the_history_was_exchanged(home: Path, tmp_path: Path) -> None:
    fill(0, 20, "apple")
    shutil.copyfile(home / "ragkit.db", tmp_path / "old.db")
    fill(0, 20, "pear")
    shutil.copyfile(home / "ragkit.db", tmp_path / "pear.db")
    swap(home, tmp_path / "old.db")
    fill(0, 20, "plum")
    with opened() as reader:
        assert len(titles(reader, "plum")) >= 5
        swap(home, tmp_path / "pear.db")
        assert titles(reader, "plum") == []
        assert len(titles(reader, "pear")) >= 5


def test_file_moved_over_an_open_database_is_seen(home: Path, tmp_path: Path) -> None:
    """`mv` gives a new file under the old name; a connection that was open reads the old one on and on."""
    fill(0, 20, "apple")
    shutil.copyfile(home / "ragkit.db", tmp_path / "old.db")
    fill(0, 20, "pear")
    with opened() as reader:
        assert len(titles(reader, "pear")) >= 5
        (tmp_path / "old.db").replace(home / "ragkit.db")
        assert titles(reader, "pear") == []
        assert len(titles(reader, "apple")) >= 5


def test_next_add_writes_what_was_made_anew(home: Path, tmp_path: Path) -> None:
    fill(0, 20, "apple")
    shutil.copyfile(home / "ragkit.db", tmp_path / "old.db")
    fill(0, 20, "pear")
    swap(home, tmp_path / "old.db")
    with opened() as index:
        index.add([{"id": "one", "text": "One more apple."}])
    with opened() as index:
        assert index.verify().problems == ()


@pytest.mark.parametrize("delete", [False, True])
def test_every_change_is_followed_without_a_rebuild(delete: bool) -> None:
    fill(0, 20, "apple")
    with opened() as index:
        index.search("apple")
        if delete:
            index.delete(id="apple3")
        else:
            index.add([{"id": "one", "text": "One more apple."}])
        assert index.verify().problems == ()
