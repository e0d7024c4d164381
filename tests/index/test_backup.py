"""A backup is checked before it counts, taken while others write, and brought back whole, with the views following."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from ragkit.errors import IndexLockedError, NotFoundError, StoreDamagedError, UsageError
from ragkit.index import Index, backup, list_indexes, restore
from ragkit.store import writer_lock
from tests.fakes import WordEncoder

RUN = "import sys; from ragkit.cli import main; main()"


def opened() -> Index:
    return Index("handbook", encoder=WordEncoder())


def fill(word: str) -> None:
    with opened() as index:
        index.add([{"id": f"{word}{i}", "text": f"The {word} of number{i} is kept."} for i in range(20)])
        index.live.publish(force=True)


def found(word: str) -> int:
    with opened() as index:
        hits = index.search(word, k=20, mode="lexical")
        assert index.verify().problems == ()
    return sum(word in h.chunk.text for h in hits)


def test_what_was_backed_up_comes_back_and_the_views_follow(tmp_path: Path, home: Path) -> None:
    fill("apple")
    report = backup(tmp_path / "one.db")
    assert (report.indexes, report.documents) == (("handbook",), 20)
    assert oct((tmp_path / "one.db").stat().st_mode & 0o777) == "0o600"
    fill("pear")
    reader = opened()
    assert reader.search("pear", k=1, mode="lexical")
    restore(tmp_path / "one.db")
    assert (found("apple"), found("pear")) == (20, 0)
    assert not any("pear" in h.chunk.text for h in reader.search("pear", k=5))
    assert (home / "ragkit.db-before-restore").exists()
    fill("plum")
    assert (found("apple"), found("plum")) == (20, 20)
    assert [p.name for p in home.glob(".ragkit.db-*")] == []


def test_lost_home_comes_back_from_its_backup_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("apple")
    backup(tmp_path / "one.db")
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "elsewhere"))
    restore(tmp_path / "one.db")
    assert found("apple") == 20


def test_damaged_database_replaces_no_backup_and_damaged_backup_no_database(tmp_path: Path, home: Path) -> None:
    fill("apple")
    kept = tmp_path / "one.db"
    backup(kept)
    before = kept.read_bytes()
    with opened() as index, index._store._database.writing() as connection:
        connection.execute(text("UPDATE chunks SET text = 'The apple of numbex0 is kept.' WHERE id = 1"))
    with pytest.raises(StoreDamagedError, match="nothing was written"):
        backup(kept)
    assert kept.read_bytes() == before
    damaged = tmp_path / "damaged.db"
    at = before.index(b"number7 ")
    damaged.write_bytes(before[:at] + b"N" + before[at + 1 :])
    with pytest.raises(StoreDamagedError, match="stays as it is"):
        restore(damaged)
    restore(kept)
    assert found("apple") == 20
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["damaged.db", "one.db"]


def test_what_is_no_backup_is_left_alone(tmp_path: Path, home: Path) -> None:
    fill("apple")
    (tmp_path / "notes.md").write_text("my notes")
    with pytest.raises(UsageError, match="no backup"):
        backup(tmp_path / "notes.md")
    with pytest.raises(UsageError, match="no backup"):
        backup(home / "ragkit.db")
    with pytest.raises(NotFoundError):
        restore(tmp_path / "notes.md")
    assert (tmp_path / "notes.md").read_text() == "my notes"
    assert found("apple") == 20


def test_restore_waits_for_no_writer_and_disturbs_none(tmp_path: Path) -> None:
    fill("apple")
    backup(tmp_path / "one.db")
    with opened() as index, writer_lock(index.folder), pytest.raises(IndexLockedError):
        restore(tmp_path / "one.db")
    assert found("apple") == 20


def test_server_is_backed_up_by_its_own_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_DATABASE", "postgresql+psycopg://me@/x")
    with pytest.raises(UsageError, match="pg_dump"):
        backup(tmp_path / "one.db")


def test_empty_home_has_nothing_to_back_up(tmp_path: Path, home: Path) -> None:
    with pytest.raises(NotFoundError):
        backup(tmp_path / "one.db")
    assert list_indexes() == []
    assert not home.exists()


def test_commands_say_what_they_did(tmp_path: Path) -> None:
    fill("apple")
    for command in ("backup", "restore"):
        done = subprocess.run(
            [sys.executable, "-c", RUN, command, str(tmp_path / "one.db")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "handbook (20 documents, 20 chunks), checked" in done.stdout.replace("\n", " ")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "restore", "absent.db"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
