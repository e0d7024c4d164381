"""The sentences that say "it is not in the documents", in every language, in one place.

ragkit's own come first; the others are what models are trained to write (the tiny reader's) or write on their own.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..text.language import detect_language

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
_SAYS_SO = re.compile(
    r"(?:sorry,? )?(?:i (?:do not|don't|cannot|can't) (?:know|find|answer|determine)"
    r"|(?:(?:the|these|this|given|provided) )*(?:passages?|documents?|context|text|sources?)\b[^.]{0,40}"
    r"\b(?:do not|does not|don't|doesn't)\b"
    r"|(?:the |this )?(?:answer|information) (?:is|was) (?:not|nowhere)\b"
    r"|я не знаю|в (?:этих |данных |предоставленных )?(?:документах|отрывках|тексте) (?:нет|не )"
    r"|у (?:цих |наданих )?(?:документах|уривках|тексті) (?:немає|не )"
    r"|(?:das|die antwort|dies) (?:steht|ist|wird|geht) (?:\w+ )?nicht\b|ich wei(?:ß|ss) (?:es )?nicht)"
)
_MARKERS = re.compile(r"\[[\d\s,;]*\]")


_language = lru_cache(maxsize=256)(detect_language)


def abstention(question: str) -> str:
    """The sentence to abstain with, in the question's language."""
    return ABSTAINED.get(_language(question), ABSTAINED[""])


def language_name(text: str) -> str:
    """The English name of the language of `text`, as prompts name it."""
    return _LANGUAGES.get(_language(text), "the language of the question")


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s']", " ", _MARKERS.sub(" ", text)).casefold().split())


_KNOWN = tuple(_bare(s) for s in (*ABSTAINED.values(), *READERS))


def is_abstention(text: str) -> bool:
    """Whether a model's answer says that the documents do not tell: a known sentence, or one short one to that effect.

    >>> is_abstention("The answer is not in the documents."), is_abstention("The answer is Orm [2].")
    (True, False)
    """
    bare = _bare(text)
    if any(bare == known or bare.startswith(known + " ") for known in _KNOWN):
        return True
    return len(bare.split()) <= 25 and not _MARKERS.search(text) and _SAYS_SO.match(bare) is not None


def is_garbled(text: str) -> bool:
    """Whether a text is no answer at all: nothing readable, broken bytes, or the same few words over and over.

    >>> is_garbled("… !"), is_garbled("ab ab ab ab ab ab ab ab ab ab ab ab"), is_garbled("42")
    (True, True, False)
    """
    bare = _bare(text)
    if not any(c.isalnum() for c in bare) or text.count("\ufffd") * 10 > len(text):
        return True
    words = bare.split()
    return len(words) >= 12 and len(set(words)) * 6 <= len(words)
