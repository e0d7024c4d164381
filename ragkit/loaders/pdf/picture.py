"""A page of a PDF as a picture, for showing what was quoted where it stands."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator

from ...errors import LoadError
from ..parsed import Job, Parsed

__all__ = ["MAX_SIDE", "parse_picture"]

MAX_SIDE = 1600  # pixels of the longer side, whatever the page's own size: the memory that a page may take
_SCALE = 2.0  # pixels a point: sharp on a fine screen


def parse_picture(data: bytes, job: Job) -> Iterator[Parsed]:
    """For each page of `job.pages` one document, its number as `row`: JSON of [picture, box, turned].

    The picture is a PNG in base64; the box [left, bottom, right, top] is the part of the page that it shows, in points;
    turned are the degrees, clockwise, that the page is turned by to be shown.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        raise LoadError(f"PDFium cannot read it ({exc})") from exc
    for number in job.pages:
        if not 1 <= number <= len(document):
            continue
        page = document[number - 1]
        bitmap = page.render(scale=min(_SCALE, MAX_SIDE / max(*page.get_size(), 1)))
        png = io.BytesIO()
        bitmap.to_pil().save(png, "PNG")
        told = [base64.b64encode(png.getvalue()).decode("ascii"), list(page.get_bbox()), page.get_rotation()]
        bitmap.close()
        page.close()
        yield Parsed(json.dumps(told), row=number)
    document.close()
