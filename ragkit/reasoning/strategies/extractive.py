"""Answers without a language model: the sentences of the hits that answer, verbatim, each with its exact span.

The reader (`ragkit.reader`) gives every sentence and table row of the first hits the chance that it answers. Sure of
the best one, the answer is that, and what stands beside it on equal terms; not sure, it says "probably"; and where the
reader says that nothing answers, it abstains and shows the nearest passages. A row is shown under its column names, all
items of a list where the question asks for several. Lines that a document repeats from page to page answer nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from ...citing.abstention import abstention
from ...config import settings
from ...reader.answers import Found, Reader
from ...reader.asking import wants_many
from ...reader.candidates import Candidate, candidates
from ...reader.choosing import reader_of
from ...reader.frames import is_frame
from ...text.language import detect_language
from ...text.languages import language
from ...types import Answer, Citation, Cited, Done, Event, Retrieved, Token
from ..base import Task
from .quoting import written

__all__ = ["NO_MODEL_NOTE", "UNSURE_NOTE", "Extractive"]

PASSAGES = 5  # hits whose sentences are read
MAX_SENTENCES = 2
MAX_ITEMS = 12  # of a list or a table that is given whole
ROWS = 0.5  # share of the best row's chance from which another row of its table is an item too
_LOOKED = 5  # of the likeliest, whose documents are searched for repetitions of them

NO_MODEL_NOTE = (
    "no language model is configured: these are sentences of the documents, word for word; "
    "name a model with --model or RAGKIT_MODEL for a written answer"
)
NO_MODEL_ABSTAINED = "no language model is configured; one may find more, name it with --model or RAGKIT_MODEL"
UNSURE_NOTE = "not sure that this answers the question: read it in its passage"


class Extractive:
    """The strategy used until a model is configured; it says so in `answer.notes`.

    reader: scores the sentences instead of the one that the settings name. threshold: the chance below which it
    abstains, instead of the reader's own. `answer.confidence` is the reader's chance of the best sentence.
    """

    name = "extractive"

    def __init__(self, threshold: float | None = None, *, reader: Reader | None = None) -> None:
        self.threshold = threshold
        self.reader = reader

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, choose sentences, answer or abstain."""
        hits = tuple(await task.search(task.question, max(task.k, PASSAGES)))
        yield Retrieved(task.question, hits)
        found = await asyncio.to_thread(candidates, hits[:PASSAGES])
        reader = self.reader if self.reader is not None else await asyncio.to_thread(_configured, task)
        ranked = await asyncio.to_thread(reader.read, task.question, found) if found else []
        ranked = await _unframed(task, ranked)
        task.spend.hops += 1
        ledger = task.spend.ledger()
        low = reader.low if self.threshold is None else self.threshold
        if not ranked or ranked[0].chance < low:
            text = abstention(task.wording)
            yield Token(text)
            done = Answer(task.question, text, "abstained", hits=hits, ledger=ledger, notes=(NO_MODEL_ABSTAINED,))
            yield Done(done)
            return
        chosen = _chosen(task.question, ranked, found, reader.more)
        citations = tuple(_cite(n, c) for n, c in enumerate(chosen, 1))
        text = written(list(zip(citations, chosen, strict=True)))
        notes: tuple[str, ...] = (NO_MODEL_NOTE,)
        if ranked[0].chance < reader.high:
            lines = "\n" if text.startswith("|") else " "
            text = f"{_probably(task.wording)}{lines}{text}"
            notes = (UNSURE_NOTE, *notes)
        yield Token(text)
        for citation in citations:
            yield Cited(citation)
        sure = round(ranked[0].chance, 3)
        yield Done(
            Answer(task.question, text, "answered", citations, hits, ledger, confidence=sure, notes=notes),
        )


def _configured(task: Task) -> Reader:
    return reader_of(settings().reader, task.encoder())


def _probably(wording: str) -> str:
    known = language(detect_language(wording))
    english = language("en")
    assert english is not None
    return known.probably if known is not None and known.probably else english.probably


async def _unframed(task: Task, ranked: list[Found]) -> list[Found]:
    """Without the likeliest lines that their documents only repeat from page to page."""
    if task.chunks is None:
        return ranked
    kept = list(ranked)
    for found in ranked[:_LOOKED]:
        document = found.candidate.hit.document_id
        if not found.candidate.header and is_frame(found.candidate.text, await task.chunks(document)):
            kept.remove(found)
        elif len(kept) > 1 and found is kept[1]:
            break  # the two that can be quoted are looked at
    return kept


def _chosen(question: str, ranked: Sequence[Found], found: Sequence[Candidate], more: float) -> list[Candidate]:
    """The best, those about as likely, and the other items of its list or table where several are asked for."""
    best = ranked[0].candidate
    kept = [f.candidate for f in ranked[:MAX_SENTENCES] if f.chance >= more * ranked[0].chance]
    if wants_many(question):
        listed = _rows_like(ranked) if best.header else _list_around(best, found)
        kept = listed if len(listed) > 1 else kept
    return sorted(kept, key=lambda c: (c.hit.document_id != best.hit.document_id, c.hit.document_id, c.start))


def _rows_like(ranked: Sequence[Found]) -> list[Candidate]:
    """The rows of the best one's table that are likely too."""
    best, least = ranked[0].candidate, ROWS * ranked[0].chance
    same = [
        f for f in ranked if f.candidate.header == best.header and f.candidate.hit.document_id == best.hit.document_id
    ]
    return [f.candidate for f in same if f.chance >= least][:MAX_ITEMS]


def _list_around(best: Candidate, found: Sequence[Candidate]) -> list[Candidate]:
    """The items of the list that `best` is one of, or that it announces."""
    same = [c for c in found if c.rank == best.rank and not c.header]
    at = same.index(best)
    low = high = at if best.item else at + 1
    while low > 0 and same[low - 1].item and best.item:
        low -= 1
    while high < len(same) and same[high].item:
        high += 1
    items = same[low:high][:MAX_ITEMS]
    return items if best.item else [best, *items]


def _cite(marker: int, candidate: Candidate) -> Citation:
    chunk = candidate.hit.chunk
    return Citation(
        marker=marker,
        quote=candidate.text,
        document=chunk.title or chunk.document_id,
        document_id=chunk.document_id,
        start=candidate.start,
        end=candidate.end,
        page=chunk.page_at(candidate.start),
        source=chunk.source,
        chunk_id=chunk.id,
        support=1.0,
        index=chunk.index,
    )
