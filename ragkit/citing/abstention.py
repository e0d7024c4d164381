"""The sentences that say "it is not in the documents", in every language, in one place.

ragkit's own are the languages'; the others are what models are trained to write (the tiny reader's). How they say it in
their own words is in `refusals`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..text.folding import fold
from ..text.language import detect_language
from ..text.languages import Language, language, languages
from ..text.sentences import sentence_spans
from .markers import marker
from .refusals import refuses, without_opening

__all__ = ["abstention", "is_abstention", "is_garbled", "language_name"]

READERS = ("The answer is not in the documents.", "Ответа нет в документах.")

_NUMBERS = re.compile(r"\[[\d\s,;]*\]")
MOST_WORDS = 40  # of a refusal in a model's own words; what is longer tells something


_language = lru_cache(maxsize=256)(detect_language)


def abstention(question: str) -> str:
    """The sentence to abstain with, in the question's language."""
    for code in (_language(question), "en"):
        known = language(code)
        if known is not None and known.refusals is not None:
            return known.refusals.own
    raise LookupError("no language tells how to abstain")


def language_name(text: str) -> str:
    """The English name of the language of `text`, as prompts name it."""
    known = language(_language(text))
    return "the language of the question" if known is None else known.name


def _bare(text: str) -> str:
    """The words of a text, folded, without markers and punctuation."""
    return " ".join(re.sub(r"[^\w\s']", " ", fold(_NUMBERS.sub(" ", marker().sub(" ", text)))).split())


@lru_cache(maxsize=2)
def _known(told: tuple[Language, ...]) -> frozenset[str]:
    return frozenset(_bare(s) for s in (*(each.refusals.own for each in told if each.refusals is not None), *READERS))


@lru_cache(maxsize=2)
def _yes_or_no(told: tuple[Language, ...]) -> re.Pattern[str]:
    said = "|".join(word for each in told for word in f"{each.yes} {each.no}".split())
    return re.compile(rf"\W*(?:{said})\s*(?:[,.!;:—–-]|\Z)", re.IGNORECASE)


def is_abstention(text: str) -> bool:
    """Whether a model's answer says that the documents do not tell: a known sentence, or one to that effect.

    What begins with yes or no is an answer, and so is what cites a passage and says more than a known sentence.

    >>> is_abstention("Unfortunately, the documents do not say."), is_abstention("The answer is Orm [2].")
    (True, False)
    """
    sentences = [bare for a, b in sentence_spans(text) if (bare := _bare(text[a:b]))]
    said = without_opening(" ".join(sentences))
    own = _known(languages())
    if said in own:
        return True
    if marker().search(text) or _yes_or_no(languages()).match(text):
        return False
    if any(said.startswith(f"{known} ") for known in own):
        return True
    first = next((s for s in sentences if without_opening(s)), "")
    return len(said.split()) <= MOST_WORDS and refuses(first)


def is_garbled(text: str) -> bool:
    """Whether a text is no answer at all: nothing readable, a call, broken bytes, or a few words over and over.

    >>> is_garbled("… !"), is_garbled("ab ab ab ab ab ab ab ab ab ab ab ab"), is_garbled('<tool_call>{"name":')
    (True, True, True)
    """
    bare = _bare(text.partition("<tool_call")[0])
    if not any(c.isalnum() for c in bare) or text.count("\ufffd") * 10 > len(text):
        return True
    words = bare.split()
    return len(words) >= 12 and len(set(words)) * 6 <= len(words)
