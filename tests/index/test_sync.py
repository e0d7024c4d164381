"""An index that mirrors folders: what comes in, what goes, what stays because something failed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragkit.changes import FloatArray
from ragkit.errors import NotFoundError, UsageError
from ragkit.index import Index, Pace
from tests.fakes import WordEncoder


@pytest.fixture
def index() -> Index:
    return Index("mine", encoder=WordEncoder())


def held(index: Index) -> set[str]:
    return {Path(row.id).name for row in index.documents()}


def test_an_index_holds_what_the_folder_holds_after_each_sync(index: Index, docs: Path) -> None:
    assert index.sync(docs).added == 3
    (docs / "a.md").unlink()
    (docs / "b.md").write_text("Changed, and longer than it was before.")
    (docs / "new.md").write_text("New.")
    (docs / "deep/c.md").rename(docs / "moved.md")
    trial = index.sync(docs, dry_run=True)
    assert held(index) == {"a.md", "b.md", "c.md"}
    report = index.sync(docs)
    for found in (trial, report):
        assert (found.added, found.replaced, found.pruned, found.moved) == (1, 1, 1, 1), str(found)
    assert held(index) == {"b.md", "new.md", "moved.md"}
    assert index.sync(docs).changed == 0
    assert index.verify(), index.verify().problems


def test_what_is_ignored_now_is_deleted_and_what_lies_elsewhere_is_not(
    index: Index, docs: Path, tmp_path: Path
) -> None:
    index.sync(docs)
    (tmp_path / "other.md").write_text("Beside the folder.")
    index.add(tmp_path / "other.md", {"id": "memo", "text": "No file at all."})
    (docs / ".ragkitignore").write_text("deep/\n")
    assert index.sync(docs).pruned == 1
    assert held(index) == {"a.md", "b.md", "other.md", "memo"}
    assert index.sync(docs, exclude=["b*"]).pruned == 1
    assert index.sync(docs, include=["b*"]).added == 1
    assert held(index) == {"b.md", "other.md", "memo"}


def test_a_file_that_fails_keeps_its_last_good_version_and_so_does_what_lies_below_a_failure(
    index: Index, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(docs)
    before = {row.id: index.document(row.id).text for row in index.documents()}
    (docs / "a.md").write_bytes(bytes(range(256)) * 40)
    (docs / "b.md").write_text("")
    (docs / "deep/.gitignore").mkdir()
    report = index.sync(docs)
    assert {Path(f.source).name for f in report.failures} == {"a.md", "b.md", "deep"}
    assert report.changed == 0
    assert {row.id: index.document(row.id).text for row in index.documents()} == before


def test_a_folder_that_lost_everything_is_taken_for_a_missing_drive(index: Index, docs: Path) -> None:
    index.sync(docs)
    for path in docs.rglob("*.md"):
        path.unlink()
    with pytest.raises(UsageError, match=r"holds no document now.*has 3 of it"):
        index.sync(docs)
    assert len(held(index)) == 3
    assert index.sync(docs, allow_empty=True).pruned == 3
    with pytest.raises(NotFoundError):
        index.sync(docs.parent / "never")
    with pytest.raises(UsageError, match="one glob"):
        index.sync(docs, include="*.md")


def test_an_empty_folder_can_be_synced_before_there_is_anything(index: Index, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert index.sync(tmp_path / "empty").changed == 0


def test_a_link_names_the_same_folder(index: Index, docs: Path, tmp_path: Path) -> None:
    index.sync(docs)
    (tmp_path / "link").symlink_to(docs)
    (docs / "a.md").unlink()
    report = index.sync(tmp_path / "link")
    assert (report.unchanged, report.pruned, report.added) == (2, 1, 0)


class Interrupting(WordEncoder):
    """Interrupts the run with its n-th batch, as Ctrl-C does."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def encode(self, texts: Any, *, progress: Callable[[int], None] | None = None) -> FloatArray:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return super().encode(texts)


def test_the_run_after_an_interrupted_one_writes_what_that_left_unwritten(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(300):
        (docs / f"n{n:03}.md").write_text(f"Note {n} is about its own number.")
    with pytest.raises(KeyboardInterrupt):
        Index("mine", encoder=Interrupting(at=2)).sync(docs)
    kept = Index("mine", encoder=WordEncoder())
    count = len(kept.documents())
    assert count >= 250
    for path in docs.rglob("*.md"):
        if str(path) not in {row.id for row in kept.documents()}:
            path.unlink()
    assert kept.sync(docs).changed == 0
    assert not Index("mine", encoder=WordEncoder()).live.behind


class Telling(WordEncoder):
    """Says after each passage that it is done, as the real one does after each few."""

    def encode(self, texts: Any, *, progress: Callable[[int], None] | None = None) -> FloatArray:
        rows = []
        for n, text in enumerate(texts, 1):
            rows.append(super().encode([text])[0])
            if progress is not None:
                progress(n)
        return np.array(rows)


def test_the_pace_within_one_long_file_rises_to_the_whole(tmp_path: Path) -> None:
    long = "\n\n".join(f"Paragraph {n} of the book. " + "It goes on for some time. " * 30 for n in range(400))
    (tmp_path / "book.txt").write_text(long)
    os.utime(tmp_path / "book.txt", (1e9, 1e9))
    seen: list[Pace] = []
    index = Index("book", encoder=Telling())
    index.add(tmp_path / "book.txt", pace=seen.append)
    shares = [pace.share for pace in seen]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    assert len({round(share, 2) for share in shares}) > 50
    assert [seen[-1].source, seen[-1].passages] == ["", len(index)]
    assert (seen[0].of_files, seen[-1].files) == (1, 1)
