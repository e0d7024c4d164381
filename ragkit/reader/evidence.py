"""The sentences of a document that bear on a claim, within what a cross-encoder reads at once.

    weight of a word = ln(1 + sentences / sentences with it); names and numbers count double
    score of a sentence = weight of the claim's words that it says, and half of those that its neighbour says

Chosen greedily, each for what the others have not said yet, and given in the order of the document.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..text.sentences import sentence_spans
from .tokens import FUNCTION, NAME, NUMBER, read_words

__all__ = ["choose_evidence", "tokens_of"]


def tokens_of(text: str) -> float:
    """About how many tokens the default encoder makes of `text`: it spells out what is not Latin."""
    foreign = sum(c > "\u024f" for c in text)
    return 0.24 * (len(text) - foreign) + 0.8 * foreign


def choose_evidence(
    claim: str, document: str, *, tokens: float, near: Sequence[float] | None = None
) -> list[tuple[int, int]]:
    """Spans of the sentences of `document` that bear most on `claim`, about `tokens` tokens in all, in order.

    near: what else speaks for each sentence, in the order of `sentence_spans`, on the scale of one rare word.
    """
    spans = sentence_spans(document)
    if sum(tokens_of(document[a:b]) for a, b in spans) <= tokens:
        return spans
    said = [{w.stem for w in read_words(document[a:b])} for a, b in spans]
    weights = {}
    for word in read_words(claim):
        if word.kind != FUNCTION:
            held = sum(word.stem in s for s in said)
            weights[word.stem] = math.log(1 + len(spans) / (1 + held)) * (2 if word.kind in (NAME, NUMBER) else 1)
    left = dict(weights)
    chosen: set[int] = set()
    room = tokens
    while len(chosen) < len(spans):
        best, best_score = -1, -1.0
        for i in range(len(spans)):
            if i in chosen:
                continue
            score = sum(w for s, w in left.items() if s in said[i])
            score += 0.3 * sum(w for s, w in weights.items() if s in said[i])
            score += near[i] if near is not None else 0.0
            score += 0.3 * bool(chosen & {i - 1, i + 1})
            if score > best_score:
                best, best_score = i, score
        cost = tokens_of(document[slice(*spans[best])])
        if chosen and cost > room:
            break
        chosen.add(best)
        room -= cost
        left = {s: w for s, w in left.items() if s not in said[best]}
    return [spans[i] for i in sorted(chosen)]
