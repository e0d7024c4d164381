"""What the Library shows, as HTML: documents, a preview with its passages, a search's ranks, the outcome of an add.

Everything a document or a question says goes through `Markup.format`, which escapes it; hidden Unicode is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from markupsafe import Markup

from ragkit.index import Health
from ragkit.store import DocumentRow
from ragkit.types import Chunk, Document

from ..names import source_name
from ..safe_html import plain
from .search import Found

__all__ = ["documents_table", "health_view", "kind_of", "notice", "preview", "results", "summary_line"]

SHOWN_CHARACTERS = 40_000  # of a document's text in a preview: about twenty printed pages
PASSAGE_CHARACTERS = 700
_KINDS = {
    "text/markdown": "Markdown",
    "text/plain": "Text",
    "text/html": "HTML",
    "application/pdf": "PDF",
    "text/csv": "CSV",
    "application/json": "JSON",
    "application/jsonl": "JSON",
    "text/tab-separated-values": "TSV",
}
_BY_SUFFIX = {
    **dict.fromkeys(("md", "markdown"), "Markdown"),
    **dict.fromkeys(("txt", "text"), "Text"),
    **dict.fromkeys(("htm", "html", "xhtml", "mhtml"), "HTML"),
    **dict.fromkeys(("json", "jsonl", "ndjson"), "JSON"),
    **dict.fromkeys(("doc", "docx"), "Word"),
    **dict.fromkeys(("xls", "xlsx"), "Excel"),
    **dict.fromkeys(("ppt", "pptx"), "PowerPoint"),
    **dict.fromkeys(("eml", "mbox"), "Mail"),
    **dict.fromkeys(("jpg", "jpeg"), "JPEG"),
    "ipynb": "Notebook",
    "py": "Python",
    "js": "JavaScript",
}


def notice(text: str, kind: str = "") -> Markup:
    """A line that a screen reader tells when it appears. kind: "", "good" or "bad"."""
    shown = Markup('<p class="rp-notice {}">{}</p>').format(kind, plain(text)) if text else Markup("")
    return Markup('<div role="status" aria-live="polite">{}</div>').format(shown)


def kind_of(row: DocumentRow) -> str:
    """What a document is, in a word: by its name, else by its media type; the same word for the same kind."""
    suffix = PurePosixPath(row.source or row.id).suffix.removeprefix(".").lower()
    if 0 < len(suffix) <= 8 and suffix.isalnum():
        return _BY_SUFFIX.get(suffix, suffix.upper())
    return _KINDS.get(row.media_type, row.media_type.rsplit("/", 1)[-1].removeprefix("x-"))


def summary_line(t: Any, record: Any, documents: int, chunks: int) -> Markup:
    """How much an index holds."""
    budget = record.recommended_budget
    thinks = "" if budget is None else t("library.budget", budget=t.number(budget))
    parts = [t.count("library.documents_n", documents), t.count("library.passages_n", chunks), thinks]
    told = Markup('<span class="rp-dot" aria-hidden="true"> · </span>').join(p for p in parts if p)
    encoder = record.encoder.rsplit("/", 1)[-1]
    return Markup('<p class="rp-soft" title="{}">{}</p>').format(t("library.encoder", name=encoder), told)


def documents_table(t: Any, rows: Sequence[DocumentRow], *, first: int, total: int, filtered: bool) -> Markup:
    """One page of the documents. Rows carry buttons `data-act="preview|delete"` with the document's id."""
    if not rows:
        return Markup('<p class="rp-empty">{}</p>').format(t("library.no_match" if filtered else "library.empty"))
    cells = Markup("").join(_document_row(t, row) for row in rows)
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format("n" if name == "passages" else "", t(f"library.{name}"))
        for name in ("title", "kind", "language", "passages", "added")
    )
    more = Markup("")
    if total > len(rows):
        more = Markup('<p class="rp-soft rp-small">{}</p>').format(
            t("library.page", first=t.number(first + 1), last=t.number(first + len(rows)), total=t.number(total))
        )
    return Markup(
        '<table class="rp-table rp-cards"><caption class="rp-hidden">{}</caption><thead><tr>{}'
        '<th scope="col"><span class="rp-hidden">{}</span></th></tr></thead><tbody>{}</tbody></table>{}'
    ).format(t("library.documents"), heads, t("library.actions"), cells, more)


