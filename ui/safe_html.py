"""Turn what a model or a document says into HTML that can do nothing: no request leaves the page, no script runs.

Markdown is read without HTML, links, images, references and autolinks: those stay the characters they are. What comes
out is then written anew through an allow-list of tags and attributes, so that a mistake in the first step does no harm
in the second.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from ragkit.text.hidden import strip_hidden

__all__ = ["blocks_of", "clean", "escape", "plain"]

CITE = re.compile(r"\[(\d{1,4})\]")
OPEN, CLOSE = "\ue000", "\ue001"  # around a sentence without a source, in the text that Markdown reads
MAX_CHARACTERS = 200_000
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(("p", "br", "hr", "em", "strong", "s", "code", "pre", "ul", "li", "blockquote", "h4"), frozenset()),
    **dict.fromkeys(("table", "thead", "tbody", "tr", "th", "td", "mark"), frozenset()),
    "ol": frozenset({"start"}),
    "span": frozenset({"class", "title"}),
    "button": frozenset({"class", "type", "data-cite", "aria-label"}),
}
_VOID = frozenset({"br", "hr"})
_PREFIX = re.compile(r"(?:(?:[#>*+-]+|\d+[.)])\s+)*")  # what makes a line a heading, a quote or an item


def escape(text: object) -> str:
    """Text for the inside of an element or of a quoted attribute."""
    return html.escape(str(text), quote=True)


def plain(text: str) -> str:
    """What of a foreign text may be shown: no control characters, no hidden or private Unicode, no overrides."""
    return strip_hidden(text[:MAX_CHARACTERS])


def blocks_of(
    text: str, *, markers: Collection[int] = (), unsupported: Iterable[str] = (), cite: str = "{n}", no_source: str = ""
) -> list[str]:
    """The HTML of each block (paragraph, list, table …) of an answer, in order.

    markers: numbers n whose [n] becomes a button. unsupported: sentences to mark, with the title `no_source`.
    cite: label of a button, with the field n.
    """
    marked = _around(plain(text), [plain(s) for s in unsupported])
    parser = _markdown()
    tokens = parser.parse(marked)
    env = {"markers": frozenset(markers), "cite": cite, "title": no_source, "open": False}
    found, begin = [], 0
    for place, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            markup = parser.renderer.render(tokens[begin : place + 1], parser.options, env)
            found.append(clean(markup.replace(OPEN, "").replace(CLOSE, "")))
            begin = place + 1
    return found


def clean(markup: str) -> str:
    """Write HTML anew with nothing in it but what is allowed; the text of anything else stays, as text."""
    writer = _Writer()
    writer.feed(markup)
    writer.close()
    return writer.result()


def _around(text: str, sentences: list[str]) -> str:
    at = 0
    for sentence in sentences:
        pattern = r"\s+".join(map(re.escape, sentence.split()))
        found = re.compile(pattern).search(text, at) if pattern else None
        if found:
            begin = found.start() + len(_PREFIX.match(found.group()).group())  # type: ignore[union-attr]
            text = f"{text[:begin]}{OPEN}{text[begin : found.end()]}{CLOSE}{text[found.end() :]}"
            at = found.end() + 2
    return text


@lru_cache(maxsize=1)
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"])
    parser.disable(["image", "link", "autolink", "html_inline", "html_block", "reference"])
    parser.add_render_rule("text", _text)
    for rule in ("heading_open", "heading_close"):
        parser.add_render_rule(rule, _heading)
    return parser


def _heading(_self: Any, tokens: Any, place: int, _options: Any, _env: Any) -> str:
    return "<h4>" if tokens[place].nesting == 1 else "</h4>"


def _text(_self: Any, tokens: Any, place: int, _options: Any, env: Any) -> str:
    """A run of text: markers become buttons, what is between OPEN and CLOSE is marked, also over several runs."""
    out = []
    for piece in re.split(f"([{OPEN}{CLOSE}])", tokens[place].content):
        if piece in (OPEN, CLOSE):
            env["open"] = piece == OPEN
            continue
        for part in re.split(r"(\[\d{1,4}\])", piece):
            number = CITE.fullmatch(part)
            if number and int(number[1]) in env["markers"]:
                n = int(number[1])
                label = escape(env["cite"].format(n=n))
                out.append(f'<button class="rk-cite" type="button" data-cite="{n}" aria-label="{label}">{n}</button>')
            elif part.strip() and env["open"]:
                out.append(f'<span class="rk-unsupported" title="{escape(env["title"])}">{escape(part)}</span>')
            else:
                out.append(escape(part))
    return "".join(out)


class _Writer(HTMLParser):
    """Reads HTML and writes the allowed part of it, well formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            return
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if _fine(tag, name, value or ""))
        self._out.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open:
                last = self._open.pop()
                self._out.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        self._out.append(html.escape(data, quote=False))

    def result(self) -> str:
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _fine(tag: str, name: str, value: str) -> bool:
    if name not in ALLOWED[tag]:
        return False
    if name in ("start", "data-cite"):
        return value.isdigit()
    if name == "type":
        return value == "button"
    return name in ("title", "aria-label") or value in ("rk-cite", "rk-unsupported")
