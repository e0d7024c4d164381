"""On a full and on a read-only disk: search, ask, verify and list work; deleting works on a full one."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.config import settings
from ragkit.errors import StoreError
from ragkit.index import Index
from ragkit.index.opening import open_store
from ragkit.rag import RAG
from ragkit.views import working
from tests.fakes import WordEncoder

from .small_disk import SmallDisk, small_disk

DOCUMENTS = 60


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture(params=["temporary folder", "memory"])
def place(request: pytest.FixtureRequest, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the working copy may go: a temporary folder on another disk, or nowhere."""
    if request.param == "memory":
        own = working.WorkingPlaces.__init__

        def beside_alone(self: working.WorkingPlaces, beside: Path) -> None:
            own(self, beside)
            del self._left[1:]

        monkeypatch.setattr(working.WorkingPlaces, "__init__", beside_alone)
    return str(request.param)


def opened(disk: SmallDisk) -> Index:
    return Index("handbook", home=disk.path / "home", encoder=WordEncoder())


def fill(disk: SmallDisk, documents: int = DOCUMENTS) -> None:
    with opened(disk) as index:
        index.add([{"id": f"d{i}", "text": f"Rule number{i} of travel."} for i in range(documents)])
        index.live.publish(force=True)
        index.add([{"id": "tail", "text": "Rule of the tail, in no snapshot yet."}])


def freeze(disk: SmallDisk) -> None:
    """Make it read-only, which it can be once nobody has a file open for writing."""
    open_store(settings(home=disk.path / "home")).close()
    disk.read_only()


def works(disk: SmallDisk) -> None:
    with opened(disk) as index:
        assert {h.document_id for h in index.search("number7 travel", k=1, mode="lexical")} == {"d7"}
        assert index.search("tail", k=1, mode="lexical")[0].document_id == "tail"
        assert index.verify().problems == ()
        assert len(index.documents()) >= DOCUMENTS
        rag = RAG(index, model="extractive", home=disk.path / "home")
        assert "number7" in str(rag.ask("What is rule number7 of travel?"))
        rag.close()


def test_read_only_home_is_searched_asked_and_verified(disk: SmallDisk, place: str) -> None:
    fill(disk)
    freeze(disk)
    try:
        works(disk)
        with opened(disk) as index, pytest.raises(StoreError) as caught:
            index.delete(id="d1")
        assert "\n" not in str(caught.value)
    finally:
        disk.read_only(False)
    works(disk)


@pytest.mark.parametrize("leave", [0, 4096, 40_000])
def test_full_disk_is_searched_asked_verified_and_deleted_from(disk: SmallDisk, place: str, leave: int) -> None:
    fill(disk)
    disk.fill(leave)
    works(disk)
    with opened(disk) as index:
        assert index.search("number7", k=1, mode="lexical")[0].document_id == "d7"
        for number in range(20, 40):
            assert index.delete(id=f"d{number}") == 1
            disk.fill(leave)
        assert not any(h.document_id == "d20" for h in index.search("number20", k=5, mode="lexical"))
    works_without = DOCUMENTS + 1 - 20
    with opened(disk) as index:
        assert len(index.documents()) == works_without
        assert index.verify().problems == ()
    disk.empty()
    with opened(disk) as index:
        assert index.add([{"id": "new", "text": "Rule number99, there is room again."}]).added == 1
        assert index.verify().problems == ()
        assert index.search("number99", k=1, mode="lexical")[0].document_id == "new"


def test_disk_that_fills_during_an_add_is_one_clear_line_and_loses_nothing(disk: SmallDisk) -> None:
    fill(disk)
    disk.fill(300_000)
    rows = [{"id": f"n{i}", "text": f"New number{i}. " + "words and words " * 400} for i in range(300)]
    with opened(disk) as index, pytest.raises(StoreError) as caught:
        index.add(rows)
    assert "\n" not in str(caught.value)
    works(disk)
    with opened(disk) as index:
        assert all(len(index.chunks(d.id)) == d.chunks for d in index.documents())


def test_nothing_is_left_in_the_temporary_folder(disk: SmallDisk) -> None:
    fill(disk)
    freeze(disk)
    try:
        works(disk)
    finally:
        disk.read_only(False)
    gc.collect()  # what other tests of this process forgot in a circle
    assert not list((Path(tempfile.gettempdir()) / f"ragkit-{os.geteuid()}").glob("private-*"))
