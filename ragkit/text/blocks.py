"""The structure of a document as spans: headings, paragraphs, list items, tables and code, by media type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .figures import figure_tables
from .markups import MARKUPS, markup_headings

__all__ = ["Block", "Kind", "blocks_of", "line_spans", "trim"]

Kind = Literal["heading", "text", "item", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """text[start:end] without outer white space, and the path of headings it stands under.

    `level` is a heading's rank, or how many characters code is indented; `title` is a heading's text. `header` is the
    line that names a table's columns, "" where there is none; `separated`: its cells are separated values, which may
    be quoted and then hold line ends; `introduces`: it ends in a colon, what follows belongs to it.
    """

    start: int
    end: int
    kind: Kind
    section: tuple[str, ...] = ()
    level: int = 0
    title: str = ""
    header: str = ""
    separated: bool = False
    introduces: bool = False


_LINE_END = re.compile(r"\r\n?|\n")
_PARAGRAPH_END = re.compile(r"(?:\r\n?|\n)(?:[^\S\r\n]*(?:\r\n?|\n))+|[\f\v\x1c-\x1e\u2029]")
# "== Plot ==", and "= = Plot = =" as tokenised copies of Wikipedia have it
_WIKI_HEADING = re.compile(
    r"((?:=[^\S\r\n]){1,6})([^=\s][^\r\n]*?)(?:[^\S\r\n]=){1,6}\Z|(={2,6})[^\S\r\n]*([^=\s][^\r\n]*?)[^\S\r\n]*\3\Z"
)
_CODE_KINDS = "json javascript typescript xml x-yaml yaml toml x-sh sql x-python x-httpd-php x-tex"
_CODE_TYPES = frozenset(f"application/{kind}" for kind in _CODE_KINDS.split())
_ROWS = frozenset({"text/csv", "text/tab-separated-values"})
_SEPARATOR_LINE = re.compile(r"sep=.\r?\n", re.IGNORECASE)
_MAX_HEADER = 400  # characters
_MAX_TITLE = 200  # characters of a heading kept in the section path


def blocks_of(text: str, media_type: str) -> list[Block]:
    """Return the blocks of `text` in order; they do not overlap, and every visible character is in one."""
    kind = media_type.split(";")[0].strip().lower()
    if kind in ("text/markdown", "text/x-markdown"):
        found = list(_markdown(text))
    elif kind in MARKUPS:
        found = list(_marked_up(text, kind))
    elif kind.startswith("text/x-") or kind in _CODE_TYPES or kind.endswith(("+json", "+xml")):
        found = [Block(a, b, "code", (), _indent(text, a)) for a, b in _paragraphs(text, 0, len(text))]
    elif kind in _ROWS:
        found = list(_records(text))
    else:
        found = list(_plain(text))
    found = [replace(b, introduces=True) if b.kind == "text" and text[b.end - 1] in ":：" else b for b in found]
    return _with_sections(found)


def _records(text: str) -> Iterator[Block]:
    """A file of separated values: one table, its first line the header; Excel's ``sep=;`` names no column."""
    start, end = trim(text, 0, len(text))
    if start == end:
        return
    told = _SEPARATOR_LINE.match(text, start)
    first = told.end() if told else start
    yield Block(start, end, "table", header=_header(text, first, end), separated=True)


def _header(text: str, start: int, end: int) -> str:
    """The line at `start`, cut where it is too long to be read with every passage."""
    line = _LINE_END.search(text, start, end)
    return text[start : line.start() if line else end][:_MAX_HEADER].rstrip()


