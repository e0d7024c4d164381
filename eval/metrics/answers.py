"""How near an answer is to the gold ones: exact match, F1 and containment, of the units of `units`, in every language.

SQuAD's own definitions, which know English words alone, are in `squad`.

>>> exact_match("29.00 euros!", ["29 euros"]), contains("It weighs 2.1 kg.", ["21 kg"])
(1.0, 0.0)
>>> round(f1("a big big dog", ["big dog"]), 3)
0.8
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ragkit.text import fold
from ragkit.text.languages import entries
from ragkit.text.languages import language as known_language

from .overlap import f1_of
from .units import units

__all__ = ["contains", "contains_forms", "exact_match", "f1", "has_forms", "normalise"]

LEAST_STEM = 3  # letters that two forms of a name share


def normalise(text: str, language: str = "en") -> str:
    """The units of a text as one line: equal for texts that `exact_match` takes for the same."""
    return " ".join(units(text, language))


def exact_match(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """1.0 if the units of the prediction are those of a gold answer. No gold: the empty prediction is right."""
    return float(units(prediction, language) in _answers(golds, language))


def f1(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """Greatest F1 of units over the gold answers, on multisets; if either side is empty, F1 is their equality."""
    said = units(prediction, language)
    return max(f1_of(said, gold) for gold in _answers(golds, language))


def contains(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """1.0 if the units of some gold answer stand together in the prediction. Report the answer's length beside it.

    A long answer contains more; with no gold answer it is 0.
    """
    return _contains(prediction, golds, language, str.__eq__)


def contains_forms(prediction: str, golds: Sequence[str], language: str = "en") -> float:
    """`contains` where words may stand in other cases: «к Марии Келлер» has "Мария Келлер".

    Two words are forms of one that share three letters and more, and whose rests are endings of names in the language
    (`name_endings`); in a language without such endings it is `contains`.
    """
    known = known_language(language)
    endings = frozenset(fold(e) for e in entries(known.name_endings)) if known is not None else frozenset()
    return _contains(prediction, golds, language, lambda one, other: one == other or _forms(one, other, endings))


def has_forms(language: str) -> bool:
    """Whether the cases of names are known in a language, so that `contains_forms` is another figure."""
    known = known_language(language)
    return known is not None and bool(known.name_endings)


def _forms(one: str, other: str, endings: frozenset[str]) -> bool:
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rests = (one[at:], other[at:]) if (at := shared) >= LEAST_STEM else ("?", "?")
    return all((rest or " ") in endings for rest in rests)


def _contains(prediction: str, golds: Sequence[str], language: str, same: Callable[[str, str], bool]) -> float:
    said = units(prediction, language)
    for gold in golds:
        wanted = units(gold, language)
        starts = range(len(said) - len(wanted) + 1) if wanted else ()
        if any(all(map(same, said[at : at + len(wanted)], wanted)) for at in starts):
            return 1.0
    return 0.0


def _answers(golds: Sequence[str], language: str) -> list[list[str]]:
    """The gold answers without empty ones; if none is left, the empty answer, as SQuAD 2.0 has it."""
    return [g for g in (units(gold, language) for gold in golds) if g] or [[]]
