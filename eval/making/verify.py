"""What a question must stand before it goes into a set, without a model; a check gives the reason why it does not."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.reader.tokens import FUNCTION, read_words
from ragkit.text import sentence_spans
from ragkit.types import Hit

from ..metrics.answers import contains
from .corpus import Corpus
from .proposals import Proposal

__all__ = ["FOUND_AMONG", "refused", "without"]

FOUND_AMONG = 10  # hits of the search in which the quoted passage must stand
_SAME = 0.8  # share of the question's words that a sentence has which says the same


def refused(proposal: Proposal, corpus: Corpus) -> str:
    """Why a proposal is no good question, "" where it is one."""
    for q in proposal.quotes:
        if corpus.text(q.document_id)[q.start : q.end] != q.text:
            return "the quote is no slice of its document"
    if proposal.answer and contains(proposal.question, [proposal.answer], proposal.language):
        return "the question tells its answer"
    if proposal.kind == "changed":
        return _refused_change(proposal, corpus)
    first = proposal.quotes[0].document_id
    if proposal.kind == "held out":
        hits = corpus.index.search(proposal.question, FOUND_AMONG, where={"document_id": {"ne": first}})
        return "another document answers it too" if _says_it(proposal, hits) else ""
    hits = corpus.index.search(proposal.question, FOUND_AMONG)
    if not _among(hits, proposal, 0):
        return "the search does not find its passage"
    if proposal.kind == "two":
        second = corpus.index.search(f"{proposal.joint} {proposal.quotes[1].text}", FOUND_AMONG)
        if not _among(second, proposal, 1):
            return "the search does not find its second passage"
        if contains(proposal.quotes[0].text, [proposal.answer], proposal.language):
            return "one passage alone answers it"
        return ""
    return "another passage answers it too" if _says_it(proposal, without(hits, proposal)) else ""


def without(hits: Sequence[Hit], proposal: Proposal) -> list[Hit]:
    """The hits that hold no part of a quote."""
    return [h for h in hits if not any(_holds(h, q.document_id, q.start, q.end) for q in proposal.quotes)]


def _refused_change(proposal: Proposal, corpus: Corpus) -> str:
    new = [w.form for w in read_words(proposal.changed) if w.kind != FUNCTION]
    if not new or all(form in corpus.forms for form in new):
        return "a document has the changed name or number"
    return ""


def _among(hits: Sequence[Hit], proposal: Proposal, which: int) -> bool:
    q = proposal.quotes[which]
    return any(_holds(h, q.document_id, q.start, q.end) for h in hits)


def _holds(hit: Hit, document: str, start: int, end: int) -> bool:
    return hit.document_id == document and hit.chunk.start < end and hit.chunk.end > start


def _says_it(proposal: Proposal, hits: Sequence[Hit]) -> bool:
    """Whether a sentence of `hits` holds the answer and nearly all that the question says."""
    asked = _words(proposal.quotes[-1].text) - _words(proposal.answer)
    for hit in hits:
        for start, end in sentence_spans(hit.chunk.text):
            said = hit.chunk.text[start:end]
            alike = len(asked & _words(said)) >= _SAME * len(asked)
            if alike and contains(said, [proposal.answer], proposal.language):
                return True
    return False


def _words(text: str) -> set[str]:
    return {w.stem for w in read_words(text) if w.kind != FUNCTION}
