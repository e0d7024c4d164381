"""HTML to Markdown-like text: headings, paragraphs, lists, tables and code stay; scripts, menus and hidden parts go.

Read by libxml2's HTML parser, which expands no entities that a page defines and fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...errors import LoadError
from ..blocks import Blocks
from ..encoding import decode
from ..parsed import Job, Parsed, clean, one_line
from .formulas import formula_text, stated_answers
from .tables import Cell, plain_rows

__all__ = ["html_blocks", "parse_html"]

_DROPPED = [
    "script", "style", "noscript", "template", "nav", "svg", "iframe", "object", "embed", "canvas", "audio", "video",
    "map", "input", "datalist", "dialog",
]  # fmt: skip
# What a click or a search opens is content: panels of tabs and of what unfolds, text that is hidden until found.
_UNSEEN = (
    "//*[(@hidden and not(@hidden='until-found')) or @role='navigation'"
    " or contains(translate(@style, ' ', ''), 'display:none')"
    " or contains(translate(@style, ' ', ''), 'visibility:hidden')"
    " or contains(concat(' ', @class, ' '), ' katex-html ')]"
    "[not(@role='tabpanel' or @id=//@aria-controls or contains(@class, 'accordion') or contains(@class, 'collapse'))]"
)
_CONTROLS = (
    "//button[not(@aria-expanded or @aria-controls or ancestor::h1 or ancestor::h2 or ancestor::h3 or ancestor::h4)]"
)
_SENTENCE = 25  # characters: a button's words that are longer tell something
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset([
    "html", "body", "div", "p", "section", "article", "main", "header", "footer", "aside", "blockquote", "figure",
    "figcaption", "address", "details", "summary", "form", "fieldset", "legend", "ul", "ol", "li", "dl", "dt", "dd",
    "hr", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "center",
]).union(_HEADINGS)  # fmt: skip
_MOST_OPTIONS = 60
_POWER = re.compile(r"[-+−]?[\dn]+[-+−]?")
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_AROUND_BREAK = re.compile(r" *\n *")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""")