def _document_row(t: Any, row: DocumentRow) -> Markup:
    name = plain(row.title or source_name(row.source or row.id))
    below = plain(source_name(row.source or row.id))
    second = Markup('<span class="rp-soft rp-small"><bdi>{}</bdi></span>').format(below) if below != name else ""
    said = {n: t(f"library.{n}") for n in ("kind", "language", "passages", "added")}
    return Markup(
        '<tr><th scope="row"><bdi class="rp-name">{name}</bdi>{second}</th>'
        '<td data-said="{k[kind]}">{kind}</td><td data-said="{k[language]}">{language}</td>'
        '<td class="n" data-said="{k[passages]}">{chunks}</td><td data-said="{k[added]}">'
        '<time datetime="{iso}">{day}</time></td><td class="rp-acts">'
        '<button type="button" class="rp-act" data-act="preview" data-id="{id}" aria-label="{open_label}">{open}'
        '</button><button type="button" class="rp-act rp-danger" data-act="delete" data-id="{id}" '
        'aria-label="{delete_label}">{delete}</button></td></tr>'
    ).format(
        name=name,
        second=second,
        k=said,
        kind=kind_of(row),
        language=row.language or "—",
        chunks=t.number(row.chunks),
        iso=row.added_at.isoformat(),
        day=row.added_at.strftime("%Y-%m-%d %H:%M"),
        id=row.id,
        open=t("library.preview"),
        open_label=t("library.preview_of", name=name),
        delete=t("library.delete"),
        delete_label=t("library.delete_of", name=name),
    )


def preview(t: Any, document: Document, chunks: Sequence[Chunk], *, at: int | None = None) -> Markup:
    """A document's text with the bounds of its passages; `at`: number of the passage to begin near, marked."""
    name = plain(document.title or source_name(document.source or document.id))
    chosen = next((c for c in chunks if c.ordinal == at), None)
    begin = max(0, chosen.start - 4000) if chosen is not None else 0
    end = min(len(document.text), begin + SHOWN_CHARACTERS)
    body = Markup("").join(_segments(t, document.text, chunks, begin, end, at))
    cut = Markup("")
    if begin or end < len(document.text):
        told = t("library.preview_part", first=t.number(begin), last=t.number(end), total=t.number(len(document.text)))
        cut = Markup('<p class="rp-soft rp-small">{}</p>').format(told)
    facts = [t.count("library.passages_n", len(chunks)), t.count("library.characters_n", len(document.text))]
    facts += [t.count("library.pages_n", len(document.pages))] if document.pages else []
    facts += [f"{k}: {plain(str(v))[:120]}" for k, v in list(document.metadata.items())[:12]]
    return Markup(
        '<section class="rp-preview" aria-label="{label}"><header><h3><bdi>{name}</bdi></h3>'
        '<button type="button" class="rp-act" data-act="close" aria-label="{close_label}">{close}</button></header>'
        '<p class="rp-soft rp-small">{facts}</p>{cut}<div class="rp-text" tabindex="0" role="group" '
        'aria-label="{text_label}">{body}</div></section>'
    ).format(
        label=name,
        text_label=t("library.text_of", name=name),
        name=name,
        close=t("library.close"),
        close_label=t("library.close_preview"),
        facts=" · ".join(facts),
        cut=cut,
        body=body,
    )


def _segments(t: Any, text: str, chunks: Sequence[Chunk], begin: int, end: int, at: int | None) -> list[Markup]:
    """The text from `begin` to `end`, every passage in a frame of its own; what lies between passages stays bare."""
    made, place = [], begin
    for chunk in sorted(chunks, key=lambda c: c.start):
        start, stop = max(chunk.start, place), min(chunk.end, end)
        if stop <= start:
            continue
        if text[place:start].strip():
            made.append(Markup("{}").format(plain(text[place:start])))
        page = t("library.on_page", page=chunk.page) if chunk.page is not None else ""
        told = " · ".join(
            x
            for x in (f"{t.number(chunk.start)}–{t.number(chunk.end)}", page, " › ".join(map(plain, chunk.section)))
            if x
        )
        chosen = chunk.ordinal == at
        frame = Markup('<div class="rp-passage{}"{}><span class="rp-passage-head">{} {} · {}</span>{}</div>').format(
            " rp-chosen" if chosen else "",
            Markup(' id="rp-chosen-passage"') if chosen else "",
            t("library.passage"),
            chunk.ordinal + 1,
            told,
            plain(text[start:stop]),
        )
        made.append(frame)
        place = stop
    made.append(Markup("{}").format(plain(text[place:end])))
    return made