def line_spans(text: str, start: int, end: int, *, quoted: bool = False) -> list[tuple[int, int]]:
    """The lines of text[start:end] without outer white space, blank ones left out.

    quoted: a line end between double quotes ends no line, as in CSV; a quote that never closes counts for nothing.
    """
    spans: list[tuple[int, int]] = []
    pieces = text[start:end].splitlines(keepends=True)
    quoted = quoted and text.count('"', start, end) % 2 == 0
    at, begin, inside = start, start, False
    for piece in pieces:
        at += len(piece)
        inside ^= quoted and piece.count('"') % 2 == 1
        if not inside:
            a, b = trim(text, begin, at)
            if a < b:
                spans.append((a, b))
            begin = at
    return spans


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return text[start:end] without outer white space, as a span; an empty one where nothing is left."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + len(piece.rstrip())) if left < len(piece) else (start, start)


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of text[start:end] between blank lines, without outer white space (indentation of code is outer too)."""
    at = start
    for match in _PARAGRAPH_END.finditer(text, start, end):
        a, b = trim(text, at, match.start())
        if a < b:
            yield a, b
        at = match.end()
    a, b = trim(text, at, end)
    if a < b:
        yield a, b


def _indent(text: str, start: int) -> int:
    """How far the first line of a block is indented (more than 64 characters is as good as 64)."""
    before = text[max(0, start - 64) : start]
    return len(before) - len(before.rstrip(" \t"))


def _plain(text: str) -> Iterator[Block]:
    for start, end in _paragraphs(text, 0, len(text)):
        wiki = _WIKI_HEADING.match(text, start, end) if text[start] == "=" and end - start < 300 else None
        if wiki is not None:
            level = (wiki[1] or wiki[3]).count("=")
            yield Block(start, end, "heading", (), level, (wiki[2] or wiki[4])[:_MAX_TITLE])
        else:
            yield from _with_figures(text, start, end)


def _marked_up(text: str, kind: str) -> Iterator[Block]:
    """Paragraphs between the headings of a light markup."""
    at = 0
    for heading in markup_headings(text, kind):
        start, end = trim(text, heading.start, heading.end)
        if start < at or start == end:
            continue
        yield from (Block(a, b, "text") for a, b in _paragraphs(text, at, start))
        yield Block(start, end, "heading", (), heading.level, heading.title[:_MAX_TITLE])
        at = end
    yield from (Block(a, b, "text") for a, b in _paragraphs(text, at, len(text)))


def _with_figures(text: str, start: int, end: int) -> Iterator[Block]:
    """A paragraph as text and as the tables of figures that stand in it."""
    at = start
    for table in figure_tables(text, start, end):
        a, b = trim(text, at, table.start)
        if a < b:
            yield Block(a, b, "text")
        yield Block(table.start, table.end, "table", header=text[table.start : table.rows].rstrip())
        at = table.end
    a, b = trim(text, at, end)
    if a < b:
        yield Block(a, b, "text")


def _markdown(text: str) -> Iterator[Block]:
    """Blocks by markdown-it's line maps; lines that no token owns (link definitions) are text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 20}).enable("table").disable("inline")
    lines = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    tokens = parser.parse(text)
    at = 0

    def span(a: int, b: int) -> tuple[int, int]:
        return trim(text, lines[min(a, len(lines) - 1)], lines[min(b, len(lines) - 1)])

    def between(b: int) -> Iterator[Block]:
        if at < b:
            first, last = lines[min(at, len(lines) - 1)], lines[min(b, len(lines) - 1)]
            yield from (Block(x, y, "text") for x, y in _paragraphs(text, first, last))

    for i, token in enumerate(tokens):
        if token.map is None or token.nesting < 0 or token.level != (1 if token.type == "list_item_open" else 0):
            continue
        if token.type in ("bullet_list_open", "ordered_list_open"):
            continue
        first, last = token.map
        first = max(first, at)
        if last <= first:
            continue
        yield from between(first)
        at = last
        start, end = span(first, last)
        if start == end:
            continue
        if token.type == "heading_open":
            title = " ".join(tokens[i + 1].content.split())[:_MAX_TITLE]
            yield Block(start, end, "heading", (), int(token.tag[1:]), title)
        else:
            header = _header(text, start, end) if token.type == "table_open" else ""
            yield Block(start, end, _KINDS.get(token.type, "text"), header=header)
    yield from between(len(lines) - 1)


_KINDS: dict[str, Kind] = {
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "html_block": "table",
    "list_item_open": "item",
}


def _with_sections(blocks: list[Block]) -> list[Block]:
    """Give each block the path of headings above it; a heading's path ends with itself."""
    path: list[tuple[int, str]] = []
    out: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, block.title))
        section = tuple(title for _, title in path if title)
        out.append(replace(block, section=section))
    return out
