"""Presentations (PPTX): a page per slide, its title a heading, texts, tables and the speaker's notes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ...errors import LoadError
from ..blocks import Blocks
from ..parsed import Job, Parsed, clean, one_line
from ..zips import check_unpacked

__all__ = ["join_slides", "parse_pptx"]

_OLD = b"\xd0\xcf\x11\xe0"


def parse_pptx(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document whose pages are the slides."""
    if data.startswith(_OLD):
        raise LoadError("it is encrypted or an old presentation; save it as .pptx without a password")
    check_unpacked(data, job, "presentation")
    from pptx import Presentation

    try:
        presentation = Presentation(io.BytesIO(data))
        slides = [_slide(slide) for slide in presentation.slides]
    except MemoryError:
        raise
    except Exception as exc:
        raise LoadError(f"it is not a presentation that can be read ({one_line(str(exc))})") from exc
    text, pages = join_slides(slides)
    first = next((blocks.first_heading for blocks in slides if blocks.first_heading), "")
    title = one_line(presentation.core_properties.title or "")
    title = "" if title.lower() in ("powerpoint presentation", "untitled") else title
    yield Parsed(text, title or one_line(first) or job.stem, media_type=job.media_type, pages=pages)


def join_slides(slides: list[Blocks]) -> tuple[str, tuple[int, ...]]:
    """The slides as one text and the offset at which each starts."""
    text, pages = "", []
    for blocks in slides:
        pages.append(len(text))
        piece = clean(blocks.text(), compose=True)
        text += piece + "\n" if piece else ""
    return text, tuple(pages)


def _slide(slide: Any) -> Blocks:
    blocks = Blocks()
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        blocks.heading(title.text_frame.text, 2)
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_table", False) and shape.has_table:
            blocks.table([[cell.text for cell in row.cells] for row in shape.table.rows])
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            _chart(blocks, shape.chart)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                text = "".join(run.text for run in paragraph.runs) or paragraph.text
                if shape.is_placeholder and len(shape.text_frame.paragraphs) > 1:
                    blocks.item(text.strip().replace("\v", "\n"), depth=paragraph.level)
                else:
                    blocks.paragraph(text.strip().replace("\v", "\n"))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        blocks.paragraph(notes.replace("\v", "\n"))
    return blocks


def _shapes(shapes: Any) -> Iterator[Any]:
    """All shapes, those in groups too, from top to bottom and left to right."""
    found = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    for shape in found:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _chart(blocks: Blocks, chart: Any) -> None:
    """A chart's numbers as a table: a row a category."""
    if chart.has_title and chart.chart_title.has_text_frame:
        blocks.paragraph(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        names = [series.name for series in plot.series]
        values = [list(series.values) for series in plot.series]
        rows = [[str(c), *(str(v[n]) if n < len(v) else "" for v in values)] for n, c in enumerate(plot.categories)]
        blocks.table([["", *names], *rows])
