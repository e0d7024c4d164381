"""Uploaded PDFs stay with their index, so that their pages can be shown; nobody else can read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.index import Index
from ragkit.loaders import Source
from tests.fakes import WordEncoder
from tests.loaders.test_pdf import make_pdf

TEXT = ["The reading room opens at nine.", "A year costs 1,200 euros."]


def uploaded(path: Path, name: str) -> Source:
    return Source(name, "file", name, str(path), path.stat().st_size)


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    path = tmp_path / "inbox" / "1f2e"
    path.write_bytes(make_pdf([TEXT]))
    return path


def test_boxes_of_an_upload_are_known_after_its_file_is_gone(sent: Path) -> None:
    index = Index("mine", encoder=WordEncoder())
    data = sent.read_bytes()
    assert index.add(uploaded(sent, "rooms/hours.pdf")).added == 1
    sent.unlink()
    document = index.document("rooms/hours.pdf")
    start = document.text.index("1,200")
    ((page, left, *_),) = index.boxes("rooms/hours.pdf", start, start + 5)
    assert page == 1 and left > 72
    kept = index.original("rooms/hours.pdf")
    assert kept is not None and kept.read_bytes() == data
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    index.delete(id="rooms/hours.pdf")
    assert not kept.exists() and list(kept.parent.iterdir()) == []


def test_whoever_wants_none_kept_has_none_kept(sent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index("mine", encoder=WordEncoder())
    index.add(uploaded(sent, "a.pdf"))
    kept = index.original("a.pdf")
    index.keep_originals(False)
    assert kept is not None and not kept.exists()
    index.add(uploaded(sent, "b.pdf"))
    assert index.original("a.pdf") is index.original("b.pdf") is None
    assert index.boxes("b.pdf", 0, 5) == []
    assert not Index("mine", encoder=WordEncoder()).keeps_originals
    monkeypatch.setenv("RAGKIT_KEEP_ORIGINALS", "false")
    other = Index("other", encoder=WordEncoder())
    other.add(uploaded(sent, "a.pdf"))
    assert other.original("a.pdf") is None


def test_a_file_added_by_its_path_is_its_own_original_until_it_changes(sent: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(sent.read_bytes())
    (tmp_path / "a.txt").write_text("No pages, so no copy.")
    index = Index("mine", encoder=WordEncoder())
    index.add(path, uploaded(tmp_path / "a.txt", "note.txt"))
    assert index.original(str(path)) == path
    assert len(index.boxes(str(path), 0, 10)) == 1
    assert index.original("note.txt") is None and not (index.folder / "originals").exists()
    path.write_bytes(make_pdf([["Something else."]]))
    assert index.original(str(path)) is None
