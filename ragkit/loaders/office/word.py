"""Word files (DOCX) to Markdown-like text: headings by style, lists, tables as rows, notes at the end.

A DOCX is a zip of XML. Its parts are unpacked once against a limit before python-docx sees it, because sizes in a zip's
directory are only claims. Text is taken from the XML elements, not from `Paragraph.text`: python-docx leaves out
tracked insertions and everything inside content controls.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from ...errors import LoadError
from ..blocks import Blocks
from ..parsed import Job, Parsed, clean, one_line
from ..texts.tables import Cell, plain_rows
from ..zips import check_unpacked
from .equations import MATH, equation_text
from .numbering import Numbering

__all__ = ["parse_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WRAPPERS = frozenset(_W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_SKIPPED = frozenset({_W + "del", _W + "moveFrom", _FALLBACK})
_SPACES = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
_REFERENCES = {_W + "footnoteReference": "", _W + "endnoteReference": "e"}
_PAGE_NUMBER = re.compile(r"(?:page|seite|стр\.?|страница|сторінка)?\W*\d*\W*(?:of|von|из|з)?\W*\d*", re.IGNORECASE)
_POWER = re.compile(r"[-+−]?\s*[\dn]+[-+−]?")
_HEADING = re.compile(r"^heading (\d)$", re.IGNORECASE)
_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE container: how Office stores protected files


def parse_docx(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; the title is the stated one, else the first heading."""
    if data.startswith(_ENCRYPTED):
        raise LoadError("it is encrypted or an old Word file; save it as .docx without a password")
    check_unpacked(data, job, "Word file")
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as exc:
        raise LoadError(f"it is not a Word file that can be read ({type(exc).__name__}: {one_line(str(exc))})") from exc
    styles = {style.style_id: style.name or "" for style in document.styles}
    numbering = Numbering(_related(document.part, "numbering"), document.part.styles.element)
    blocks = Blocks()
    for line in _margins(document, "header"):
        blocks.paragraph(line)
    for element in _flatten(document.element.body):
        if element.tag == _W + "p":
            _paragraph(blocks, element, styles, numbering)
        elif element.tag == _W + "tbl":
            captions, rows = plain_rows(_cells(element), headers=_header_rows(element))
            for caption in captions:
                blocks.paragraph(caption)
            blocks.table(rows)
    for number, note in _notes(document.part):
        blocks.paragraph(f"[^{number}]: {note}")
    for line in _margins(document, "footer"):
        blocks.paragraph(line)
    title = one_line(document.core_properties.title or "")
    if not title or title.lower() in ("word document", "untitled"):
        title = one_line(blocks.first_heading) or job.stem
    yield Parsed(clean(blocks.text(), compose=True), title, media_type=job.media_type)


def _related(part: Any, kind: str) -> Any:
    """The root element of the part of that kind; None when there is none."""
    from docx.oxml import parse_xml

    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
            return parse_xml(relation.target_part.blob)
    return None


def _margins(document: Any, kind: str) -> list[str]:
    """What stands in the page headers (or footers), each text once; a page number alone says nothing."""
    found: dict[str, None] = {}
    for section in document.sections:
        for part in (getattr(section, kind), getattr(section, f"first_page_{kind}")):
            if not part.is_linked_to_previous:
                for element in _flatten(part._element):
                    text = " ".join(_text(element).split())
                    if any(char.isalpha() for char in text) and not _PAGE_NUMBER.fullmatch(text):
                        found[text] = None
    return list(found)


def _cells(table: Any) -> list[list[Cell]]:
    """The rows' cells with what they cover; a cell that goes on downwards is told where it begins."""
    rows: list[list[tuple[int, str, int, str]]] = []  # each cell: its first column, text, columns, how it merges
    for row in _within(table, "tr"):
        line, at = [], int(_of(row, f"{_W}trPr/{_W}gridBefore") or 0)
        for cell in _within(row, "tc"):
            columns = int(_of(cell, f"{_W}tcPr/{_W}gridSpan") or 1)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            how = "" if merge is None else merge.get(_W + "val", "continue")
            line.append((at, _text(cell), columns, how))
            at += columns
        rows.append(line)
    out: list[list[Cell]] = []
    for number, line in enumerate(rows):
        cells = []
        for at, text, columns, how in line:
            if how == "continue":
                continue
            deep = 1
            while (
                how == "restart"
                and number + deep < len(rows)
                and any(other[0] == at and other[3] == "continue" for other in rows[number + deep])
            ):
                deep += 1
            cells.append(Cell(text, columns, deep))
        out.append(cells)
    return out


