"""How a claim agrees with its evidence, word by word: what a fitted logistic layer weighs beside the cross-encoder.

Numbers, names, negations and the direction of a comparison are compared exactly, in any language; a small encoder
sees them poorly, and hardly at all in a language that it never learned. Every feature lies in [0, 1] or near it.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from .tokens import FUNCTION, NAME, NUMBER, POLAR_WORD, Word, read_words
from .vocabulary import NEGATIONS, OPPOSITES, QUANTIFIERS

__all__ = ["AGREEMENT", "agreement"]

AGREEMENT = (
    "covered",
    "covered_by_best",
    "all_covered",
    "numbers_missing",
    "numbers_elsewhere",
    "names_missing",
    "names_elsewhere",
    "words_missing",
    "negation",
    "opposite",
    "quantifier",
    "order",
    "copy",
    "copy_number",
    "copy_name",
    "copy_polar",
    "copy_word",
    "nothing_shared",
    "length",
)
_COPY = 0.75  # of the claim's words stand in one sentence: it is a copy of it, changed or not


def agreement(claim: str, sentences: Sequence[str], document: str) -> list[float]:
    """Return the features named in AGREEMENT. sentences: the evidence chosen; document: all that could hold it."""
    said = [w for w in read_words(claim) if w.kind != FUNCTION] or list(read_words(claim))
    parts = [read_words(s) for s in sentences]
    evidence = [w for part in parts for w in part]
    everywhere = read_words(document)
    shares = [_covered(said, part) for part in parts]
    best = parts[max(range(len(parts)), key=shares.__getitem__)] if parts else ()
    covered, by_best = _covered(said, evidence), max(shares, default=0.0)
    forms, stems = _forms(evidence), _stems(evidence)
    forms_all, stems_all = _forms(everywhere), _stems(everywhere)
    forms_best = _forms(best)

    def lacking(kind: int, forms: set[str], stems: set[str]) -> float:
        return float(sum(w.kind == kind and not _in(w, forms, stems) for w in said))

    plain = sum(w.kind not in (NUMBER, NAME, POLAR_WORD) and not _in(w, forms, stems) for w in said)
    copy = by_best >= _COPY and len(said) >= 3
    return [
        covered,
        by_best,
        float(covered >= 0.999),
        _few(lacking(NUMBER, forms_all, stems_all)),
        _few(lacking(NUMBER, forms_best, _stems(best)) - lacking(NUMBER, forms_all, stems_all)),
        _few(lacking(NAME, forms_all, stems_all)),
        _few(lacking(NAME, forms, stems) - lacking(NAME, forms_all, stems_all)),
        plain / max(1, len(said)),
        _few(abs(_count(read_words(claim), NEGATIONS) - _count(best, NEGATIONS))),
        _few(_opposed(read_words(claim), best)),
        _few(sum(w.form in QUANTIFIERS and w.form not in forms for w in said)),
        _reversed(said, best),
        float(copy),
        copy * _few(lacking(NUMBER, forms_best, _stems(best))),
        copy * _few(lacking(NAME, forms_best, _stems(best))),
        copy * _few(_polar_difference(read_words(claim), best)),
        copy * _few(_replaced(said, best)),
        float(covered == 0.0),
        math.log(1 + len(said)) / 4,
    ]


def _covered(said: Sequence[Word], evidence: Sequence[Word]) -> float:
    forms, stems = _forms(evidence), _stems(evidence)
    weights = [2.0 if w.kind in (NUMBER, NAME) else 1.0 for w in said]
    total = sum(weights)
    return sum(x for w, x in zip(said, weights, strict=True) if _in(w, forms, stems)) / total if total else 0.0


def _in(word: Word, forms: set[str], stems: set[str]) -> bool:
    return word.form in forms or (word.kind not in (NUMBER, POLAR_WORD) and len(word.stem) > 3 and word.stem in stems)


def _forms(words: Sequence[Word]) -> set[str]:
    return {w.form for w in words}


def _stems(words: Sequence[Word]) -> set[str]:
    return {w.stem for w in words if w.kind != NUMBER}


def _few(count: float) -> float:
    return 1 - 0.5**count if count > 0 else 0.0


def _count(words: Sequence[Word], table: frozenset[str]) -> int:
    return sum(w.form in table for w in words)


def _opposed(claim: Sequence[Word], best: Sequence[Word]) -> int:
    """Words whose opposite the sentence says and which it does not say itself."""
    forms = _forms(best)
    return sum(w.form not in forms and bool(OPPOSITES.get(w.form, frozenset()) & forms) for w in claim)


def _reversed(said: Sequence[Word], best: Sequence[Word]) -> float:
    """Share of neighbouring names and numbers of the claim that the sentence has in the other order."""
    places = {w.form: w.start for w in reversed(best)}
    found = [places[w.form] for w in said if w.kind in (NAME, NUMBER) and w.form in places]
    pairs = list(itertools.pairwise(found))
    return sum(a > b for a, b in pairs) / len(pairs) if pairs else 0.0


def _polar_difference(claim: Sequence[Word], best: Sequence[Word]) -> int:
    """Words that turn a statement round, in the claim alone; and negations of the sentence within the copied part."""
    ours = Counter(w.form for w in claim if w.kind == POLAR_WORD)
    theirs = Counter(w.form for w in best if w.kind == POLAR_WORD)
    forms = _forms(claim)
    shared = [w.start for w in best if w.form in forms and w.kind != FUNCTION]
    low, high = min(shared, default=0), max(shared, default=0)
    inside = Counter(w.form for w in best if w.form in NEGATIONS and low - 20 <= w.start <= high)
    return (ours - theirs).total() + (inside - ours).total()


def _replaced(said: Sequence[Word], best: Sequence[Word]) -> int:
    """Words that stand in the claim in the place of other words of the sentence."""
    ours, theirs = [w.stem for w in said], [w.stem for w in best if w.kind != FUNCTION]
    changes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return sum(min(b - a, d - c) for tag, a, b, c, d in changes if tag == "replace")
