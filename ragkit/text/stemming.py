"""Words to their dictionary form or stem, by the library that knows the language best, loaded when first needed.

A stemmer's name is ``pymorphy3:ru`` (a dictionary of all forms, for Russian and Ukrainian), ``snowball:polish`` (the
snowballstemmer package), or, without a colon, one that tantivy has built in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from ..errors import UsageError

__all__ = ["stemmer"]

_REMEMBERED = 1 << 16  # words of one language; a large vocabulary repeats the same few thousand most of the time


@cache
def stemmer(name: str) -> Callable[[str], str]:
    """The function from a folded word to the form it is compared in. Raises UsageError for an unknown name.

    >>> stemmer("pymorphy3:ru")("командировку"), stemmer("snowball:polish")("dokumentami")
    ('командировка', 'dokument')
    """
    library, _, language = name.partition(":")
    if library == "pymorphy3":
        return lru_cache(maxsize=_REMEMBERED)(_lemmatizer(language))
    if library == "snowball":
        return lru_cache(maxsize=_REMEMBERED)(_snowball(language))
    raise UsageError(f"no stemmer is called {name!r}; name it as in pymorphy3:ru or snowball:polish")


def _lemmatizer(language: str) -> Callable[[str], str]:
    from pymorphy3 import MorphAnalyzer

    forms: Callable[[str], list[str]] = MorphAnalyzer(lang=language).normal_forms

    def lemma(word: str) -> str:
        return forms(word)[0]

    return lemma


def _snowball(language: str) -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(language).stemWord
    return stem
