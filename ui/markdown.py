"""Markdown as a model writes it, into HTML in which nothing leads away: links and pictures are told, never followed.

Formulas become MathML, which browsers draw by themselves; code is coloured by its language. What comes out still goes
through the allow-list of `safe_html`.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

__all__ = ["parser", "rendered_blocks"]

CITE = re.compile(r"\[(\d{1,4})\]")
MAX_CODE = 20_000  # characters of one block that are coloured
MAX_FORMULA = 2_000


def rendered_blocks(text: str, env: dict[str, Any]) -> list[str]:
    """The HTML of each block (paragraph, list, table …), in order. env: `markers` that become buttons, label `cite`."""
    md = parser()
    tokens = md.parse(text)
    found, begin = [], 0
    for place, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            found.append(str(md.renderer.render(tokens[begin : place + 1], md.options, env)))
            begin = place + 1
    return found


@lru_cache(maxsize=1)
def parser() -> Any:
    """The one parser; it keeps nothing between texts."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.texmath import texmath_plugin

    md = MarkdownIt("commonmark", {"html": False, "linkify": False})
    md.enable(["table", "strikethrough"])
    md.disable(["html_inline", "html_block", "reference"])
    dollarmath_plugin(md, allow_labels=False, allow_space=False, allow_digits=False)
    texmath_plugin(md, "brackets")
    rules = {
        "text": _text,
        "image": _image,
        "link_open": lambda *_: '<span class="rk-link">',
        "link_close": _link_close,
        "fence": _code,
        "code_block": _code,
        "table_open": lambda *_: '<div class="rk-table" tabindex="0" role="group"><table>',
        "table_close": lambda *_: "</table></div>",
        "heading_open": lambda *_: "<h4>",
        "heading_close": lambda *_: "</h4>",
        "math_inline": _formula,
        "math_inline_double": _display,
        "math_block": _display,
        "math_block_eqno": _display,
        "math_block_label": _display,
    }
    for name, rule in rules.items():
        md.add_render_rule(name, _bound(rule))
    return md


def _bound(rule: Any) -> Any:
    return lambda _self, tokens, place, options, env: rule(tokens, place, options, env)


def _text(tokens: Any, place: int, _options: Any, env: Any) -> str:
    """A run of text: markers with a citation behind them become buttons."""
    out = []
    for part in re.split(r"(\[\d{1,4}\])", tokens[place].content):
        number = CITE.fullmatch(part)
        if number and int(number[1]) in env["markers"]:
            n = int(number[1])
            label = html.escape(env["cite"].format(n=n), quote=True)
            out.append(f'<button class="rk-cite" type="button" data-cite="{n}" aria-label="{label}">{n}</button>')
        else:
            out.append(html.escape(part))
    return "".join(out)


def _address(address: str, shown: str) -> str:
    """Where a link leads, to be read: nothing that could be followed."""
    if not address or address.strip() == shown.strip():
        return ""
    return f' <span class="rk-url">({html.escape(address)})</span>'


def _link_close(tokens: Any, place: int, _options: Any, _env: Any) -> str:
    begin = next(
        i for i in range(place, -1, -1) if tokens[i].type == "link_open" and tokens[i].level == tokens[place].level
    )
    shown = "".join(t.content for t in tokens[begin:place] if t.type in ("text", "code_inline"))
    return "</span>" + _address(str(tokens[begin].attrGet("href") or ""), shown)


def _image(tokens: Any, place: int, _options: Any, _env: Any) -> str:
    token = tokens[place]
    address = _address(str(token.attrGet("src") or ""), token.content)
    return f'<span class="rk-link">{html.escape(token.content)}</span>{address}'


def _code(tokens: Any, place: int, _options: Any, _env: Any) -> str:
    token = tokens[place]
    language = token.info.split()[0] if token.info.strip() else ""
    return f"<pre><code>{_coloured(token.content, language)}</code></pre>"


def _coloured(code: str, language: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if language and len(code) <= MAX_CODE:
        try:
            lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            return html.escape(code)
        return str(highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix="hl-")))
    return html.escape(code)


def _formula(tokens: Any, place: int, _options: Any, _env: Any) -> str:
    return _mathml(tokens[place].content, "inline")


def _display(tokens: Any, place: int, _options: Any, _env: Any) -> str:
    return f'<div class="rk-formula">{_mathml(tokens[place].content, "block")}</div>'


@lru_cache(maxsize=512)
def _mathml(latex: str, display: str) -> str:
    """MathML of a formula; one that cannot be read stays the characters it is."""
    from latex2mathml.converter import convert

    if len(latex) <= MAX_FORMULA:
        try:
            return str(convert(latex.strip(), display=display))
        except Exception:  # noqa: BLE001 - the library has no error of its own: IndexError, KeyError …
            return f"<code>{html.escape(latex)}</code>"
    return f"<code>{html.escape(latex)}</code>"
