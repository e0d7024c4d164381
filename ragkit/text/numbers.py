"""Numbers written out, as documents write them ("thirty days", «двадцать восемь дней», "quatre-vingt-dix").

>>> value_of([*numerals("zwei"), *numerals("hundert")]), value_of(numerals("achtundzwanzig"))
(200, 28)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from .folding import fold
from .languages import Language, languages

__all__ = ["goes_on", "number_words", "numerals", "value_of", "word_pattern"]


def number_words(code: str = "") -> Mapping[str, int]:
    """The value of each form of a number word, folded, for texts of the language `code`.

    All languages' words, but those that are other words elsewhere. 100, and what is from 1000, multiply what stands
    before them.
    """
    return _number_words(languages(), code)


def word_pattern() -> str:
    """A pattern for a word of a folded text, or for several that are one part of a number ("quatre-vingt")."""
    return _word_pattern(languages())


def numerals(word: str, code: str = "") -> list[int]:
    """The parts of the number that a folded word says: two for German "achtundzwanzig", mostly none."""
    known, word = number_words(code), word.replace(" ", "-")
    if word in known:
        return [known[word]]
    for joined in _joins(languages()):
        parts = word.split(joined, 1)
        if all(part in known for part in parts):
            return [known[part] for part in parts]
    return []


def goes_on(last: int, between: str, following: int) -> bool:
    """Whether a part of a number goes on with another: nothing stands between them, or a word for "and" that may."""
    between = between.strip(" -")
    if not between:
        return True
    least = _ands(languages()).get(between)
    return least is not None and last >= least and following < (20 if last < 100 else 100)


def value_of(parts: Sequence[int]) -> int:
    """What the parts of a number say together: [2, 1000, 3, 100, 5] is 2305."""
    total = current = 0
    for value in parts:
        if value >= 1000:
            if current == 0 and 0 < total < value:  # "mil millones", a thousand millions
                total *= value
            else:
                total, current = total + max(1, current) * value, 0
        elif value == 100 and 0 < current < 10:
            current *= 100
        else:
            current += value
    return total + current


@lru_cache(maxsize=2)
def _ands(known: tuple[Language, ...]) -> dict[str, int]:
    told = [each.numbers.ands for each in known if each.numbers is not None]
    return {word: least for ands in told for word, least in ands.items()}


@lru_cache(maxsize=2)
def _joins(known: tuple[Language, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.numbers.joined for each in known if each.numbers and each.numbers.joined))


@lru_cache(maxsize=2)
def _word_pattern(known: tuple[Language, ...]) -> str:
    several = sorted({form for form in number_words() if "-" in form}, key=len, reverse=True)
    phrases = "".join(rf"{form.replace('-', '[ -]')}(?!\w)|" for form in several)
    return rf"{phrases}[^\W\d_]+(?:'[^\W\d_]+)*"


@lru_cache(maxsize=64)
def _number_words(known: tuple[Language, ...], code: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in known:
        numbers = each.numbers
        if numbers is None:
            continue
        foreign = frozenset() if each.code == code else frozenset(map(fold, numbers.own.split()))
        for value, written in numbers.words.items():
            for word in written.split():
                endings = numbers.endings.get(word[-1])
                forms = [word] if endings is None else [word[:-1] + e.replace("_", "") for e in endings.split()]
                found |= {f: value for f in map(fold, forms) if f not in foreign and f not in found}
    return found
