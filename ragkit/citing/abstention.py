"""The sentences that say "it is not in the documents", in every language, in one place.

ragkit's own come first; the others are what models are trained to write (the tiny reader's). How they say it in their
own words is in `refusals`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..text.folding import fold
from ..text.language import detect_language
from ..text.sentences import sentence_spans
from .markers import MARKER
from .refusals import refuses, without_opening

__all__ = ["ABSTAINED", "abstention", "is_abstention", "is_garbled", "language_name"]

ABSTAINED = {
    "de": "Das steht nicht in diesen Dokumenten.",
    "ru": "В этих документах ответа нет.",
    "uk": "У цих документах відповіді немає.",
    "": "Not in these documents.",
}
READERS = ("The answer is not in the documents.", "Ответа нет в документах.")

_LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fr": "French",
    "hi": "Hindi", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
    "zh": "Chinese",
}  # fmt: skip
_YES_OR_NO = re.compile(r"\W*(?:yes|no|да|нет|так|ні|ja|nein)\s*(?:[,.!;:—–-]|\Z)", re.IGNORECASE)
_NUMBERS = re.compile(r"\[[\d\s,;]*\]")
MOST_WORDS = 40  # of a refusal in a model's own words; what is longer tells something


_language = lru_cache(maxsize=256)(detect_language)


def abstention(question: str) -> str:
    """The sentence to abstain with, in the question's language."""
    return ABSTAINED.get(_language(question), ABSTAINED[""])


def language_name(text: str) -> str:
    """The English name of the language of `text`, as prompts name it."""
    return _LANGUAGES.get(_language(text), "the language of the question")


def _bare(text: str) -> str:
    """The words of a text, folded, without markers and punctuation."""
    return " ".join(re.sub(r"[^\w\s']", " ", fold(_NUMBERS.sub(" ", MARKER.sub(" ", text)))).split())


_KNOWN = frozenset(_bare(s) for s in (*ABSTAINED.values(), *READERS))


def is_abstention(text: str) -> bool:
    """Whether a model's answer says that the documents do not tell: a known sentence, or one to that effect.

    What begins with yes or no is an answer, and so is what cites a passage and says more than a known sentence.

    >>> is_abstention("Unfortunately, the documents do not say."), is_abstention("The answer is Orm [2].")
    (True, False)
    """
    sentences = [bare for a, b in sentence_spans(text) if (bare := _bare(text[a:b]))]
    said = without_opening(" ".join(sentences))
    if said in _KNOWN:
        return True
    if MARKER.search(text) or _YES_OR_NO.match(text):
        return False
    if any(said.startswith(f"{known} ") for known in _KNOWN):
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