def parse_html(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; the title is <title>, else the first heading."""
    blocks, title = html_blocks(data, job)
    yield Parsed(clean(blocks.text()), title or one_line(blocks.first_heading) or job.stem, media_type=job.media_type)


def html_blocks(data: bytes, job: Job) -> tuple[Blocks, str]:
    """The blocks of a page, and its title; "" when it states none."""
    from lxml import etree, html

    stated = _CHARSET.search(data[:4096]) or _DECLARED.search(data[:400])
    charset = job.charset or (stated[1].decode("ascii") if stated else "")
    text = clean(decode(data, job, charset=charset), compose=True)
    # huge_tree: without it libxml2 stops at 256 levels, or at a text of 10 MB, and says nothing
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError) as exc:
        raise LoadError(f"it is not HTML that can be read ({one_line(str(exc))})") from exc
    cut = parser.error_log.filter_types(etree.ErrorTypes.ERR_RESOURCE_LIMIT)
    if len(cut):
        raise LoadError(f"it nests too deeply to be read whole ({one_line(cut[0].message)}); save it flatter")
    questions = list(stated_answers(root))
    titles = root.xpath("//title[not(ancestor::svg)]")
    title = one_line(titles[0].text_content()) if titles else ""
    for element in root.xpath("//head|" + "|".join(f"//{tag}" for tag in _DROPPED) + "|" + _UNSEEN):
        if element.getparent() is not None:  # the root itself stays: hiding <html> is a loading trick
            element.drop_tree()
    for button in root.xpath(_CONTROLS):
        if len(" ".join(button.text_content().split())) < _SENTENCE and button.getparent() is not None:
            button.drop_tree()
    for formula in root.xpath("//math"):
        shown = formula_text(formula)
        for child in list(formula):
            formula.remove(child)
        formula.text = shown
    for choice in root.xpath("//select"):
        options = [" ".join(option.text_content().split()) for option in choice.xpath(".//option")]
        for child in list(choice):
            choice.remove(child)
        choice.text = " " + " / ".join(option for option in options[:_MOST_OPTIONS] if option) + " "
    for raised in root.xpath("//sup"):
        text = raised.text_content().strip()
        before = raised.getprevious()
        told = (before.tail if before is not None else raised.getparent().text) or ""
        if _POWER.fullmatch(text) and told[-1:].isalnum() and len(raised) == 0:
            raised.text = "^" + text
    blocks = Blocks()
    _Walker(blocks).walk(root)
    for question, answer in questions:
        if answer not in " ".join(blocks.text().split()):
            blocks.heading(question, 2)
            blocks.paragraph(answer)
    return blocks, title


class _Walker:
    """Walks an element tree without recursion (pages nest deeper than Python's stack) and fills blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._inline: list[str] = []
        self._lists: list[int | None] = []  # per open list: the next number, None for bullets
        self._marker = ""  # of the list item whose first block is still to come
        self._heading = 0
        self._quotes = 0

    def walk(self, root: Any) -> None:
        from lxml import etree

        whole: Any = None  # the element that was taken as a whole: what is inside it is done
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start" and whole is None:
                if self._take_whole(element, tag):
                    whole = element
                else:
                    self._open(element, tag)
                    self._text(element.text)
            elif event == "end" and (whole is None or whole is element):
                if whole is None:
                    self._close(tag)
                whole = None
                if element is not root:
                    self._text(element.tail)
        self._flush()

    def _text(self, text: str | None) -> None:
        if text:
            self._inline.append(_SPACE.sub(" ", text))

    def _take_whole(self, element: Any, tag: str) -> bool:
        if tag == "pre":
            self._flush()
            language = re.search(r"\blang(?:uage)?-([\w+#-]{1,20})", " ".join(element.xpath(".//@class")[:3]))
            for line_break in element.xpath(".//br"):
                line_break.tail = "\n" + (line_break.tail or "")
            self._blocks.code(element.text_content(), language=language[1] if language else "")
            return True
        if tag == "table" and not element.xpath(".//table|.//h1|.//h2|.//h3|.//pre|.//li"):
            self._flush()
            for caption in element.xpath("./caption"):
                self._blocks.paragraph(" ".join(caption.text_content().split()))
            rows = element.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr")
            head = len(element.xpath("./thead/tr"))
            captions, plain = plain_rows(
                [[_cell(cell) for cell in row.xpath("./td|./th")] for row in rows], headers=head
            )
            for line in captions:
                self._blocks.paragraph(line)
            self._blocks.table(plain)
            return True
        return False

    def _open(self, element: Any, tag: str) -> None:
        if tag == "br":
            self._inline.append("\n")
        elif tag in _BLOCKS:
            self._flush()
            if tag in ("ul", "ol"):
                start = element.get("start", "1")
                self._lists.append((int(start) if start.isdecimal() else 1) if tag == "ol" else None)
            elif tag == "li":
                number = self._lists[-1] if self._lists else None
                self._marker = "-" if number is None else f"{number}."
                if number is not None:
                    self._lists[-1] = number + 1
            elif tag == "blockquote":
                self._quotes += 1
            elif tag in _HEADINGS:
                self._heading = _HEADINGS[tag]

    def _close(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in ("ul", "ol"):
            self._lists.pop()
        elif tag == "li":
            self._marker = ""
        elif tag == "blockquote":
            self._quotes -= 1
        elif tag in _HEADINGS:
            self._heading = 0

    def _flush(self) -> None:
        text = _AROUND_BREAK.sub("\n", _SPACE_RUN.sub(" ", "".join(self._inline))).strip()
        self._inline.clear()
        if not text:
            return
        if self._heading:
            self._blocks.heading(text, self._heading)
        elif self._marker:
            self._blocks.item(text, marker=self._marker, depth=len(self._lists) - 1)
            self._marker = ""
        elif self._quotes:
            self._blocks.paragraph("> " + text.replace("\n", "\n> "))
        else:
            self._blocks.paragraph(text)


_SPACE_RUN = re.compile(" {2,}")


def _cell(cell: Any) -> Cell:
    """A cell; what stands in separate blocks inside it is kept apart, what is only marked up is not."""
    text = " ".join(_told(cell).split())
    return Cell(text, _span(cell, "colspan"), _span(cell, "rowspan"), heading=cell.tag == "th")


def _told(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        apart = " " if child.tag in _BLOCKS or child.tag == "br" else ""
        pieces += [apart, _told(child) if isinstance(child.tag, str) else "", apart, child.tail or ""]
    return "".join(pieces)


def _span(cell: Any, name: str) -> int:
    value = str(cell.get(name) or "1").strip()
    return int(value) if value.isdecimal() and 0 < int(value) < 1000 else 1