def _header_rows(table: Any) -> int:
    """How many of the first rows are marked to be repeated on every page; 0 where that is not said."""
    count = 0
    for row in _within(table, "tr"):
        if row.find(f"{_W}trPr/{_W}tblHeader") is None:
            break
        count += 1
    return count


def _of(element: Any, path: str) -> str:
    found = element.find(path)
    value = "" if found is None else str(found.get(_W + "val", ""))
    return value if value.isdecimal() else ""


def _notes(part: Any) -> Iterator[tuple[str, str]]:
    """Footnotes, then endnotes, with the marks that `_text` leaves in the text."""
    from docx.oxml import parse_xml

    for kind, prefix in (("footnote", ""), ("endnote", "e")):
        for relation in part.rels.values():
            if relation.is_external or not relation.reltype.endswith(f"/{kind}s"):
                continue
            for note in parse_xml(relation.target_part.blob).findall(_W + kind):
                text = _text(note)
                if text and note.get(_W + "type") is None:  # the typed ones are separators
                    yield prefix + str(note.get(_W + "id", "")), text


def _flatten(parent: Any) -> Iterator[Any]:
    """The children of `parent`, those inside content controls and tracked insertions included."""
    for child in parent:
        if child.tag in _WRAPPERS:
            yield from _flatten(child)
        else:
            yield child


def _within(parent: Any, name: str) -> Iterator[Any]:
    return (child for child in _flatten(parent) if child.tag == _W + name)


def _text(element: Any) -> str:
    """The text below `element`: deleted text and the doubles of text boxes left out."""
    pieces: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _SKIPPED or (node.tag == _W + "r" and _is_on(node, "vanish")):
            continue
        if node.tag == _W + "r" and (_is_on(node, "strike") or _is_on(node, "dstrike")):
            struck = "".join(t.text or "" for t in node.iter(_W + "t"))
            pieces.append(f"~~{struck}~~" if struck.strip() else struck)
            continue
        if node.tag == _W + "r" and _raised(node) and pieces and pieces[-1][-1:].isalnum():
            pieces.append("^")
        if node.tag == MATH + "oMath":
            pieces.append(equation_text(node))
            continue
        if node.tag == _W + "t":
            pieces.append(node.text or "")
        elif node.tag in _REFERENCES:
            pieces.append(f"[^{_REFERENCES[node.tag]}{node.get(_W + 'id', '')}]")
        elif node.tag in _SPACES:
            pieces.append(_SPACES[node.tag])
        elif node.tag == _W + "p" and pieces:
            pieces.append("\n")
        if node.tag != _W + "pPr":  # its tabs are tab stops
            stack.extend(reversed(node))
    return "".join(pieces).strip()


def _is_on(run: Any, name: str) -> bool:
    found = run.find(f"{_W}rPr/{_W}{name}")
    return found is not None and found.get(_W + "val", "true") not in ("0", "false", "off")


def _raised(run: Any) -> bool:
    """Whether a run is a raised figure; raised letters (1st) are no power."""
    found = run.find(f"{_W}rPr/{_W}vertAlign")
    text = "".join(t.text or "" for t in run.iter(_W + "t"))
    return found is not None and found.get(_W + "val") == "superscript" and bool(_POWER.fullmatch(text))


def _property(element: Any, name: str) -> str:
    """The value of one of a paragraph's properties; "" when it has none."""
    found = element.find(f"{_W}pPr/{_W}{name}")
    return "" if found is None else str(found.get(_W + "val", ""))


def _paragraph(blocks: Blocks, element: Any, styles: dict[str, str], numbering: Numbering) -> None:
    text = _text(element)
    style_id = _property(element, "pStyle")
    style = styles.get(style_id, "")
    level = _property(element, f"numPr/{_W}ilvl")
    numbered = None
    if text:  # Word does not number what is empty
        number = _property(element, f"numPr/{_W}numId")
        numbered = numbering.label(number, int(level) if level.isdecimal() else None, style_id)
    label = numbered[0] if numbered else ""
    heading = _HEADING.match(style)
    outline = _property(element, "outlineLvl")
    if heading:
        blocks.heading(f"{label} {text}" if label else text, int(heading[1]))
    elif style == "Title":
        blocks.heading(text, 1)
    elif outline in tuple("012345"):
        blocks.heading(f"{label} {text}" if label else text, int(outline) + 1)
    elif style.startswith("List") or numbered:
        by_style = int(style[-1]) - 1 if style[-1:].isdecimal() else 0  # "List Bullet 2"
        blocks.item(text, marker=label or "-", depth=max(numbered[1] if numbered else 0, by_style, 0))
    else:
        blocks.paragraph(text)
