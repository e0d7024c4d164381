"""What a made question is before and after it is verified, and how it is written as a line of a set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

__all__ = ["KINDS", "Proposal", "Quote", "split_of"]

KINDS = ("one", "two", "changed", "held out")
"""One passage answers; two do, joined by a name; none does, as a name or number was changed, or its document is
held out of the search."""
_SET_KINDS = {"one": "single", "two": "multi", "changed": "unanswerable", "held out": "unanswerable"}


@dataclass(frozen=True, slots=True)
class Quote:
    """document.text[start:end], the words that a question was made of."""

    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that may go into a set.

    key: what it was made of and how; the same in every run with the same documents and seed. answer: what the quotes
    say, also of a question whose document is held out. joint: the name that joins two quotes. changed: the word that no
    document may have.
    """

    key: str
    kind: str
    question: str
    answer: str
    quotes: tuple[Quote, ...]
    language: str
    by: str = "template"
    joint: str = ""
    changed: str = ""

    def line(self, test: float) -> dict[str, Any]:
        """The line of the set. test: the share of documents whose questions are of the test split."""
        answered = self.kind in ("one", "two")
        first = self.quotes[0].document_id
        meta: dict[str, Any] = {
            "language": self.language,
            "kind": _SET_KINDS[self.kind],
            "made": f"{self.kind} by {self.by}",
            "split": split_of(first, test),
            "cluster": first,
            "quotes": [
                {"document": q.document_id, "start": q.start, "end": q.end, "text": q.text} for q in self.quotes
            ],
        }
        if self.kind == "held out":
            meta["where"] = {"document_id": {"ne": first}}
        return {
            "id": hashlib.sha256(self.key.encode()).hexdigest()[:12],
            "question": self.question,
            "answers": [self.answer] if answered else [],
            "relevant": list(dict.fromkeys(q.document_id for q in self.quotes)) if answered else [],
            "meta": meta,
        }


def split_of(document_id: str, test: float) -> str:
    """`dev` or `test`, by the hash of the document: all questions of one document are of one split."""
    return "test" if hashlib.sha256(document_id.encode()).digest()[0] < 256 * test else "dev"
