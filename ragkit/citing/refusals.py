"""Whether a sentence of a model's own says that the documents do not tell.

What has to be denied is that the documents *tell*: "The documents do not say …" refuses, "The documents say that … do
not …" answers. The words are in `refusal_tables`.
"""

from __future__ import annotations

import re

from .refusal_tables import LANGUAGES, OPENINGS, Refusals

__all__ = ["refuses", "without_opening"]


def _words(written: str) -> str:
    """A part of a table as an expression for one of its words."""
    return "(?:" + "|".join(w.replace("*", r"\w*").replace("_", " ") for w in written.split()) + ")"


def _compiled(table: Refusals) -> list[re.Pattern[str]]:
    parts: dict[str, str] = {}

    def filled(text: str) -> str:
        return re.sub("|".join(sorted(parts, key=len, reverse=True)), lambda m: parts[m[0]], text) if parts else text

    for name, written in table.parts.items():
        parts[name] = filled(_words(written))
    parts["DOCUMENTS"] = filled(r"(?:MODIFIER )*NOUN(?: AT_HAND\b){0,4}")
    parts["HERE"] = filled(r"(?: (?:in|by|from) DOCUMENTS| here| anywhere)")
    parts["ANY"] = filled(r"(?:(?!BARRED\b)\w[\w']* ){0,8}")
    return [re.compile(filled(sentence)) for sentence in table.sentences]


_OPENING = re.compile(rf"{_words(OPENINGS)}(?: |\Z)")
_REFUSES = tuple(pattern for table in LANGUAGES for pattern in _compiled(table))


def refuses(sentence: str) -> bool:
    """Whether a sentence, folded and without punctuation, says that the documents do not tell.

    >>> refuses("the documents do not say who"), refuses("the documents say that staff do not need approval")
    (True, False)
    """
    said = without_opening(sentence)
    return any(pattern.match(said) for pattern in _REFUSES)


def without_opening(sentence: str) -> str:
    """The sentence after "unfortunately", «к сожалению», «на жаль» and the like.

    >>> without_opening("i'm sorry but the documents do not say")
    'the documents do not say'
    """
    while found := _OPENING.match(sentence):
        sentence = sentence[found.end() :]
    return sentence
