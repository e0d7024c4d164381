"""PDF to text, page by page: PDFium first, pypdf where PDFium refuses or finds nothing.

This order is measured: four 10-Q reports (209 pages) take PDFium 1 s and pypdf 17 s, PDFium's lines come without the
stray blanks around table cells, and one of the reports exceeds pypdf's own limits in some versions. Starting with
the parser in pure Python would protect from nothing: a hostile file only has to make it fail. Both run in the worker.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import LoadError
from ..parsed import Job, Parsed, one_line
from ..scans import MISSING, can_recognise, recognise_picture
from .fields import field_lines
from .joining import join_pages
from .order import put_right

__all__ = ["join_pages", "parse_pdf"]

_MADE_UP = re.compile(
    r"^untitled|^microsoft (word|powerpoint|excel) - |\.(docx?|pptx?|xlsx?|indd|qxd|tex|dvi|rtf|pdf)$", re.IGNORECASE
)
_SCAN_DPI = 300
_MAX_SIDE = 6000  # pixels of a page that is shown to text recognition


class _RefusedError(Exception):
    """PDFium cannot read it; pypdf may."""


def parse_pdf(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document with `pages`; the title is the metadata's where it is one, else the file's name."""
    if b"%PDF-" not in data[:1024]:
        raise LoadError("it is named a PDF but is none")
    recognised: list[int] = []
    try:
        pages, title, bare, recognised = _by_pdfium(data, job)
    except _RefusedError as exc:
        pages, title = _by_pypdf(data, str(exc))
        bare = [number for number, page in enumerate(pages, 1) if not page.strip()]
    if not any(page.strip() for page in pages):
        pages, title = _by_pypdf(data, "no text")
    if not any(page.strip() for page in pages):
        why = "no text was recognised on them" if can_recognise() else MISSING
        raise LoadError(f"it has no text on its {len(pages)} pages (scanned?); {why}")
    if bare:
        why = "none was recognised" if can_recognise() else MISSING
        job.note(f"{_numbers(bare)} of {len(pages)} {'have' if len(bare) > 1 else 'has'} no text; {why}")
    text, starts = join_pages(pages)
    title = one_line(title)
    if sum(char.isalpha() for char in title) < 4 or _MADE_UP.search(title):
        title = job.stem
    metadata: dict[str, Any] = {"recognised": True, "recognised_pages": _plain(recognised)} if recognised else {}
    yield Parsed(text, title, media_type=job.media_type, pages=starts, metadata=metadata)


def _by_pdfium(data: bytes, job: Job) -> tuple[list[str], str, list[int], list[int]]:
    """The pages, the title, the numbers of the pages with pictures but no text, and of those that were recognised."""
    import pypdfium2

    pages: list[str] = []
    bare: list[int] = []
    recognised: list[int] = []
    try:
        document = pypdfium2.PdfDocument(data)
        document.init_forms()
        for number in range(len(document)):
            page = document[number]
            page_text = page.get_textpage()
            text = put_right(page_text, page_text.get_text_range())
            page_text.close()
            filled = field_lines(page)
            if not text.strip() and _shows_something(page):
                text = _recognised(page, job)
                (recognised if text else bare).append(number + 1)
            pages.append("\n".join([text, *filled]) if filled else text)
            page.close()
        title = str(document.get_metadata_dict().get("Title", ""))
        document.close()
    except pypdfium2.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise LoadError("it is encrypted; save it without a password first") from exc
        raise _RefusedError(str(exc)) from exc
    return pages, title, bare, recognised


def _shows_something(page: Any) -> bool:
    """Whether a page holds any picture: one without is blank."""
    import pypdfium2.raw as pdfium

    return any(True for _ in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=4))


def _recognised(page: Any, job: Job) -> str:
    """The text that a page's picture shows; "" where none is seen or nothing can look."""
    if not can_recognise():
        return ""
    width, height = page.get_size()
    scale = min(_SCAN_DPI / 72, _MAX_SIDE / max(width, height, 1))
    bitmap = page.render(scale=scale, grayscale=True)
    rows = bytes(bitmap.buffer)
    lines = b"".join(rows[at : at + bitmap.width] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))
    picture = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + lines
    bitmap.close()
    return recognise_picture(picture, job)


def _by_pypdf(data: bytes, why: str) -> tuple[list[str], str]:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # in the worker: nobody reads it
    try:
        reader = PdfReader(io.BytesIO(data))
        pages = [page.extract_text() for page in reader.pages]
        stated = reader.metadata.title if reader.metadata is not None else None
    except MemoryError:
        raise
    except Exception as exc:
        reasons = f"{one_line(why, limit=100)}; {one_line(str(exc), limit=100) or type(exc).__name__}"
        raise LoadError(f"it is damaged: neither parser can read it ({reasons})") from exc
    return pages, str(stated or "")


def _numbers(pages: Sequence[int]) -> str:
    return f"page{'s' if len(pages) > 1 else ''} {_plain(pages)}"


def _plain(pages: Sequence[int]) -> str:
    """Page numbers as one text, the first forty of them."""
    return ", ".join(map(str, pages[:40])) + (" …" if len(pages) > 40 else "")
