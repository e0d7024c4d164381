"""An answer as a text to put elsewhere: Markdown, HTML, or the documents it cites as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from ...errors import UsageError
from ...types import Answer, Citation

__all__ = ["FORMATS", "written"]

FORMATS = ("text", "md", "html", "bibtex")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {char: f"\\{char}" for char in "{}%&$#_"}
_MARKER = re.compile(r"\[(\d+)\]")


def written(answer: Answer, form: str) -> str:
    """The answer in one of `FORMATS`. Raises UsageError for another."""
    makers: dict[str, Callable[[Answer], str]] = {"text": str, "md": _markdown, "html": _html, "bibtex": _bibtex}
    if form not in makers:
        raise UsageError(f"--format {form!r} is none of {', '.join(FORMATS)}")
    return makers[form](answer)


def _markdown(answer: Answer) -> str:
    return answer._repr_markdown_()


def _html(answer: Answer) -> str:
    """A fragment: the text in paragraphs, its markers linked to the sources below; nothing in it is markup."""
    shown = {c.marker for c in answer.citations}

    def linked(match: re.Match[str]) -> str:
        return f'<a href="#source-{match[1]}">[{match[1]}]</a>' if int(match[1]) in shown else match[0]

    paragraphs = [escape(p.strip()) for p in re.split(r"\n\s*\n", answer.text) if p.strip()]
    said = "\n".join(f"<p>{_MARKER.sub(linked, p)}</p>".replace("\n", "<br>\n") for p in paragraphs)
    sources = "\n".join(_source(c) for c in answer.citations)
    listed = f"\n<ol>\n{sources}\n</ol>" if sources else ""
    return f'<article class="answer">\n{said}{listed}\n</article>'


def _source(citation: Citation) -> str:
    place = escape(citation.document) + ("" if citation.page is None else f", page {citation.page}")
    if urlsplit(citation.source).scheme in ("http", "https"):
        place = f'<a href="{escape(citation.source)}">{place}</a>'
    number = citation.marker
    return f'<li id="source-{number}" value="{number}">{place}: <q>{escape(" ".join(citation.quote.split()))}</q></li>'


def _bibtex(answer: Answer) -> str:
    """One entry for each document that is cited, with the pages and the words."""
    by_document: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_document.setdefault(citation.document_id, []).append(citation)
    keys: set[str] = set()
    return "\n\n".join(_entry(cited, keys) for cited in by_document.values())


def _entry(cited: list[Citation], keys: set[str]) -> str:
    first = cited[0]
    key = base = re.sub(r"[^A-Za-z0-9]+", "-", first.document).strip("-").lower()[:40] or f"source-{first.marker}"
    while key in keys:
        key = f"{base}-{len(keys) + 1}"
    keys.add(key)
    fields = {"title": f"{{{_tex(first.document)}}}"}
    if urlsplit(first.source).scheme in ("http", "https"):
        fields["url"] = first.source.replace("{", "%7B").replace("}", "%7D")
    elif first.source:
        fields["howpublished"] = _tex(first.source)
    pages = sorted({c.page for c in cited if c.page is not None})
    if pages:
        fields["pages"] = ", ".join(map(str, pages))
    fields["note"] = "; ".join(f"``{_tex(' '.join(c.quote.split()))}''" for c in cited)
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)