def results(t: Any, query: str, found: Sequence[Found]) -> Markup:
    """The passages of a search, each with its place in the fused, the dense and the lexical ranking."""
    if not found:
        return Markup('<p class="rp-empty">{}</p>').format(t("library.nothing_found"))
    items = Markup("").join(_result(t, query, f) for f in found)
    return Markup('<ol class="rp-results" aria-label="{}">{}</ol>').format(t("library.results"), items)


def _result(t: Any, query: str, found: Found) -> Markup:
    chunk = found.hit.chunk
    name = plain(chunk.title or source_name(chunk.source or chunk.document_id))
    where = [" › ".join(map(plain, chunk.section))] if chunk.section else []
    where += [t("library.on_page", page=chunk.page)] if chunk.page is not None else []
    where += [t("library.at", start=t.number(chunk.start), end=t.number(chunk.end))]
    places = Markup("").join(_place(t, kind, *found.places.get(kind, (None, None))) for kind in _HALVES)
    text = chunk.text if len(chunk.text) <= PASSAGE_CHARACTERS else f"{chunk.text[:PASSAGE_CHARACTERS]} …"
    return Markup(
        '<li class="rp-result"><div class="rp-places">{places}</div><div class="rp-result-body">'
        '<p class="rp-result-head"><button type="button" class="rp-link" data-act="preview" data-id="{id}" '
        'data-passage="{n}"><bdi>{name}</bdi></button> <span class="rp-soft rp-small">{where}</span></p>'
        '<p class="rp-quote">{text}</p></div></li>'
    ).format(
        places=places,
        id=chunk.document_id,
        n=chunk.ordinal,
        name=name,
        where=" · ".join(where),
        text=marked(plain(text), query),
    )


_HALVES = ("fused", "dense", "lexical")


def _place(t: Any, kind: str, place: int | None, score: float | None) -> Markup:
    rank = "—" if place is None else f"#{place}"
    told = t(f"library.{kind}")
    points = "" if score is None else t.decimal(score, 3 if kind == "dense" else 1)
    strength = "none" if place is None else "top" if place <= 3 else "some"
    return Markup(
        '<div class="rp-place rp-{} rp-{}"><span class="rp-place-kind">{}</span><b>{}</b><small>{}</small></div>'
    ).format(kind, strength, told, rank, points)


def marked(text: str, query: str) -> Markup:
    """The text, escaped, with the words of the query marked where they begin a word."""
    words = {w[: max(3, len(w) - 2)] for w in re.findall(r"\w{3,}", query.lower())}
    if not words:
        return Markup("{}").format(text)
    pattern = re.compile(rf"\b((?:{'|'.join(map(re.escape, sorted(words)))})\w*)", re.IGNORECASE)
    parts = pattern.split(text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if i % 2 else Markup("{}").format(part) for i, part in enumerate(parts)
    )


def health_view(t: Any, health: Health, *, repaired: bool = False) -> Markup:
    """What verify or repair found, in plain words; each problem also as it was reported."""
    counts = {
        "documents": t.count("library.documents_n", health.documents),
        "passages": t.count("library.passages_n", health.chunks),
    }
    if health:
        head = t("library.repaired" if repaired else "library.sound")
        return Markup('<div class="rp-card rp-good"><b>{}</b><p>{}</p></div>').format(
            head, t("library.sound_more", **counts)
        )
    items = Markup("").join(Markup("<li>{}</li>").format(plain(p)) for p in health.problems)
    return Markup('<div class="rp-card rp-bad"><b>{}</b><p>{}</p><ul>{}</ul></div>').format(
        t("library.still_broken" if repaired else "library.broken"),
        t("library.not_repairable" if repaired else "library.broken_more", **counts),
        items,
    )
