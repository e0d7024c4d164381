"""The chain of an answer that took several steps: every passage that its thought names, in order, under one number.

In a thought, [6] is the sixth passage of the prompt; in the answer, [1] is the first quotation. Here a passage has the
same number in both: that of its citation, and one after those where the answer itself does not cite it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ragkit.citing.support import coverage
from ragkit.text.sentences import sentence_spans

from .passages import Card

__all__ = ["linked"]

_NAMED = re.compile(r"\[(\d{1,4})\]")


def linked(cards: Sequence[Card], thought: str, question: str) -> tuple[list[Card], Mapping[int, int]]:
    """The cards, with those that the thought names first, and the number shown for each that the thought gives.

    A passage that the thought alone names has the sentence marked that is nearest to what the thought says of it.
    """
    held = {n: i for i, card in enumerate(cards) for n in card.read_as}
    claims: dict[int, str] = {}
    for start, end in sentence_spans(thought):
        for found in _NAMED.finditer(thought, start, end):
            if int(found[1]) in held:
                claims.setdefault(int(found[1]), _NAMED.sub("", thought[start:end]).strip())
    made, order, shown = list(cards), [], {}
    free = max((n for card in cards for n in card.numbers), default=0) + 1
    for number, claim in claims.items():
        place = held[number]
        if not made[place].spans:
            made[place] = replace(made[place], spans=((free, *_nearest(made[place], claim, question)),))
            free += 1
        shown[number] = made[place].numbers[0]
        order.append(place)
    first = list(dict.fromkeys(order))
    if len(first) < 2:
        return list(cards), {n: m for n, m in shown.items() if cards[held[n]].spans}
    rest = [i for i in range(len(made)) if i not in first]
    return [made[i] for i in (*first, *rest)], shown


def _nearest(card: Card, claim: str, question: str) -> tuple[int, int]:
    """Where the sentence of a passage stands, in the document, that a claim rests on."""
    spans = sentence_spans(card.text) or [(0, len(card.text))]
    begin, end = max(spans, key=lambda s: coverage(claim, card.text[s[0] : s[1]], question))
    return card.start + begin, card.start + end
