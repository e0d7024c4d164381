"""Turn what a model or a document says into HTML that can do nothing: no request leaves the page, no script runs.

Markdown is read without HTML; where a link or a picture would lead is told in words (`markdown`). What comes out is
then written anew through an allow-list of tags and attributes, so that a mistake in the first step does no harm in the
second.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from ragkit.text.hidden import strip_hidden

from .markdown import CITE, rendered_blocks
from .marking import Piece, find_sentences, written

__all__ = ["Shown", "blocks_of", "clean", "escape", "plain", "shown"]

MAX_CHARACTERS = 200_000
_MATH = frozenset(
    {"math", "semantics", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup"}
    | {"msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none", "mtable", "mtr", "mtd"}
    | {"mlabeledtr", "mpadded", "mphantom", "menclose", "mstyle", "merror"}
)
_MATH_ATTRIBUTES = frozenset(
    {"display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "separator", "form", "lspace"}
    | {"rspace", "width", "height", "depth", "linethickness", "columnalign", "rowspacing", "columnspacing", "accent"}
    | {"accentunder", "notation", "minsize", "maxsize", "symmetric", "largeop", "movablelimits"}
)
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(("br", "hr", "em", "strong", "s", "code", "mark"), frozenset()),
    **dict.fromkeys(("table", "thead", "tbody", "tr"), frozenset()),
    **dict.fromkeys(("p", "ul", "li", "blockquote", "h4", "pre", "th", "td"), frozenset({"dir"})),
    **dict.fromkeys(_MATH, _MATH_ATTRIBUTES),
    "ol": frozenset({"start", "dir"}),
    "div": frozenset({"class", "tabindex", "role"}),
    "span": frozenset({"class", "title", "data-claim"}),
    "button": frozenset({"class", "type", "data-cite", "aria-label"}),
}
_CLASS = re.compile(r"rk-(?:cite|unsupported|link|url|table|formula)|hl-[a-z0-9]{1,4}")
_MATH_VALUE = re.compile(r"[\w.%, -]{0,40}")
_FENCE = re.compile(r"(```+|~~~+)\s*[\w+#.-]*")  # a line that only opens code says nothing
_VOID = frozenset({"br", "hr"})
_DIRECTION = {tag: "auto" for tag, names in ALLOWED.items() if "dir" in names} | {"pre": "ltr"}


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer's blocks as HTML; how many of its unsupported sentences are marked in it, and those that are not."""

    blocks: list[str]
    marked: int = 0
    missing: tuple[str, ...] = ()


def escape(text: object) -> str:
    """Text for the inside of an element or of a quoted attribute."""
    return html.escape(str(text), quote=True)


def plain(text: str) -> str:
    """What of a foreign text may be shown: no control characters, no hidden or private Unicode, no overrides."""
    return strip_hidden(text[:MAX_CHARACTERS])


def shown(
    text: str,
    *,
    markers: Collection[int] = (),
    unsupported: Sequence[str] = (),
    cite: str = "{n}",
    no_source: str = "",
) -> Shown:
    """The HTML of each block (paragraph, list, table …) of an answer, in order.

    markers: numbers n whose [n] becomes a button. unsupported: sentences to mark, with the title `no_source`.
    cite: label of a button, with the field n.
    """
    blocks = _pieces(plain(text), markers, cite)
    claims = [c for c in dict.fromkeys(plain(s) for s in unsupported) if not _FENCE.fullmatch(c.strip())]
    missing = find_sentences(blocks, [(_text_of(c), CITE.sub("", c)) for c in claims]) if claims else []
    marked = {number for block in blocks for piece in block for _, _, number in piece.marks}
    lost = tuple(c for n, c in enumerate(claims) if n in missing or n not in marked)
    return Shown([written(block, no_source) for block in blocks], len(marked), lost)


def blocks_of(
    text: str,
    *,
    markers: Collection[int] = (),
    unsupported: Sequence[str] = (),
    cite: str = "{n}",
    no_source: str = "",
) -> list[str]:
    """`shown`, the blocks alone."""
    return shown(text, markers=markers, unsupported=unsupported, cite=cite, no_source=no_source).blocks


def clean(markup: str) -> str:
    """Write HTML anew with nothing in it but what is allowed; the text of anything else stays, as text."""
    return written(_read(markup), "")


def _pieces(text: str, markers: Collection[int], cite: str) -> list[list[Piece]]:
    env = {"markers": frozenset(markers), "cite": cite}
    return [_read(block) for block in rendered_blocks(text, env)]


def _text_of(sentence: str) -> str:
    return "".join(p.content for block in _pieces(CITE.sub("", sentence), (), "") for p in block if p.said)


def _read(markup: str) -> list[Piece]:
    writer = _Writer()
    writer.feed(markup)
    writer.close()
    return writer.result()


class _Writer(HTMLParser):
    """Reads HTML and writes the allowed part of it, well formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[Piece] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            return
        told = [(n, v or "") for n, v in attrs if n != "dir" and _fine(tag, n, v or "")]
        told += [("dir", _DIRECTION[tag])] if tag in _DIRECTION else []
        kept = "".join(f' {name}="{escape(value)}"' for name, value in told)
        self._out.append(Piece(f"<{tag}{kept}>"))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open:
                last = self._open.pop()
                self._out.append(Piece(f"</{last}>"))
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        self._out.append(Piece(data, is_text=True, said="button" not in self._open))

    def result(self) -> list[Piece]:
        return [*self._out, *(Piece(f"</{tag}>") for tag in reversed(self._open))]


def _fine(tag: str, name: str, value: str) -> bool:
    if name not in ALLOWED[tag]:
        return False
    if tag in _MATH:
        return _MATH_VALUE.fullmatch(value) is not None
    if name in ("start", "data-cite", "data-claim", "tabindex"):
        return value.isdigit()
    if name == "type":
        return value == "button"
    if name == "role":
        return value == "group"
    return name in ("title", "aria-label") or _CLASS.fullmatch(value) is not None
