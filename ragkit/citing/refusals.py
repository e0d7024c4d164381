"""Whether a sentence of a model's own says that the documents do not tell.

What has to be denied is that the documents *tell*: "The documents do not say …" refuses, "The documents say that … do
not …" answers. The words are the languages' own.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..text.folding import fold
from ..text.languages import Language, Refusals, languages

__all__ = ["refuses", "without_opening"]


def _words(written: str) -> str:
    """A part of a table as an expression for one of its words."""
    return "(?:" + "|".join(_folded(w).replace("*", r"\w*").replace("_", " ") for w in written.split()) + ")"


def _folded(word: str) -> str:
    return word if word.isupper() else fold(word)  # in capitals: the name of a part


def _compiled(table: Refusals) -> list[re.Pattern[str]]:
    parts: dict[str, str] = {}

    def filled(text: str) -> str:
        return re.sub("|".join(sorted(parts, key=len, reverse=True)), lambda m: parts[m[0]], text) if parts else text

    for name, written in table.parts.items():
        parts[name] = filled(_words(written))
    parts["DOCUMENTS"] = filled(r"(?:MODIFIER )*NOUN(?: AT_HAND\b){0,4}")
    parts["ANY"] = filled(r"(?:(?!BARRED\b)\w[\w']* ){0,8}")
    return [re.compile(filled(sentence)) for sentence in table.sentences]


@lru_cache(maxsize=2)
def _refusing(known: tuple[Language, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(pattern for each in known if each.refusals is not None for pattern in _compiled(each.refusals))


@lru_cache(maxsize=2)
def _opening(known: tuple[Language, ...]) -> re.Pattern[str]:
    openings = " ".join(each.refusals.openings for each in known if each.refusals is not None)
    return re.compile(rf"{_words(openings)}(?: |\Z)")


def refuses(sentence: str) -> bool:
    """Whether a sentence, folded and without punctuation, says that the documents do not tell.

    >>> refuses("the documents do not say who"), refuses("the documents say that staff do not need approval")
    (True, False)
    """
    said = without_opening(sentence)
    return any(pattern.match(said) for pattern in _refusing(languages()))


def without_opening(sentence: str) -> str:
    """The sentence after "unfortunately", «к сожалению», «на жаль» and the like.

    >>> without_opening("i'm sorry but the documents do not say")
    'the documents do not say'
    """
    opening = _opening(languages())
    while found := opening.match(sentence):
        sentence = sentence[found.end() :]
    return sentence
