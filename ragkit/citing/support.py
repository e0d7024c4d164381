"""The *support score* is lexical and embedding similarity in [0, 1], a ranking aid and not a proof of entailment:

    support = (coverage + trust · cos(claim, sentence)) / (1 + trust)

*coverage* is the share of the claim's content words found in the source sentence, where words that the question
already held count a quarter; *trust* is how well the encoder knows the language (`ragkit.fusion`). None where claim and
source are written in different scripts or languages and no word can be compared.
"""

from __future__ import annotations

from functools import lru_cache

from ..text.folding import fold
from ..text.language import detect_language, function_words, words
from ..text.lexicon import every

__all__ = ["KNOWN_WORD", "coverage", "support_score"]

KNOWN_WORD = 0.25  # weight of a claim's word that the question held already
STEM = 5


def support_score(claim: str, source: str, question: str, *, cosine: float | None = None, known: float = 1.0) -> float:
    """Return the support in [0, 1] that `source` gives `claim`: lexical alone, or joined with their cosine.

    known: trust in the encoder for this language, in [0, 1].
    """
    lexical = coverage(claim, source, question)
    return lexical if cosine is None else (lexical + known * max(0.0, cosine)) / (1 + known)


@lru_cache(maxsize=2048)
def _stems(text: str) -> frozenset[str]:
    stop = function_words(detect_language(text)) | every("answer", "answer_is", "yes", "no")
    return frozenset(w[:STEM] for w in map(fold, words(text)) if w not in stop)


def coverage(claim: str, source: str, question: str) -> float:
    """Weighted share of the claim's stems in the source. A claim without words of its own is read with its question."""
    asked, said, found = _stems(question), _stems(claim), frozenset(fold(w)[:STEM] for w in words(source))
    own = {w for w in said - asked if not w.isdigit()}
    wanted = dict.fromkeys(said - asked, 1.0) | dict.fromkeys(said & asked, KNOWN_WORD)
    if not own:
        wanted |= dict.fromkeys(asked, 1.0)
    total = sum(wanted.values())
    return sum(weight for w, weight in wanted.items() if w in found) / total if total else 0.0
