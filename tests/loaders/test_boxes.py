"""Where quoted words stand on the page: PDFium's own text under each box is the words that were asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.errors import LoadError, UsageError
from ragkit.loaders import Parser, boxes, discover
from ragkit.loaders.boxes import align
from ragkit.types import Document

from .test_pdf import make_pdf

PAGES = [
    ["Rooms and hours", "The reading room opens at nine and closes at six. The infor-", "mation desk is on floor two."],
    ["Prices", "A year costs 1,200 euros; a day costs 7 euros.", "Members pay 10 m2 of shelf at cost."],
]


def read(path: Path) -> Document:
    with Parser() as parser:
        (document,) = parser.parse(next(iter(discover([path]))))
    return document


def under(path: Path, box: tuple[int, float, float, float, float]) -> str:
    """What PDFium reads in a box that is a little wider: its own rule is which letters touch it."""
    page = pypdfium2.PdfDocument(path)[box[0] - 1].get_textpage()
    return str(page.get_text_bounded(box[1] - 0.1, box[2] - 0.1, box[3] + 0.1, box[4] + 0.1))


def letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.parametrize(
    ("quote", "pages"),
    [
        ("reading room opens at nine", [1]),
        ("The information desk", [1, 1]),
        ("1,200 euros", [2]),
        ("floor two.\n\nPrices\nA year", [1, 2, 2]),
    ],
)
def test_the_words_under_the_boxes_are_the_words_of_the_span(tmp_path: Path, quote: str, pages: list[int]) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf(PAGES))
    document = read(tmp_path / "a.pdf")
    start = document.text.index(quote)
    found = boxes(document, start, start + len(quote))
    assert [box[0] for box in found] == pages
    assert letters("".join(under(tmp_path / "a.pdf", box) for box in found)) == letters(quote)
    assert all(0 < left < right < 612 and 0 < bottom < top < 792 for _, left, bottom, right, top in found)


def test_a_line_stands_where_the_file_puts_it(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf(PAGES))
    document = read(tmp_path / "a.pdf")
    start = document.text.index("A year")
    ((page, left, bottom, _, top),) = boxes(document, start, start + len("A year"))
    baseline = 720 - 14  # see `make_pdf`: the second line of its page, in 12 points
    assert page == 2 and left == pytest.approx(72, abs=1.5)
    assert baseline - 4 < bottom < baseline + 1 and baseline + 6 < top < baseline + 13


def test_without_pages_there_are_none_and_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf(PAGES))
    document = read(tmp_path / "a.pdf")
    assert boxes(Document("note", "No pages here."), 0, 5) == []
    assert boxes(document, 3, 3) == []
    with pytest.raises(UsageError, match="outside the document's"):
        boxes(document, 0, len(document.text) + 1)
    (tmp_path / "a.pdf").write_bytes(make_pdf([["Another text stands here now"], ["and here something else"]]))
    assert boxes(document, 0, 20) == []
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 broken")
    with pytest.raises(LoadError, match=r"a\.pdf"):
        boxes(document, 0, 20)


@given(st.text(alphabet="abcde", max_size=120), st.integers(0, 100), st.text(alphabet="xyz", max_size=8))
def test_letters_that_reading_put_in_do_not_lose_the_way(text: str, at: int, extra: str) -> None:
    at = min(at, len(text))
    found = align(text[:at] + extra + text[at:], text)
    kept = found[:at] + found[at + len(extra) :]
    assert all(place < 0 or text[place] == letter for place, letter in zip(kept, text, strict=True))
    assert found[:at] == list(range(at))
