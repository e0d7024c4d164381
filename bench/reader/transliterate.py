"""English spelt in Cyrillic letters with Russian function words: a language that the encoder cannot read.

An example respelt so can be solved only by what the two texts share, by numbers and by names, which is what is left to
an English encoder in Russian and Ukrainian.
"""

from __future__ import annotations

import re

__all__ = ["respell"]

_WRITTEN = (
    "the= a= an= of=из and=и to=к in=в is=есть was=был for=для that=что with=с on=на by=от are=есть "
    "from=из at=у this=это it=оно or=или not=не have=имеет has=имеет had=имел were=были how=как what=что "
    "who=кто when=когда where=где why=почему which=какой many=много much=много can=может all=все no=нет "
    "never=никогда only=только some=некоторые but=но he=он she=она they=они his=его her=её their=их "
    "more=больше less=меньше without=без before=до after=после year=год number=число first=первый "
    "last=последний does= did= do= always=всегда every=каждый"
)
_FUNCTION = dict(pair.split("=") for pair in _WRITTEN.split())
_LETTERS = str.maketrans(dict(zip("abcdefghijklmnopqrstuvwyz", "абкдефгхижклмнопкрстувуыз", strict=True)) | {"x": "кс"})
_TWO = (("sh", "ш"), ("ch", "ч"), ("th", "т"), ("ph", "ф"), ("ya", "я"), ("yu", "ю"), ("oo", "у"), ("ee", "и"))


def respell(text: str) -> str:
    """Return `text` in Cyrillic letters; words of the closed classes translated, numbers kept."""
    return re.sub(r" {2,}", " ", re.sub(r"[A-Za-z]+", lambda m: _word(m[0]), text)).strip()


def _word(word: str) -> str:
    lowered = word.lower()
    if lowered in _FUNCTION:
        made = _FUNCTION[lowered]
    elif word.isupper() and len(word) > 1:
        return word  # an abbreviation stays as it is, as in Russian texts
    else:
        for two, one in _TWO:
            lowered = lowered.replace(two, one)
        made = lowered.translate(_LETTERS)
    return made.capitalize() if word[0].isupper() else made
