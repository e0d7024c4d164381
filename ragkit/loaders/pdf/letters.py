"""Where the letters of a PDF's pages stand, for highlighting what was quoted from them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...errors import LoadError
from ..parsed import Job, Parsed

__all__ = ["parse_letters"]


def parse_letters(data: bytes, job: Job) -> Iterator[Parsed]:
    """For each page of `job.pages` one document, its number as `row`: JSON of [letters, their boxes].

    Letters are those of words and numbers, in the order of the file; a box is [left, bottom, right, top] in the page's
    own units (points), from its lower left corner.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        raise LoadError(f"PDFium cannot read it ({exc})") from exc
    for number in job.pages:
        if not 1 <= number <= len(document):
            continue
        page = document[number - 1]
        page_text = page.get_textpage()
        letters, boxes = [], []
        for at in range(page_text.count_chars()):
            code = pdfium.FPDFText_GetUnicode(page_text.raw, at)
            letter = chr(code) if 0 < code < 0x110000 else " "
            if letter.isalnum():
                letters.append(letter)
                boxes.append([round(side, 2) for side in page_text.get_charbox(at)])
        page_text.close()
        page.close()
        yield Parsed(json.dumps(["".join(letters), boxes]), row=number)
    document.close()
