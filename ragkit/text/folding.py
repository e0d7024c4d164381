"""The form in which words are compared: what a reader takes for the same word, whatever keyboard it was typed on.

Russian prints ё as е more often than not, and the apostrophe of a Ukrainian word comes in half a dozen characters.
Only comparison uses the folded form; quotations, spans and what is shown keep the source's own characters.
"""

from __future__ import annotations

import unicodedata

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
    return folded.replace("ё", "е").replace("i\u0307", "i")  # İ: at the loose dot a tokenizer would cut the word
