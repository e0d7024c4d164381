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
from ..zips import check_unpacked

__all__ = ["parse_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WRAPPERS = frozenset(_W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_SKIPPED = frozenset({_W + "del", _W + "moveFrom", _FALLBACK})
_SPACES = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
_REFERENCES = {_W + "footnoteReference": "", _W + "endnoteReference": "e"}
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
    blocks = Blocks()
    for element in _flatten(document.element.body):
        if element.tag == _W + "p":
            _paragraph(blocks, element, styles)
        elif element.tag == _W + "tbl":
            blocks.table([[_text(cell) for cell in _within(row, "tc")] for row in _within(element, "tr")])
    for number, note in _notes(document.part):
        blocks.paragraph(f"[^{number}]: {note}")
    title = one_line(document.core_properties.title or "")
    if not title or title.lower() in ("word document", "untitled"):
        title = one_line(blocks.first_heading) or job.stem
    yield Parsed(clean(blocks.text(), compose=True), title, media_type=job.media_type)


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
        if node.tag in _SKIPPED:
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


def _property(element: Any, name: str) -> str:
    """The value of one of a paragraph's properties; "" when it has none."""
    found = element.find(f"{_W}pPr/{_W}{name}")
    return "" if found is None else str(found.get(_W + "val", ""))


def _paragraph(blocks: Blocks, element: Any, styles: dict[str, str]) -> None:
    text = _text(element)
    style = styles.get(_property(element, "pStyle"), "")
    heading = _HEADING.match(style)
    outline = _property(element, "outlineLvl")
    if heading:
        blocks.heading(text, int(heading[1]))
    elif style == "Title":
        blocks.heading(text, 1)
    elif outline in tuple("012345"):
        blocks.heading(text, int(outline) + 1)
    elif style.startswith("List") or element.find(f"{_W}pPr/{_W}numPr") is not None:
        level = _property(element, f"numPr/{_W}ilvl")
        by_style = int(style[-1]) - 1 if style[-1:].isdecimal() else 0  # "List Bullet 2"
        blocks.item(text, depth=max(int(level) if level.isdecimal() else 0, by_style, 0))
    else:
        blocks.paragraph(text)
