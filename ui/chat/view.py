"""One turn of a conversation as HTML: answer, steps, notes and account, from a fresh `Answer` or a stored `Turn`."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from ragkit.store import Turn
from ragkit.types import Answer, Ledger

from ..names import known_as
from ..safe_html import Shown, escape, plain, shown
from ..words import Words
from .chain import linked
from .passages import Card, Lookup, cards_of_answer, cards_of_details, panel

__all__ = ["View", "answer_blocks", "step", "thought", "thought_label", "view_of_answer", "view_of_turn", "whole"]

NOT_ANSWERED = ("abstained", "exhausted", "failed")
MAX_THOUGHT = 20_000  # characters of a thought that are shown


@dataclass(frozen=True, slots=True)
class View:
    """What of an answer is shown. budget: thinking tokens allowed, None when there was no cap or it is not known."""

    question: str
    text: str
    status: str
    cards: tuple[Card, ...]
    ledger: Ledger
    thinking: str = ""
    unsupported: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    model: str = ""
    strategy: str = ""
    trace_id: str = ""
    budget: int | None = None
    markers: frozenset[int] = field(default_factory=frozenset)


def view_of_answer(answer: Answer, *, budget: int | None = None) -> View:
    """The view of an answer that was just given."""
    return View(
        answer.question,
        answer.text,
        answer.status,
        tuple(cards_of_answer(answer)),
        answer.ledger,
        answer.thinking,
        answer.unsupported,
        answer.notes,
        answer.model,
        answer.strategy,
        answer.trace_id,
        budget,
        frozenset(c.marker for c in answer.citations),
    )


def view_of_turn(turn: Turn, text_of: Lookup) -> View:
    """The view of a stored turn. text_of: a document's text by its id, None when it is gone."""
    kept: Mapping[str, Any] = turn.details
    return View(
        turn.asked,
        turn.answer,
        turn.status,
        tuple(cards_of_details(kept, text_of)),
        Ledger(**kept.get("ledger", {})),
        kept.get("thinking", ""),
        tuple(kept.get("unsupported", ())),
        tuple(kept.get("notes", ())),
        kept.get("model", ""),
        kept.get("strategy", ""),
        turn.trace_id,
        kept.get("budget"),
        frozenset(c["marker"] for c in kept.get("citations", ())),
    )


def whole(view: View, t: Words, *, turn: str) -> dict[str, Any]:
    """The parts of a finished turn, by the place they go to."""
    answer = _shown(view.text, t, view.markers, view.unsupported)
    cards, numbers = linked(view.cards, view.thinking, view.question)
    chained = [c.numbers for c in cards if c.spans] != sorted(c.numbers for c in cards if c.spans)
    return {
        "answer": answer.blocks,
        "status": view.status,
        "notes": _notes(view, answer, t),
        "meta": _meta(view, t),
        "panel": panel(
            cards, t, turn=turn, chained=chained, abstained=view.status in ("abstained", "exhausted", "failed")
        ),
        "numbers": numbers,
        "sources": len({n for c in cards for n in c.numbers}) or sum(1 for c in view.cards if not c.spans),
        "trace": view.trace_id,
        "copy": markdown(view, t),
    }


def answer_blocks(text: str, t: Words, *, markers: Set[int] = frozenset()) -> list[str]:
    """The text of an answer that is still coming as blocks of HTML."""
    return _shown(text, t, markers).blocks


def _shown(text: str, t: Words, markers: Set[int], unsupported: tuple[str, ...] = ()) -> Shown:
    return shown(text, markers=markers, unsupported=unsupported, cite=t("chat.source"), no_source=t("chat.bare"))


def thought(text: str, label: str, key: int, *, live: bool = False) -> str:
    """A collapsible block with a thought; the words are text, never HTML."""
    state = " open" if live else ""
    return (
        f'<details class="rk-thought" data-step="{key}"{state}><summary>{escape(label)}</summary>'
        f'<div class="rk-thought-text" dir="auto">{escape(plain(text)[:MAX_THOUGHT])}</div></details>'
    )


