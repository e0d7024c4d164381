"""How far the encoder is trusted with each language of an index: learnt from the index's own text, kept with it.

A sentence is taken out of a passage and asked as a question: which of 32 passages is the rest of its own? The encoder
answers by cosine, the lexical half by its BM25. An encoder that knows the language finds as many as the words
do or more; one that does not finds few. all-MiniLM-L6-v2 finds 1.1 times as many in English, .8 to .9 in German, .7 in
Spanish, .5 in Vietnamese, .3 in Russian and in Greek. Trust rises from 0 at `UNKNOWN` to 1 at `KNOWN`; the two were
set by hand on SQuAD, XQuAD's German questions and the German and Spanish help of `bench/languages.py`, none held out.

Until a language has 32 passages to ask about, trust is what the encoder's tokenizer lets expect of it (`fusion`).
Questions are asked again when the language has grown fourfold, so that all the asking costs a bounded share of the
ingest; all choices are the same for the same text in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import log
from typing import Any

import numpy as np

from ..embedding import EncoderLike
from ..fusion import expected_trust
from ..text.reading import reading_units
from ..text.sentences import sentence_spans
from ..views.analysis import Analysis
from ..views.lexical import GRAM_WEIGHT

__all__ = ["WHOLE", "Agreement", "Trust", "agreement", "head", "unknown_language"]

POOL = 32  # passages that a question chooses among
POOLS = 2  # one where the encoder is not expected to know the language, which makes its tokens many
GROWTH = 4
UNKNOWN, KNOWN = 0.8, 1.05  # passages found by the encoder for each that the words find
WHOLE = 0.1  # least trust for which passages are embedded as wholes
HEAD_CHARACTERS = 96  # embedded of a passage in a language that the encoder does not know: names and numbers are there
SHARE = 0.05  # of the passages: a language that a question in another one may be meant to find
_PASSAGE_CHARACTERS, _QUESTION_CHARACTERS = 400, 120  # what is read of a passage and a sentence
_LEAST_UNITS = 4
_SAMPLE = 1_000  # characters by which an unknown language is judged


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is known of one language: its passages, how many there were at the last asking, questions and finds.

    expected: the trust that its first text let expect.
    """

    passages: int = 0
    expected: float = 1.0
    asked_at: int = 0
    questions: int = 0
    dense: int = 0
    lexical: int = 0

    @property
    def trust(self) -> float:
        """0 to 1: as learnt, or as expected before anything was asked."""
        if not self.questions:
            return self.expected
        found = max(self.lexical, self.questions // 4)  # where words find hardly anything, cosines must find some
        ratio = self.dense / found
        return float(np.clip((ratio - UNKNOWN) / (KNOWN - UNKNOWN), 0.0, 1.0))

    @property
    def is_due(self) -> bool:
        """Whether the language has grown enough to be asked about."""
        return self.passages >= max(POOL, GROWTH * self.asked_at)


class Trust:
    """The trust in one encoder, by language. `kept` is what `to_settings` gave; that of another encoder is not used."""

    def __init__(self, encoder: EncoderLike, kept: object = None) -> None:
        self._encoder = encoder
        self._known: dict[str, Agreement] = {}
        if isinstance(kept, Mapping) and kept.get("encoder") == encoder.fingerprint:
            self._known = {code: Agreement(**counts) for code, counts in kept["languages"].items()}

    def of(self, language: str, text: str) -> float:
        """Trust in a text of a language (ISO 639-1 code, or ""): learnt, else what the text's tokens let expect."""
        known = self._known.get(language)
        return self._expected(text) if known is None or not language else known.trust

    def of_question(self, language: str, question: str) -> float:
        """Trust in a question. Asked in a language that the index lacks, no more than in the best of those it has."""
        own = self.of(language, question)
        if language in self._known:
            return own
        total = sum(known.passages for known in self._known.values())
        common = [known.trust for known in self._known.values() if known.passages >= SHARE * total]
        return min(own, max(common)) if common else own

    def take(self, passages: Sequence[tuple[str, str]]) -> bool:
        """Count (language, text) of new passages and ask about the languages that are due; whether anything changed."""
        by_language: dict[str, list[str]] = {}
        for language, text in passages:
            by_language.setdefault(language, []).append(text)
        for language, texts in by_language.items():
            known = self._known.get(language) or Agreement(expected=self._expected(" ".join(texts[:4])))
            known = replace(known, passages=known.passages + len(texts))
            if language and known.is_due:
                found = agreement(self._encoder, texts, language, pools=POOLS if known.expected else 1)
                known = replace(
                    known,
                    asked_at=known.passages if found[0] else known.asked_at,
                    questions=known.questions + found[0],
                    dense=known.dense + found[1],
                    lexical=known.lexical + found[2],
                )
            self._known[language] = known
        return bool(by_language)

    def to_settings(self) -> dict[str, Any]:
        """What is kept with the index, as JSON."""
        return {
            "encoder": self._encoder.fingerprint,
            "languages": {code: asdict(known) for code, known in sorted(self._known.items())},
        }

    def _expected(self, text: str) -> float:
        return expected_trust(self._encoder.pieces_per_word(text[:_SAMPLE]))


def unknown_language(kept: object) -> str | None:
    """The language (ISO 639-1) that more than half of an index is in and the encoder does not know; None without one.

    kept: what `Trust.to_settings` gave, of whatever encoder.
    """
    languages = kept.get("languages", {}) if isinstance(kept, Mapping) else {}
    known = {code: Agreement(**counts) for code, counts in languages.items()}
    total = sum(each.passages for each in known.values())
    most = max(known, key=lambda code: known[code].passages, default="")
    return most if most and known[most].passages > total / 2 and known[most].trust < WHOLE else None


def agreement(encoder: EncoderLike, texts: Sequence[str], language: str, *, pools: int = POOLS) -> tuple[int, int, int]:
    """Ask about sentences of passages; return how many questions, and how many the encoder and the words found."""
    pairs = [pair for text in texts if (pair := _question_of(text)) is not None]
    pools = min(pools, len(pairs) // POOL)
    dense = lexical = 0
    for pool in range(pools):
        step = len(pairs) / POOL
        chosen = [pairs[int(i * step + pool * step / pools)] for i in range(POOL)]
        questions, rests = [q for q, _ in chosen], [r for _, r in chosen]
        cosines = np.stack([encoder.encode_query(q) for q in questions]) @ encoder.encode(rests).T
        words = _bm25(questions, rests, language)
        own = np.arange(POOL)
        dense += int((cosines.argmax(axis=1) == own).sum())
        lexical += int(((words.argmax(axis=1) == own) & (words.max(axis=1) > 0)).sum())
    return pools * POOL, dense, lexical


def head(text: str) -> str:
    """The beginning of a text, whole words: all that is worth an encoder's time where it does not know the language."""
    if len(text) <= HEAD_CHARACTERS:
        return text
    return text[: HEAD_CHARACTERS + 1].rsplit(None, 1)[0][:HEAD_CHARACTERS]


def _question_of(text: str) -> tuple[str, str] | None:
    """A sentence from the middle of a passage, and the passage without it; None for a passage of few sentences."""
    spans = sentence_spans(text[: 2 * _PASSAGE_CHARACTERS])
    if len(spans) < 3:
        return None
    start, end = spans[len(spans) // 2]
    question = text[start : min(end, start + _QUESTION_CHARACTERS)]
    rest = f"{text[:start].strip()} {text[end:].strip()}"[:_PASSAGE_CHARACTERS]
    return (question, rest) if reading_units([question])[0] >= _LEAST_UNITS and question not in rest else None


def _bm25(questions: Sequence[str], passages: Sequence[str], language: str) -> Any:
    """What the lexical view would score: words, and grams for a third; shape (questions, passages)."""
    analysis = Analysis()
    name = analysis.name_of(language)
    words = [[analysis.words(text, name) for text in texts] for texts in (questions, passages)]
    grams = [[analysis.grams(text, [name]) for text in texts] for texts in (questions, passages)]
    return _scores(*words) + GRAM_WEIGHT * _scores(*grams)


def _scores(questions: Sequence[Sequence[str]], passages: Sequence[Sequence[str]]) -> Any:
    """BM25 (k1 = 1.2, b = 0.75) of each question's distinct terms in each passage; shape (questions, passages)."""
    held = [Counter(terms) for terms in passages]
    lengths = np.array([max(1, terms.total()) for terms in held])
    norms = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
    frequency = Counter(term for terms in held for term in terms)
    scores = np.zeros((len(questions), len(passages)))
    for row, question in enumerate(questions):
        for term in set(question) & frequency.keys():
            times = np.array([terms[term] for terms in held])
            idf = log(1 + (len(held) - frequency[term] + 0.5) / (frequency[term] + 0.5))
            scores[row] += idf * times * 2.2 / (times + norms)
    return scores
