"""A page as a picture with marks: the ink of the quoted words is under the marks, however the page is turned or cut."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest

from ragkit.errors import LoadError, NotFoundError
from ragkit.loaders.sheet import Mark, Sheet, sheet_of

from .test_boxes import PAGES, read
from .test_pdf import make_pdf

image = pytest.importorskip("PIL.Image")
QUOTE = "A year costs"


def sheet(path: Path, quote: str = QUOTE, number: int = 2) -> Sheet:
    document = read(path)
    start = document.text.index(quote)
    return sheet_of(document, number, [(start, start + len(quote))], original=path)


def ink(picture: bytes, mark: Mark) -> float:
    """The share of dark pixels in a mark."""
    page = image.open(io.BytesIO(picture)).convert("L")
    left, top, wide, high = (share * size for share, size in zip(mark, page.size * 2, strict=True))
    seen = page.crop((int(left), int(top), int(left + wide) + 1, int(top + high) + 1)).get_flattened_data()
    return sum(1 for grey in seen if grey < 128) / len(seen)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_marks_lie_on_the_ink_of_the_words(tmp_path: Path, turned: int) -> None:
    file = pypdfium2.PdfDocument(make_pdf([PAGES[0], [QUOTE]]))  # these words alone are on the page
    file[1].set_rotation(turned)
    file[1].set_cropbox(40, 300, 500, 760)
    file.save(tmp_path / "a.pdf")
    shown = sheet(tmp_path / "a.pdf")
    (mark,) = shown.marks
    assert shown.picture.startswith(b"\x89PNG") and ink(shown.picture, mark) > 0.1
    left, top, wide, high = mark
    assert (wide > high) == (turned in (0, 180))
    page = image.open(io.BytesIO(shown.picture)).convert("L").point(lambda grey: 255 * (grey < 128))
    box = page.getbbox()  # of all ink
    sides = (left, top, left + wide, top + high)
    assert all(abs(side - at / 920) < 0.006 for side, at in zip(sides, box, strict=True)), (sides, box)


def test_a_page_that_is_not_there_or_a_file_that_is_another_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf(PAGES))
    document = read(path)
    for number in (0, 3, -1):
        with pytest.raises(NotFoundError, match="2 pages"):
            sheet_of(document, number, [], original=path)
    assert sheet(path, number=1).marks == (), "the words stand on the other page"
    path.write_bytes(make_pdf(PAGES[:1]))
    with pytest.raises(LoadError):
        sheet_of(document, 2, [], original=path)
    path.write_bytes(b"%PDF-1.4 broken")
    with pytest.raises(LoadError):
        sheet_of(document, 1, [], original=path)


def test_a_huge_page_is_drawn_no_larger_than_the_limit(tmp_path: Path) -> None:
    file = pypdfium2.PdfDocument(make_pdf([[QUOTE]]))
    file[0].set_mediabox(0, 0, 14_000, 700)
    file.save(tmp_path / "a.pdf")
    assert max(image.open(io.BytesIO(sheet(tmp_path / "a.pdf", number=1).picture)).size) <= 1600