def thought_label(t: Words, tokens: int, budget: int | None, ended: str = "") -> str:
    """ "Thought · 212 of 1,024 tokens · ended by itself"; without `ended` it is still going on."""
    spent = t("thought.of", used=t.number(tokens), budget=t.number(budget)) if budget is not None else ""
    parts = [t("thought.done" if ended else "thought.live"), spent or t("thought.tokens", used=t.number(tokens))]
    return " · ".join([*parts, t(f"thought.{ended}")] if ended else parts)


def step(label: str, key: int, *, lines: list[str] | None = None, failed: bool = False) -> str:
    """One search or call of a tool; `lines` are shown when it is opened."""
    kind = "rk-step rk-failed" if failed else "rk-step"
    if not lines:
        return f'<div class="{kind}" data-step="{key}">{escape(plain(label))}</div>'
    inside = "".join(f"<li>{escape(plain(line))}</li>" for line in lines)
    head = f"<summary>{escape(plain(label))}</summary>"
    return f'<details class="{kind}" data-step="{key}">{head}<ul>{inside}</ul></details>'


def markdown(view: View, t: Words) -> str:
    """The answer with its sources, as Markdown to be kept: the words as they are, quotes as quotes."""
    lines = [view.text]
    spans = sorted((m, a, b, card) for card in view.cards for m, a, b in card.spans)
    if spans:
        lines += ["", f"**{t('panel.cited')}**", ""]
    for marker, start, end, card in spans:
        page = f", {t('panel.page', n=card.page)}" if card.page is not None else ""
        quote = " ".join(card.text[start - card.start : end - card.start].split())
        lines.append(f"[{marker}] {card.title}{page}: “{quote}”  ")
    return "\n".join(lines)


def _notes(view: View, answer: Shown, t: Words) -> str:
    out = []
    if view.status == "abstained":
        out.append(f'<p class="rk-note rk-calm">{escape(t("chat.abstained"))}</p>')
    elif view.status == "exhausted":
        out.append(f'<p class="rk-note rk-calm">{escape(t("chat.exhausted"))}</p>')
    elif view.status in ("stopped", "pending"):  # pending, and nobody is at it: the server ended in between
        out.append(f'<p class="rk-note rk-calm">{escape(t(f"chat.{view.status}"))}</p>')
    elif view.status == "failed":
        out.append(f'<p class="rk-note rk-warn">{escape(t("chat.failed"))}</p>')
    if answer.marked:
        out.append(f'<p class="rk-note rk-warn">{escape(t.count("chat.unsupported", answer.marked))}</p>')
    if answer.missing:  # said in the answer, and yet nowhere to be found in what is shown of it
        items = "".join(f'<li dir="auto">{escape(s)}</li>' for s in answer.missing)
        out.append(f'<div class="rk-note rk-warn">{escape(t("chat.unplaced"))}<ul>{items}</ul></div>')
    if view.notes:
        items = "".join(f"<li>{escape(plain(n))}</li>" for n in view.notes)
        label = escape(t("chat.notes", n=len(view.notes)))
        out.append(f'<details class="rk-notes"><summary>{label}</summary><ul>{items}</ul></details>')
    return "".join(out)


def _meta(view: View, t: Words) -> str:
    spent = view.ledger
    parts = [t("meta.seconds", s=t.decimal(spent.seconds, 1)), known_as(view.model, t)] if view.model else []
    parts += [t.get(f"strategy.{view.strategy}", view.strategy)] if view.strategy != view.model else []
    if spent.thinking_tokens or spent.answer_tokens:
        parts.append(t("meta.tokens", thinking=t.number(spent.thinking_tokens), answer=t.number(spent.answer_tokens)))
    if spent.samples > 1:
        parts.append(t.count("meta.samples", spent.samples))
    return escape(plain(" · ".join(p for p in parts if p)))
