"""The documents that questions are made of: their sentences, and which names stand in which of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from ragkit.index import Index
from ragkit.reader.tokens import read_words
from ragkit.text import detect_language, sentence_spans

from ..sets.minimal import names_of
from .proposals import Quote

__all__ = ["Corpus", "Said"]

SHORTEST, LONGEST = 6, 45  # words of a sentence that a question is made of


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its language."""

    quote: Quote
    language: str


@dataclass
class Corpus:
    """Documents of an index in an order of the seed; at most `most` of them are read."""

    index: Index
    seed: int
    most: int = 2000
    _texts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def documents(self) -> list[str]:
        """Ids, shuffled."""
        ids = sorted(row.id for row in self.index.documents())
        Random(self.seed).shuffle(ids)
        return ids[: self.most]

    def text(self, document_id: str) -> str:
        """The text of a document, read once."""
        if document_id not in self._texts:
            self._texts[document_id] = self.index.document(document_id).text
        return self._texts[document_id]

    def sentences(self, document_id: str) -> list[Said]:
        """The running sentences of a document: no headings, table rows or code."""
        text = self.text(document_id)
        found = []
        for start, end in sentence_spans(text):
            said = text[start:end]
            if SHORTEST <= len(said.split()) <= LONGEST and said[-1:] in ".!?…。" and not set(said) & set("|{}=<>#"):
                found.append(Said(Quote(document_id, start, end, said), detect_language(said)))
        return found

    def in_turn(self, rng: Random) -> Iterator[Said]:
        """A sentence of each document in turn, so that no long one crowds out the others."""
        waiting = {d: self.sentences(d) for d in self.documents}
        for sentences in waiting.values():
            rng.shuffle(sentences)
        while waiting:
            for document in list(waiting):
                if waiting[document]:
                    yield waiting[document].pop()
                else:
                    del waiting[document]

    @cached_property
    def forms(self) -> frozenset[str]:
        """Every word of the documents, as words are compared."""
        return frozenset(w.form for d in self.documents for w in read_words(self.text(d)))

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the first documents, as models of what a name looks like here."""
        found = {name for d in self.documents[:50] for said in self.sentences(d) for name in names_of(said.quote.text)}
        return frozenset(n for n in found if len(n) > 3 and n[0].isupper() and n[1:].replace(" ", "").isalpha())

    @cached_property
    def named(self) -> dict[str, list[Said]]:
        """Names that stand in two documents or more, but in few, and the sentences that hold them."""
        found: dict[str, list[Said]] = {}
        for document in self.documents:
            for said in self.sentences(document):
                for name in dict.fromkeys(names_of(said.quote.text)):
                    found.setdefault(name, []).append(said)
        few = range(2, 6)
        return {
            name: sentences
            for name, sentences in found.items()
            if len(name) > 2 and len({s.quote.document_id for s in sentences}) in few
        }
