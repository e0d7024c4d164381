"""OpenDocument files (ODT, ODS, ODP): one XML for all three, read by its elements.

A cell or row may claim to be repeated a million times; only what holds text is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import LoadError
from ..blocks import Blocks
from ..parsed import Job, Parsed, clean, one_line
from ..zips import open_zip, read_part
from .sheets import sheet_blocks
from .slides import join_slides

__all__ = ["parse_odf"]

_NS = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{full}:1.0}}"
    for name, full in (
        ("text", "text"),
        ("table", "table"),
        ("office", "office"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
        ("svg", "svg-compatible"),
    )
}
_TEXT, _TABLE, _OFFICE, _DRAW = (_NS[name] for name in ("text", "table", "office", "draw"))
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SKIPPED = frozenset(
    {
        _TEXT + "tracked-changes",
        _OFFICE + "annotation",
        _TEXT + "sequence-decls",
        _TEXT + "table-of-content",
        _TEXT + "alphabetical-index",
    }
)
_MOST_REPEATS = 64


def parse_odf(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; a presentation's pages are its slides."""
    with open_zip(data, "OpenDocument file") as package:
        names = set(package.namelist())
        if "content.xml" not in names:
            raise LoadError("it has no content.xml; it is no OpenDocument file")
        content = _xml(read_part(package, "content.xml", job))
        meta = _xml(read_part(package, "meta.xml", job)) if "meta.xml" in names else None
        if b"encryption-data" in (read_part(package, "META-INF/manifest.xml", job) if _MANIFEST in names else b""):
            raise LoadError("it is encrypted; save it without a password first")
    stated = meta.find(f".//{_DC_TITLE}") if meta is not None else None
    title = one_line(stated.text or "") if stated is not None else ""
    body = content.find(f"{_OFFICE}body")
    kind = next(iter(body), None) if body is not None else None
    if kind is None:
        return
    blocks = Blocks()
    pages: tuple[int, ...] = ()
    if kind.tag == _OFFICE + "spreadsheet":
        sheets = kind.findall(_TABLE + "table")
        for sheet in sheets:
            sheet_blocks(blocks, sheet.get(_TABLE + "name", ""), _rows(sheet), alone=len(sheets) == 1)
        text, first = blocks.text(), ""
    elif kind.tag == _OFFICE + "presentation":
        slides = [_slide(page) for page in kind.findall(_DRAW + "page")]
        text, pages = join_slides(slides)
        first = next((slide.first_heading for slide in slides if slide.first_heading), "")
    else:
        _walk(kind, blocks, depth=-1)
        text, first = blocks.text(), blocks.first_heading
    text = text if pages else clean(text, compose=True)
    yield Parsed(text, title or one_line(first) or job.stem, media_type=job.media_type, pages=pages)


_MANIFEST = "META-INF/manifest.xml"


def _xml(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(data, parser)
    except etree.LxmlError as exc:
        raise LoadError(f"its XML is damaged ({one_line(str(exc))})") from exc


def _slide(page: Any) -> Blocks:
    blocks = Blocks()
    titles = [f for f in page.iter(_DRAW + "frame") if f.get(_NS["presentation"] + "class") == "title"]
    for frame in titles:
        blocks.heading(" ".join(_inline(p) for p in frame.iter(_TEXT + "p")), 2)
    for child in page:
        if child not in titles:
            _walk(child, blocks, depth=-1)
    return blocks


def _walk(element: Any, blocks: Blocks, *, depth: int) -> None:
    """Blocks below `element`; depth: of the list it stands in, -1 outside."""
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _SKIPPED:
            continue
        if child.tag == _TEXT + "h":
            level = child.get(_TEXT + "outline-level", "1")
            blocks.heading(_inline(child), int(level) if level.isdecimal() else 1)
        elif child.tag == _TEXT + "p":
            if depth >= 0:
                blocks.item(_inline(child), depth=depth)
            else:
                blocks.paragraph(_inline(child))
        elif child.tag == _TEXT + "list":
            _walk(child, blocks, depth=min(depth + 1, 10))
        elif child.tag == _TABLE + "table":
            blocks.table(_rows(child))
        else:
            _walk(child, blocks, depth=depth)


def _rows(table: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in table.iter(_TABLE + "table-row"):
        cells: list[str] = []
        for cell in row:
            if cell.tag not in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
                continue
            text = " ".join(_inline(p) for p in cell.iter(_TEXT + "p"))
            repeat = cell.get(_TABLE + "number-columns-repeated", "1")
            cells += [text] * min(int(repeat) if repeat.isdecimal() else 1, _MOST_REPEATS)
        while cells and not cells[-1]:
            cells.pop()
        repeat = row.get(_TABLE + "number-rows-repeated", "1")
        rows += [cells] * (min(int(repeat) if repeat.isdecimal() else 1, _MOST_REPEATS) if cells else 1)
    return rows


def _inline(element: Any) -> str:
    """A paragraph's text: runs of spaces, tabs and line breaks are elements there; notes stand in brackets."""
    pieces = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            if child.tag == _TEXT + "s":
                pieces.append(" " * min(int(child.get(_TEXT + "c", "1")), 80))
            elif child.tag == _TEXT + "tab":
                pieces.append("\t")
            elif child.tag == _TEXT + "line-break":
                pieces.append("\n")
            elif child.tag == _TEXT + "note":
                body = child.find(_TEXT + "note-body")
                pieces.append(f" ({_inline(body).strip()})" if body is not None else "")
            else:
                pieces.append(_inline(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
