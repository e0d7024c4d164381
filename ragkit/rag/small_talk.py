"""What is said to be polite ("thanks", "привет", 👍): answered as such, without a search, and no part of what follows.

>>> small_talk("Ok, thanks a lot!")
'You are welcome.'
>>> small_talk("Thanks to whom was the bridge built?") is None
True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from ..text import detect_language, fold
from ..text.languages import Language, Talk, entries, language, languages

__all__ = ["NOTE", "small_talk"]

NOTE = "nothing was searched: this is small talk"
MOST_WORDS = 8
_ANSWERED: tuple[Talk, ...] = ("thanks", "bye", "hello", "fine")  # the first one, where several are said
_OF_EMOJI: Mapping[str, Talk] = {"👋": "hello", "🙏": "thanks", "❤": "thanks", "💐": "thanks"}  # others say "fine"
_WORD = re.compile(r"[\w'-]+")

Phrases = Mapping[tuple[str, ...], Talk | None]


def small_talk(text: str, before: str = "") -> str | None:
    """What to reply when `text` is nothing but small talk, else None.

    before: an earlier question, in whose language to reply where `text` is said in several ("ok", 👍).
    """
    said = _by_language(text)
    if not said:
        return None
    spoken = detect_language(before) if before else ""
    code = min(said, key=lambda each: (each != spoken, each != "en"))
    told = language(code)
    return told.small_talk.replies[said[code]] if told is not None and told.small_talk is not None else None


def _by_language(text: str) -> dict[str, Talk]:
    """In which languages the text is small talk, and of what kind."""
    words = tuple(_WORD.findall(fold(text)))
    if not words:
        kinds = [_OF_EMOJI.get(char, "fine") for char in text if _is_emoji(char)]
        return {each.code: kinds[0] for each in languages() if each.small_talk is not None and kinds}
    if len(words) > MOST_WORDS:
        return {}
    found: dict[str, Talk] = {}
    for code, phrases in _phrases(languages()).items():
        kinds = _kinds(words, phrases)
        kind = next((k for k in _ANSWERED if k in kinds), None)
        if kind is not None and not (kind == "fine" and "?" in text):  # "All right?" asks
            found[code] = kind
    return found


def _kinds(words: tuple[str, ...], phrases: Phrases) -> list[Talk]:
    """The kinds of the phrases that `words` are made of, longest first; none when anything else is said."""
    kinds: list[Talk] = []
    while words:
        size = next((n for n in range(len(words), 0, -1) if words[:n] in phrases), 0)
        if not size:
            return []
        kind = phrases[words[:size]]
        kinds += [] if kind is None else [kind]
        words = words[size:]
    return kinds


@lru_cache(maxsize=2)
def _phrases(known: tuple[Language, ...]) -> dict[str, Phrases]:
    """Language -> its phrases and their kinds; None for what changes nothing."""
    found: dict[str, Phrases] = {}
    for each in known:
        if each.small_talk is not None:
            around: dict[tuple[str, ...], Talk | None] = {_split(p): None for p in entries(each.small_talk.around)}
            said = {_split(p): kind for kind, written in each.small_talk.said.items() for p in entries(written)}
            found[each.code] = around | said
    return found


def _split(phrase: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(phrase)))


def _is_emoji(char: str) -> bool:
    return unicodedata.category(char) == "So"
