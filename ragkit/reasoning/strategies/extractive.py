"""Answers without a language model: the sentences of the hits that answer, verbatim, each with its exact span.

A sentence's evidence joins what it means and what it says, both in [0, 1]:

    evidence = (trust · cos(question, sentence) + COVERAGE · coverage) / (trust + COVERAGE)
    score    = evidence + PLACE · (score of its passage − score of the best passage)

*trust* is how well the encoder knows the question's language (see `ragkit.fusion`). *coverage* is the share of the
question's words that the sentence holds, each weighted by its rarity among the sentences at hand; a word that stands
only in the title, the headings, a row's column names or the sentence before counts half. Words are compared folded and
by their first letters, which forgives spelling and endings; those with a digit whole. The best evidence decides whether
there is an answer at all: below the threshold the strategy abstains and shows the nearest passages instead.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from ...citing.abstention import abstention
from ...embedding import EncoderLike
from ...fusion import expected_trust
from ...text.folding import fold
from ...text.foreign import for_answer
from ...text.language import detect_language, function_words, words
from ...text.statements import statements
from ...types import Answer, Citation, Cited, Done, Event, Hit, Retrieved, Token
from ..base import Task

__all__ = ["NO_MODEL_NOTE", "Extractive", "Sentence", "best_sentences", "coverage", "stems"]

THRESHOLD = 0.45  # of evidence; read off the curve that bench/extractive.py prints
COVERAGE = 0.8
PLACE = 0.015  # per nat of the fused score
ASIDE = 0.5  # weight of a word found beside the sentence, not in it
PASSAGES = 5  # hits whose sentences are scored
MORE = 0.85  # a further sentence joins the answer when it scores this share of the best
MAX_SENTENCES = 2
STEM = 5  # letters compared
_MARKER = re.compile(r"(?:(?:[-*•]|\d{1,2}[.)])\s+)?")  # of a list item: no part of what it says

_DIGIT = re.compile(r"\d")

TITLE_WORDS = 8  # at most, of a document's first line that is taken for its title

NO_MODEL_NOTE = (
    "no language model is configured: these are sentences of the documents, word for word; "
    "name a model with --model or RAGKIT_MODEL for a written answer"
)
NO_MODEL_ABSTAINED = "no language model is configured; one may find more, name it with --model or RAGKIT_MODEL"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit with its offsets in the document, its evidence in [0, 1] and the score that orders it."""

    hit: Hit
    start: int
    end: int
    text: str
    evidence: float
    score: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    start: int
    end: int
    text: str
    said: frozenset[str]
    aside: frozenset[str]
    header: str = ""


def best_sentences(question: str, hits: Sequence[Hit], encoder: EncoderLike) -> list[Sentence]:
    """Score every sentence of the first hits, best first; overlapping copies are kept once."""
    candidates = _candidates(hits[:PASSAGES])
    if not candidates:
        return []
    known = expected_trust(encoder.pieces_per_word(question))
    cosines = encoder.encode([f"{c.header}\n{c.text}".strip() for c in candidates]) @ encoder.encode_query(question)
    covered = coverage(question, [(c.said, c.aside) for c in candidates])
    best = hits[0].score
    scored = []
    for c, cosine, share in zip(candidates, cosines.tolist(), covered, strict=True):
        evidence = (known * max(0.0, cosine) + COVERAGE * share) / (known + COVERAGE)
        scored.append(Sentence(c.hit, c.start, c.end, c.text, evidence, evidence + PLACE * (c.hit.score - best)))
    return sorted(scored, key=lambda s: -s.score)


def coverage(question: str, sentences: Sequence[tuple[frozenset[str], frozenset[str]]]) -> list[float]:
    """Share of the question's word stems each (said, aside) holds, weighted by ln(1 + (n + 1) / (1 + df))."""
    wanted = stems(question, function_words(detect_language(question)))
    weights = {w: math.log(1 + (len(sentences) + 1) / (1 + sum(w in said for said, _ in sentences))) for w in wanted}
    total = sum(weights.values())
    if not total:
        return [0.0] * len(sentences)
    return [
        sum(weight * (1.0 if w in said else ASIDE if w in aside else 0.0) for w, weight in weights.items()) / total
        for said, aside in sentences
    ]


def stems(text: str, skip: frozenset[str] = frozenset()) -> frozenset[str]:
    """The first letters of every word, folded, that is not in `skip`; one with a digit (a number, a code) is whole."""
    return frozenset(w if _DIGIT.search(w) else w[:STEM] for w in map(fold, words(text)) if w not in skip)


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    found: dict[tuple[str, int, int], _Candidate] = {}
    for hit in hits:
        chunk = hit.chunk
        around = stems(f"{chunk.title} {' '.join(chunk.section)}")
        before: frozenset[str] = frozenset()
        for statement in statements(chunk.text, chunk.header):
            a, b, header = statement.start, statement.end, statement.header
            a += _MARKER.match(chunk.text[a:b]).end()  # type: ignore[union-attr]
            text = chunk.text[a:b]
            columns = stems(header)
            said = stems(text)
            key = (chunk.document_id, chunk.start + a, chunk.start + b)
            if not _is_heading(text, first=key[1] == 0 and chunk.text[b : b + 1] == "\n"):
                aside = around | columns if header else around | before
                found.setdefault(key, _Candidate(hit, key[1], key[2], text, said, aside, header))
            before = said
    return list(found.values())


def _is_heading(text: str, *, first: bool) -> bool:
    """Whether a sentence is a heading. first: it is the document's first line, and the line holds nothing else."""
    return "\n" not in text and (text.startswith("#") or (first and len(words(text)) <= TITLE_WORDS))


class Extractive:
    """The strategy used until a model is configured; it says so in `answer.notes`."""

    name = "extractive"

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, choose sentences, answer or abstain."""
        hits = tuple(await task.search(task.question, max(task.k, PASSAGES)))
        yield Retrieved(task.question, hits)
        ranked = await asyncio.to_thread(best_sentences, task.question, hits, task.encoder()) if hits else []
        task.spend.hops += 1
        ledger = task.spend.ledger()
        if not ranked or ranked[0].evidence < self.threshold:
            text = abstention(task.wording)
            yield Token(text)
            yield Done(Answer(task.question, text, "abstained", hits=hits, ledger=ledger, notes=(NO_MODEL_ABSTAINED,)))
            return
        chosen = [s for s in ranked[:MAX_SENTENCES] if s.score >= MORE * ranked[0].score]
        chosen.sort(key=lambda s: (s.hit.document_id != ranked[0].hit.document_id, s.hit.document_id, s.start))
        citations = tuple(_cite(n, s) for n, s in enumerate(chosen, 1))
        text = " ".join(f"{for_answer(' '.join(c.quote.split()))} [{c.marker}]" for c in citations)
        yield Token(text)
        for citation in citations:
            yield Cited(citation)
        yield Done(
            Answer(
                task.question,
                text,
                "answered",
                citations,
                hits,
                ledger,
                confidence=None,
                notes=(NO_MODEL_NOTE,),
            )
        )


def _cite(marker: int, sentence: Sentence) -> Citation:
    chunk = sentence.hit.chunk
    return Citation(
        marker=marker,
        quote=sentence.text,
        document=chunk.title or chunk.document_id,
        document_id=chunk.document_id,
        start=sentence.start,
        end=sentence.end,
        page=chunk.page_at(sentence.start),
        source=chunk.source,
        chunk_id=chunk.id,
        support=1.0,
    )
