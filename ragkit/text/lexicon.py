"""Word lists over all languages together, where a text may be in any of them: negations, labels, openings …"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from .folding import fold
from .languages import Language, entries, languages

__all__ = ["every", "patterns"]


def every(*names: str) -> frozenset[str]:
    """The entries of the word lists `names` of every language, folded.

    >>> {"no", "нет"} <= every("no")
    True
    """
    return _every(languages(), names)


def patterns(told: Callable[[Language], str]) -> tuple[str, ...]:
    """What `told` says of each language, as entries in the order of the languages, each once."""
    return tuple(dict.fromkeys(entry for each in languages() for entry in entries(told(each))))


@lru_cache(maxsize=32)
def _every(known: tuple[Language, ...], names: tuple[str, ...]) -> frozenset[str]:
    written = (str(getattr(each, name)) for each in known for name in names)
    return frozenset(fold(entry) for words in written for entry in entries(words))
