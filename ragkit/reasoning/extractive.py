"""Answers without a language model: the sentences of the hits that answer, verbatim, each with its exact span.

A sentence's score joins what it means and what it says:

    score = cos(question, sentence) + COVERAGE · (share of the question's content words found in sentence or title)
            + PLACE / rank of its chunk

Words are compared by their first letters, which forgives endings in every language. The best score decides whether
there is an answer at all: below `threshold` the strategy abstains and shows the nearest passages instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from ..embedding import EncoderLike
from ..text.language import detect_language, function_words, words
from ..text.sentences import sentence_spans
from ..types import Answer, Citation, Cited, Done, Event, Hit, Retrieved, Token
from .base import Task

__all__ = ["NO_MODEL_NOTE", "Extractive", "Sentence", "best_sentences", "coverage"]

THRESHOLD = 0.9  # see bench/extractive.py for the curve it was read from
COVERAGE = 0.8
PLACE = 0.3
PASSAGES = 5  # chunks whose sentences are scored
MORE = 0.88  # a further sentence joins the answer when it scores this share of the best
MAX_SENTENCES = 2
STEM = 5  # letters compared

NO_MODEL_NOTE = (
    "no language model is configured: these are sentences of the documents, word for word; "
    "name a model with --model or RAGKIT_MODEL for a written answer"
)
ABSTAINED = {
    "de": "Das steht nicht in diesen Dokumenten.",
    "ru": "В этих документах ответа нет.",
    "uk": "У цих документах відповіді немає.",
    "": "Not in these documents.",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit with its offsets in the document and its score."""

    hit: Hit
    start: int
    end: int
    text: str
    score: float


def coverage(question: str, text: str) -> float:
    """Share of the question's content words whose first letters begin some word of `text`; 0 without content words."""
    stop = function_words(detect_language(question))
    content = {w.casefold()[:STEM] for w in words(question) if w.casefold() not in stop}
    if not content:
        return 0.0
    found = {w.casefold()[:STEM] for w in words(text)}
    return len(content & found) / len(content)


def best_sentences(question: str, hits: Sequence[Hit], encoder: EncoderLike) -> list[Sentence]:
    """Score every sentence of the first hits, best first; overlapping copies are kept once."""
    spans: dict[tuple[str, int, int], tuple[int, Hit, str]] = {}
    for rank, hit in enumerate(hits[:PASSAGES], 1):
        chunk = hit.chunk
        for a, b in sentence_spans(chunk.text):
            spans.setdefault((chunk.document_id, chunk.start + a, chunk.start + b), (rank, hit, chunk.text[a:b]))
    if not spans:
        return []
    cosines = encoder.encode([text for _, _, text in spans.values()]) @ encoder.encode_query(question)
    scored = []
    for ((_, start, end), (rank, hit, text)), cosine in zip(spans.items(), cosines, strict=True):
        said = coverage(question, f"{hit.chunk.title} {' '.join(hit.chunk.section)} {text}")
        scored.append(Sentence(hit, start, end, text, float(cosine) + COVERAGE * said + PLACE / rank))
    return sorted(scored, key=lambda s: -s.score)


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
        if not ranked or ranked[0].score < self.threshold:
            text = ABSTAINED.get(detect_language(task.question), ABSTAINED[""])
            yield Token(text)
            yield Done(Answer(task.question, text, "abstained", hits=hits, ledger=ledger, notes=(NO_MODEL_NOTE,)))
            return
        chosen = [s for s in ranked[:MAX_SENTENCES] if s.score >= MORE * ranked[0].score]
        chosen.sort(key=lambda s: (s.hit.document_id != ranked[0].hit.document_id, s.hit.document_id, s.start))
        citations = tuple(_cite(n, s) for n, s in enumerate(chosen, 1))
        text = " ".join(f"{' '.join(c.quote.split())} [{c.marker}]" for c in citations)
        yield Token(text)
        for citation in citations:
            yield Cited(citation)
        yield Done(
            Answer(
                task.question, text, "answered", citations, hits, ledger,
                confidence=None, notes=(NO_MODEL_NOTE,),
            )
        )  # fmt: skip


def _cite(marker: int, sentence: Sentence) -> Citation:
    chunk = sentence.hit.chunk
    return Citation(
        marker=marker,
        quote=sentence.text,
        document=chunk.title or chunk.document_id,
        document_id=chunk.document_id,
        start=sentence.start,
        end=sentence.end,
        page=chunk.page,
        source=chunk.source,
        chunk_id=chunk.id,
        support=1.0,
    )
