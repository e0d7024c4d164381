"""The form in which words are compared: what a reader takes for the same word, whatever keyboard it was typed on.

Russian prints ё as е more often than not, and the apostrophe of a Ukrainian word comes in half a dozen characters.
Which letters are taken for one is told by the languages. Only comparison uses the folded form; quotations, spans and
what is shown keep the source's own characters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from .languages import Language, languages

__all__ = ["APOSTROPHES", "fold"]

APOSTROPHES = "'’‘ʼ`´′‛＇"  # what is typed for the apostrophe inside a word


def fold(text: str) -> str:
    """Return `text` without case, in compatibility form (NFKC), with е for ё and ' for every kind of apostrophe.

    The result may be longer or shorter than `text`: find spans first, then fold their words.

    >>> fold("Отчёт") == fold("ОТЧЕТ"), fold("п’ять") == fold("пʼять") == "п'ять", fold("Straße")
    (True, True, 'strasse')
    """
    for char in APOSTROPHES[1:]:  # before NFKC, which would take "´" apart into a space and an accent
        text = text.replace(char, "'")
    folded = unicodedata.normalize("NFKC", text).casefold()
    for letter, plain in _folds(languages()):
        folded = folded.replace(letter, plain)
    return folded.replace("i\u0307", "i")  # İ: at the loose dot a tokenizer would cut the word


@lru_cache(maxsize=2)
def _folds(known: tuple[Language, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(pair for each in known for pair in each.folds.items()))
