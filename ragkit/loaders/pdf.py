"""PDF to text, page by page: PDFium first, pypdf where PDFium refuses or finds nothing.

This order is measured: four 10-Q reports (209 pages) take PDFium 1 s and pypdf 17 s, PDFium's lines come without the
stray blanks around table cells, and one of the reports exceeds pypdf's own limits in some versions. Starting with
the parser in pure Python would protect from nothing: a hostile file only has to make it fail. Both run in the worker.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from ..errors import LoadError
from .parsed import Job, Parsed, clean, one_line

__all__ = ["join_pages", "parse_pdf"]

_MADE_UP = re.compile(
    r"^untitled|^microsoft (word|powerpoint|excel) - |\.(docx?|pptx?|xlsx?|indd|qxd|tex|dvi|rtf|pdf)$", re.IGNORECASE
)
_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t\f\v\u00a0]+$", re.MULTILINE)
_LINE_HYPHEN = re.compile("[\ufffe\x02\xad]\r?\n?")  # PDFium's mark for a hyphen at a line's end, and the soft hyphen
_HYPHENATED = re.compile(r"([^\W\d_]{2,})-\n([^\W\d_]{2,})")
_WORD = re.compile(r"[^\W\d_]{3,}")
_GAP = "\n\n"


class _RefusedError(Exception):
    """PDFium cannot read it; pypdf may."""


def parse_pdf(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document with `pages`; the title is the metadata's where it is one, else the file's name."""
    if b"%PDF-" not in data[:1024]:
        raise LoadError("it is named a PDF but is none")
    try:
        pages, title = _by_pdfium(data)
    except _RefusedError as exc:
        pages, title = _by_pypdf(data, str(exc))
    if not any(page.strip() for page in pages):
        pages, title = _by_pypdf(data, "no text")
    if not any(page.strip() for page in pages):
        raise LoadError(f"it has no text on its {len(pages)} pages (scanned?); run text recognition (OCR) first")
    text, starts = join_pages(pages)
    title = one_line(title)
    if sum(char.isalpha() for char in title) < 4 or _MADE_UP.search(title):
        title = job.stem
    yield Parsed(text, title, media_type=job.media_type, pages=starts)


def _by_pdfium(data: bytes) -> tuple[list[str], str]:
    import pypdfium2

    pages: list[str] = []
    try:
        document = pypdfium2.PdfDocument(data)
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            pages.append(text.get_text_range())
            text.close()
            page.close()
        title = str(document.get_metadata_dict().get("Title", ""))
        document.close()
    except pypdfium2.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise LoadError("it is encrypted; save it without a password first") from exc
        raise _RefusedError(str(exc)) from exc
    return pages, title


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


def join_pages(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """Clean pages as one text, a blank line between, and the offset at which each starts.

    >>> join_pages(["One \\n\\n\\n\\nmore", "", "Three"])
    ('One\\n\\nmore\\n\\n\\n\\nThree', (0, 11, 13))
    """
    cleaned = [_TRAILING.sub("", clean(_LINE_HYPHEN.sub("", page), compose=True)) for page in pages]
    cleaned = [_BLANK_LINES.sub("\n\n", page).strip() for page in cleaned]
    known = {word.lower() for page in cleaned for word in _WORD.findall(page)}

    def join(match: re.Match[str]) -> str:
        # "infor-\nmation" is one word if the document writes it so elsewhere; "long-\nterm" stays as it is
        return match[1] + match[2] if (match[1] + match[2]).lower() in known else match[0]

    starts = []
    offset = 0
    for number, page in enumerate(cleaned):
        cleaned[number] = _HYPHENATED.sub(join, page)
        starts.append(offset)
        offset += len(cleaned[number]) + len(_GAP)
    return _GAP.join(cleaned), tuple(starts)
