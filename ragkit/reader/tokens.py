"""The words of a text as they are compared: what kind each is, and in which form two of them are the same.

NUMBER     compared by value: "1,000", "1 000", "1000" and "thousand" are one
NAME       written with a capital inside a sentence, or holding a capital, digit or Latin letter where its text does not
POLAR      turns a statement round (`vocabulary`)
FUNCTION   the, of, и, der
WORD       everything else, compared whole or by its first letters, which forgives endings
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..text.folding import APOSTROPHES, fold
from ..text.language import detect_language, function_words
from ..text.numbers import number_words
from .vocabulary import POLAR

__all__ = ["FUNCTION", "NAME", "NUMBER", "POLAR_WORD", "STEM", "WORD", "Word", "read_words"]

WORD, NUMBER, NAME, POLAR_WORD, FUNCTION = range(5)
STEM = 5  # letters compared where endings differ

_TOKEN = re.compile(
    rf"(?P<number>\d{{1,3}}(?:[  \u202f]\d{{3}})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"|(?P<word>[^\W\d_](?:\w|[\u0300-\u036f]|[{APOSTROPHES}](?=\w)|[-‐‑](?=[^\W\d]))*)"
)
_SENTENCE_END = re.compile(r"(?:^|[.!?:;•\n\"“«(\[])\W*\Z")
_DIGIT = re.compile(r"\d")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its offsets in the text, its kind, and the forms it is compared in."""

    start: int
    end: int
    kind: int
    form: str
    stem: str


@lru_cache(maxsize=4096)
def read_words(text: str) -> tuple[Word, ...]:
    """Return the words of `text` in order."""
    language = detect_language(text)
    stop, numbers = function_words(language or "en"), number_words(language)
    cyrillic = bool(re.search(r"[а-яіїєґ]{3}", text))
    found = []
    for match in _TOKEN.finditer(text):
        raw = match[0]
        if match["number"]:
            form = _value(raw)
            found.append(Word(match.start(), match.end(), NUMBER, form, form))
            continue
        form = fold(raw)
        if form in POLAR:
            kind = POLAR_WORD
        elif numbers.get(form, 1) != 1:
            value = str(numbers[form])
            found.append(Word(match.start(), match.end(), NUMBER, value, value))
            continue
        elif form in stop:
            kind = FUNCTION
        elif _is_name(text, match.start(), raw, cyrillic=cyrillic):
            kind = NAME
        else:
            kind = WORD
        stem = form if _DIGIT.search(form) else form[:STEM]  # V150 is no V151
        found.append(Word(match.start(), match.end(), kind, form, stem))
    return tuple(found)


def _value(raw: str) -> str:
    """A number in one form: no grouping, a point for the decimals, no zeros that say nothing."""
    plain = re.sub(r"\s", "", raw)
    plain = plain.replace(",", "") if _GROUPED.fullmatch(plain.split(".")[0]) else plain.replace(",", ".")
    if plain.count(".") > 1:
        return plain  # a version, a date
    whole, _, part = plain.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _is_name(text: str, start: int, raw: str, *, cyrillic: bool) -> bool:
    if cyrillic and raw.isascii():
        return True  # a Latin word in a Cyrillic text
    if any(c.isupper() for c in raw[1:]) or any(c.isdigit() for c in raw):
        return True
    return raw[0].isupper() and _SENTENCE_END.search(text[max(0, start - 12) : start]) is None
