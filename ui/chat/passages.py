"""The side panel: the passages an answer cites, with the exact words marked, and those it only read.

A card is one passage of a document. Its numbers are the markers [n] of the answer that rest on it; the words behind
each are in a `<mark data-n="n">`, which is what a click on [n] goes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ragkit.rag.memory import numbers_by_chunk
from ragkit.types import Answer, Citation, Hit

from ..names import source_name
from ..safe_html import escape, plain
from ..words import Words

__all__ = ["Card", "cards_of_answer", "cards_of_details", "panel"]

NEAREST = 5
Lookup = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Card:
    """One passage: `text` is the document from `start`; a span is (marker, start, end) in the document's offsets.

    read_as: the numbers under which the thought knows it.
    """

    title: str
    text: str
    start: int
    place: tuple[str, ...] = ()
    page: int | None = None
    score: float | None = None
    support: float | None = None
    spans: tuple[tuple[int, int, int], ...] = ()
    read_as: tuple[int, ...] = ()

    @property
    def numbers(self) -> list[int]:
        """The markers that rest on this passage, in order."""
        return sorted({marker for marker, _, _ in self.spans})


def cards_of_answer(answer: Answer) -> list[Card]:
    """The passages of a fresh answer: the cited ones first, by number, then those that were read."""
    numbers = numbers_by_chunk(answer)
    cards = [replace(_card(hit), read_as=tuple(numbers.get(hit.chunk.id, ()))) for hit in answer.hits]
    return _joined(cards, [h.document_id for h in answer.hits], answer.citations)


def cards_of_details(details: Mapping[str, Any], text_of: Lookup) -> list[Card]:
    """The passages of a stored turn. text_of: a document's text by its id; of one that is gone the quote remains."""
    citations = [Citation(**c) for c in details.get("citations", ())]
    cards, ids = [], []
    for hit in details.get("hits", ()):
        text = text_of(hit["document_id"])
        if text is not None:
            passage = text[hit["start"] : hit["end"]]
            known = tuple(hit.get("read_as", ()))
            cards.append(Card(hit["title"], passage, hit["start"], (), hit["page"], hit["score"], read_as=known))
            ids.append(hit["document_id"])
    return _joined(cards, ids, citations)


def panel(cards: Sequence[Card], t: Words, *, turn: str, abstained: bool, chained: bool = False) -> str:
    """The panel of one turn; `turn` makes the ids its own. chained: the cards are in the order of the thought."""
    cited = [c for c in cards if c.spans]
    read = [c for c in cards if not c.spans]
    if abstained or not cited:
        shown, rest = read[:NEAREST], read[NEAREST:]
        title = t("panel.nearest") if abstained else t("panel.read")
    else:
        shown, rest, title = cited, read, t("panel.chain" if chained else "panel.cited")
    if not cards:
        return f'<h2 class="rk-panel-title">{escape(title)}</h2><p class="rk-muted">{escape(t("panel.none"))}</p>'
    out = [f'<h2 class="rk-panel-title">{escape(title)}</h2>', *(_html(c, t, turn) for c in shown)]
    if rest:
        inside = "".join(_html(c, t, turn) for c in rest)
        label = escape(t("panel.rest", n=len(rest)))
        out.append(f'<details class="rk-rest"><summary>{label}</summary>{inside}</details>')
    return "".join(out)


def _card(hit: Hit) -> Card:
    chunk = hit.chunk
    title = chunk.title or source_name(chunk.source or chunk.document_id)
    return Card(title, chunk.text, chunk.start, chunk.section, chunk.page, hit.score)


def _joined(cards: list[Card], ids: Sequence[str], citations: Iterable[Citation]) -> list[Card]:
    """Give every citation to the passage that holds it; one that none holds becomes a card of its own."""
    own: list[Card] = []
    for c in citations:
        span = (c.marker, c.start, c.end)
        home = next((i for i, card in enumerate(cards) if ids[i] == c.document_id and _holds(card, c)), None)
        if home is None:
            own.append(Card(c.document, c.quote, c.start, page=c.page, support=c.support, spans=(span,)))
        else:
            card = cards[home]
            best = max((s for s in (card.support, c.support) if s is not None), default=None)
            page = card.page if card.spans or c.page is None else c.page  # of the words; a passage may begin before
            cards[home] = replace(card, spans=(*card.spans, span), support=best, page=page)
    cited = sorted((c for c in (*cards, *own) if c.spans), key=lambda c: c.numbers[0])
    return cited + [c for c in cards if not c.spans]


def _holds(card: Card, c: Citation) -> bool:
    begin = c.start - card.start
    return begin >= 0 and card.text[begin : begin + len(c.quote)] == c.quote


def _html(card: Card, t: Words, turn: str) -> str:
    badges = "".join(f'<span class="rk-badge">{n}</span>' for n in card.numbers)
    where = [t("panel.page", n=card.page)] if card.page is not None else []
    where += [" › ".join(plain(s) for s in card.place if s != card.title)] if card.place else []
    place = " · ".join(w for w in where if w)
    under = f'<span class="rk-card-place">{escape(place)}</span>' if place else ""
    figures = []
    if card.support is not None:
        share = round(100 * min(1.0, max(0.0, card.support)))
        figures.append(
            f'<span class="rk-figure" title="{escape(t("panel.support.help"))}">{escape(t("panel.support"))} '
            f'<span class="rk-bar" aria-hidden="true"><i style="width:{share}%"></i></span> {share}%</span>'
        )
    if card.score is not None:
        help_ = escape(t("panel.score.help"))
        figures.append(
            f'<span class="rk-figure" title="{help_}">{escape(t("panel.score"))} {t.decimal(card.score, 1)}</span>'
        )
    foot = f'<footer class="rk-figures">{"".join(figures)}</footer>' if figures else ""
    title = escape(plain(card.title)) or escape(t("panel.untitled"))
    paged = " data-paged" if card.page is not None and card.spans else ""  # its page may be there to be shown
    return (
        f'<article class="rk-card"{paged}><header>{badges}<span class="rk-card-head"><strong>{title}</strong>{under}'
        f'</span></header><div class="rk-passage" dir="auto">{_marked(card, turn)}</div>{foot}</article>'
    )


def _marked(card: Card, turn: str) -> str:
    """The passage with the quoted words marked; where two quotes overlap, the later begins where the first ends."""
    out, at = [], 0
    for marker, start, end in sorted(card.spans, key=lambda s: (s[1], s[2])):
        begin, stop = max(at, start - card.start), min(len(card.text), end - card.start)
        out.append(escape(plain(card.text[at:begin])))
        out.append(
            f'<mark id="rk-{escape(turn)}-{marker}" data-n="{marker}" tabindex="-1">'
            f"{escape(plain(card.text[begin:stop]))}</mark>"
        )
        at = max(at, stop)
    return "".join([*out, escape(plain(card.text[at:]))])
