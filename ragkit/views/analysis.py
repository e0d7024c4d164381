"""From text to index terms: Snowball stems by language, and character 5-grams for every language.

One field of stems serves all languages: a passage is analysed in its own language, and a query in each language that
the index holds, so that a German query finds its exact words in Russian passages too. Ukrainian has no stemmer
anywhere; such languages lean on the 5-grams. Chinese, Japanese, Korean and Thai words are cut into pairs of characters.
Passages and queries are folded first (`ragkit.text.fold`), so that ё finds е and one apostrophe another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import MissingDependencyError
from ..text.folding import fold
from ..text.languages import language, languages

__all__ = ["ANALYSIS", "Analysis", "even", "load_tantivy"]

ANALYSIS = "3"  # part of a snapshot's fingerprint: raise it when the same text would give other terms
GRAM = 5
OTHER_LANGUAGE = 0.5  # weight of a query's forms in languages other than its own
PLAIN, PAIRS = "plain", "pairs"
_LONGEST_WORD = 80
_UNSPACED_RANGES = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7AF))


def load_tantivy() -> Any:
    """The tantivy module."""
    try:
        import tantivy
    except ImportError as exc:
        raise MissingDependencyError("lexical search", extra="cpu") from exc
    return tantivy


class Analysis:
    """The analysers, made once. `name_of` tells which one a language uses."""

    def __init__(self) -> None:
        tantivy = load_tantivy()
        self._tantivy = tantivy

        def words(*filters: Any) -> Any:
            builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            for each in (tantivy.Filter.remove_long(_LONGEST_WORD), tantivy.Filter.lowercase(), *filters):
                builder = builder.filter(each)
            return builder.build()

        self._words = {name: words(tantivy.Filter.stemmer(name)) for name in _stemmers()}
        self._words |= {PLAIN: words(), PAIRS: words()}
        grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(GRAM, GRAM, False))
        self.grams_analyzer = grams.filter(tantivy.Filter.lowercase()).build()

    @property
    def names(self) -> list[str]:
        """All analysers of words."""
        return list(self._words)

    @staticmethod
    def name_of(code: str) -> str:
        """The analyser of a language: its stemmer, pairs of characters, or plain words."""
        known = language(code)
        if known is None:
            return PLAIN
        return known.stemmer or PLAIN if known.spaced else PAIRS

    @staticmethod
    def indexed(title: str, text: str) -> str:
        """What is indexed of a passage: its title and its text."""
        return f"{title}\n{text}" if title else text

    def tokens(self, text: str, name: str) -> Any:
        """The words of a passage as tantivy takes them."""
        if name != PAIRS:
            return self._words[name].pre_tokenize(fold(text))
        made = [self._tantivy.Token(word, at, 0, 0) for at, word in enumerate(self.words(text, name))]
        return self._tantivy.PreTokenizedString("", made)

    def words(self, text: str, name: str) -> list[str]:
        """The words of a text under one analyser."""
        words: list[str] = self._words[name].analyze(fold(text))
        return words if name != PAIRS else [piece for word in words for piece in _pairs(word)]

    def grams(self, text: str) -> list[str]:
        """The 5-grams of a text."""
        grams: list[str] = self.grams_analyzer.analyze(even(text))
        return grams

    def query_words(self, text: str, own: str, present: Iterable[str]) -> dict[str, float]:
        """The distinct words to look for and their weights: the query's `own` analyser's, then the others' forms."""
        weights = dict.fromkeys(self.words(text, own), 1.0)
        for name in present:
            for word in self.words(text, name):
                weights.setdefault(word, OTHER_LANGUAGE)
        return weights


def even(text: str) -> str:
    """Folded, with white space evened out, so that 5-grams do not depend on line breaks."""
    return " ".join(fold(text).split())


def _stemmers() -> list[str]:
    return sorted({each.stemmer for each in languages() if each.stemmer})


def _pairs(word: str) -> list[str]:
    """A run without spaces as overlapping pairs of characters; other words unchanged."""
    if not any(low <= ord(char) <= high for char in word for low, high in _UNSPACED_RANGES) or len(word) < 3:
        return [word]
    return [word[i : i + 2] for i in range(len(word) - 1)]
