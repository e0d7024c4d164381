"""A folder of one file of each format: each text is read, found by search, and cited by an exact span."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ragkit.index import Index
from ragkit.index.reports import AddReport
from tests.fakes import WordEncoder

from .samples import RECOGNISED, sentence, thing, write_one_of_each

OCR = shutil.which("tesseract") is not None


def test_text_recognition_is_there_in_continuous_integration() -> None:
    assert OCR or not os.environ.get("CI"), "install Tesseract: .ci/run does"


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, dict[str, int], AddReport]:
    folder = tmp_path_factory.mktemp("formats")
    docs = folder / "docs"
    docs.mkdir()
    numbers = write_one_of_each(docs)
    index = Index("formats", home=folder / "home", encoder=WordEncoder())
    return index, numbers, index.add(docs)


def test_every_format_is_read_and_found(added: tuple[Index, dict[str, int], AddReport]) -> None:
    index, numbers, report = added
    wanted = {name: n for name, n in numbers.items() if OCR or name not in RECOGNISED}
    missing = []
    for name, number in wanted.items():
        hits = index.search(f"When does the {thing(number)} open?", k=1, mode="lexical")
        place = Path(hits[0].chunk.source).name
        words = " ".join(hits[0].chunk.text.split())
        if place != name or (sentence(number) not in words and name not in RECOGNISED):
            missing.append((name, place, words[:80]))
    assert not missing
    assert len(wanted) >= 35
    assert report.failures == () or not OCR


def test_spans_are_exact_in_every_format(added: tuple[Index, dict[str, int], AddReport]) -> None:
    index = added[0]
    for row in index.documents():
        text = index.document(row.id).text
        for chunk in index.chunks(row.id):
            assert text[chunk.start : chunk.end] == chunk.text


@pytest.mark.skipif(not OCR, reason="needs Tesseract")
def test_recognised_text_is_marked_as_such(added: tuple[Index, dict[str, int], AddReport]) -> None:
    index = added[0]
    marked = {Path(row.source).name for row in index.documents() if row.metadata.get("recognised")}
    assert marked == RECOGNISED
