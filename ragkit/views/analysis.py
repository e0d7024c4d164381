"""From text to index terms: dictionary forms or stems by language, and character n-grams beside them.

One field of stems serves all languages: a passage is analysed in its own language, and a query in each language that
the index holds, so that a German query finds its exact words in Russian passages too. Which stemmer and how long grams
a language has is told by `ragkit.text.languages`. Chinese, Japanese, Korean and Thai words are cut into pairs of
characters, in tokenizers' terms bigrams. Passages and queries are folded first (`ragkit.text.fold`), so that ё finds е
and one apostrophe another.

Grams reach over word ends, so their best length goes with the language: hit@1 of stems alone, and with grams of three,
four and five letters, was .77 .80 .82 .84 on English questions (SQuAD), .69 .70 .71 .69 on Russian, .32 .35 .31 .28 on
Turkish and .45 .44 .37 .32 on Vietnamese ones, .31 .29 .25 .24 on Japanese (`bench/languages.py`). One length a
language was taken from such figures on the sets of that language, which are small: their standard error is .02 to .03.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from ..errors import MissingDependencyError
from ..text.folding import fold
from ..text.languages import language, languages
from ..text.reading import word_runs
from ..text.stemming import stemmer

__all__ = ["ANALYSIS", "Analysis", "even", "load_tantivy"]

ANALYSIS = "4"  # part of a snapshot's fingerprint: raise it when the same text would give other terms
GRAMS = 4  # letters, of a language that is not known
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
    """The analysers, each made when first used. `name_of` tells which one a language uses: "russian 4"."""

    def __init__(self) -> None:
        self._tantivy = load_tantivy()
        self._made: dict[str, Any] = {}

    @cached_property
    def names(self) -> list[str]:
        """All analysers."""
        return sorted({self.name_of(each.code) for each in languages()} | {self.name_of("")})

    @staticmethod
    def name_of(code: str) -> str:
        """The analyser of a language: its stemmer, pairs of characters, or plain words; and the length of its grams."""
        known = language(code)
        if known is None:
            return f"{PLAIN} {GRAMS}"
        return f"{(known.stemmer or PLAIN) if known.spaced else PAIRS} {known.grams}"

    @staticmethod
    def indexed(title: str, text: str) -> str:
        """What is indexed of a passage: its title and its text."""
        return f"{title}\n{text}" if title else text

    def tokens(self, text: str, name: str) -> Any:
        """The words of a passage as tantivy takes them."""
        if self._is_built_in(name):
            return self._stemmed(name).pre_tokenize(fold(text))
        made = [self._tantivy.Token(word, at, 0, 0) for at, word in enumerate(self.words(text, name))]
        return self._tantivy.PreTokenizedString("", made)

    def words(self, text: str, name: str) -> list[str]:
        """The words of a text under one analyser."""
        kind = name.split()[0]
        if self._is_built_in(name):
            found: list[str] = self._stemmed(name).analyze(fold(text))
            return found
        runs = [run for run in word_runs(fold(text)) if len(run) <= _LONGEST_WORD or kind == PAIRS]
        if kind == PAIRS:
            return [piece for run in runs for piece in _pairs(run)]
        return runs if kind == PLAIN else [*map(stemmer(kind), runs)]

    def gram_tokens(self, text: str, name: str) -> Any | None:
        """The grams of a passage as tantivy takes them; None where its language has none."""
        size = _gram_size(name)
        return self._cutter(size).pre_tokenize(even(text)) if size else None

    def grams(self, text: str, names: Iterable[str]) -> list[str]:
        """The grams of a query, of each length that one of the analysers has."""
        folded = even(text)
        sizes = sorted({size for name in names if (size := _gram_size(name))})
        return [gram for size in sizes for gram in self._cutter(size).analyze(folded)]

    def query_words(self, text: str, own: str, present: Iterable[str]) -> dict[str, float]:
        """The distinct words to look for and their weights: the query's `own` analyser's, then the others' forms."""
        weights = dict.fromkeys(self.words(text, own), 1.0)
        for name in present:
            for word in self.words(text, name):
                weights.setdefault(word, OTHER_LANGUAGE)
        return weights

    @staticmethod
    def _is_built_in(name: str) -> bool:
        kind = name.split()[0]
        return kind not in (PLAIN, PAIRS) and ":" not in kind

    def _stemmed(self, name: str) -> Any:
        """tantivy's own words and stemmer."""
        kind = name.split()[0]
        if kind not in self._made:
            filters = self._tantivy.Filter
            builder = self._tantivy.TextAnalyzerBuilder(self._tantivy.Tokenizer.simple())
            for each in (filters.remove_long(_LONGEST_WORD), filters.lowercase(), filters.stemmer(kind)):
                builder = builder.filter(each)
            self._made[kind] = builder.build()
        return self._made[kind]

    def _cutter(self, size: int) -> Any:
        key = f"grams {size}"
        if key not in self._made:
            cut = self._tantivy.Tokenizer.ngram(size, size, False)
            self._made[key] = self._tantivy.TextAnalyzerBuilder(cut).build()
        return self._made[key]


def even(text: str) -> str:
    """Folded, with white space evened out, so that grams do not depend on line breaks."""
    return " ".join(fold(text).split())


def _gram_size(name: str) -> int:
    return int(name.split()[1])


def _pairs(word: str) -> list[str]:
    """A run without spaces as overlapping pairs of characters; other words unchanged."""
    if not any(low <= ord(char) <= high for char in word for low, high in _UNSPACED_RANGES) or len(word) < 3:
        return [word]
    return [word[i : i + 2] for i in range(len(word) - 1)]
