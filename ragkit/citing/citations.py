"""Tie what a model wrote to its sources: each marker [n] becomes the exact sentence it rests on, or it goes.

A marker names a passage of the prompt, in any form that `markers` reads. Of that passage the sentence that supports the
answer's sentence best becomes the `Citation`: ``quote == document.text[start:end]``. Markers of the final text are
numbered 1, 2, 3 … in order of appearance, one for each quotation. A number that no passage bears is removed and
reported, and so is one whose passage has nothing to do with question and answer.

Reported as unsupported are sentences left without a citation, those that their citations support weakly (`support`),
and those with a number that is in none of the cited passages and does not follow from them (`figures`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ..augment.packing import NumberedPassage
from ..embedding import EncoderLike
from ..text.hidden import strip_hidden
from ..text.sentences import sentence_spans
from ..types import Citation
from .figures import unfounded
from .markers import OPENING, find_markers, marker, markers_first, unfinished, without_markers
from .quoting import countable, passage_text, quote_of

__all__ = ["Checked", "CitationChecker", "check_citations"]

WEAK = 0.25  # support below which a sentence is reported
LOOKAHEAD = 32  # characters that must follow a sentence before its end is certain
_ROUND = str.maketrans("[【［", "(((")


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer's text with checked markers; `removed` tells of each marker that is gone, and why."""

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def support(self) -> float:
        """Mean support over sentences: 0 for one without citation, 1/2 where it cannot be measured."""
        known = [0.5 if c.support is None else c.support for c in self.citations]
        return sum(known) / max(1, len(known) + len(self.unsupported))


class CitationChecker:
    """Checks an answer as it is written; what `push` and `finish` return is final and is never taken back.

    passages: what the markers may name; more can be added with `add` while the answer is being found.
    encoder: gives the embedding half of the support; without it the score is lexical.
    """

    def __init__(
        self, question: str, passages: Iterable[NumberedPassage], encoder: Callable[[], EncoderLike] | None = None
    ) -> None:
        self.question = question
        self._passages = {p.number: p for p in passages}
        self._encoder = encoder
        self._held = ""
        self._text: list[str] = []
        self._shown = 0
        self._spans: dict[tuple[str, int, int], int] = {}
        self._founded: list[str] = []
        self.citations: list[Citation] = []
        self.unsupported: list[str] = []
        self.removed: list[str] = []

    def add(self, passages: Iterable[NumberedPassage]) -> None:
        """Let the markers name these passages too."""
        self._passages.update((p.number, p) for p in passages)

    @property
    def waiting(self) -> bool:
        """Whether a marker is held, so that `push` may call the encoder."""
        return OPENING.search(self._held) is not None

    def push(self, piece: str) -> tuple[str, list[Citation]]:
        """Take more of the answer; return the text that is certain by now, and the citations new in it.

        Text is certain up to the first bracket of a sentence; what follows waits for the sentence's end.
        """
        self._held += strip_hidden(piece)
        if not self._text:
            self._held = self._held.lstrip()
        before = len(self.citations)
        spans = self._sentences(self._held)
        last = spans[-1][0] if spans else 0
        if len(spans) > 1 and len(self._held) - last >= LOOKAHEAD and not unfinished(self._held, last):
            done = self._held[:last]
            self._held = self._held[len(done) :]
            self._text.append(self._settle(done))
        return self._show(OPENING.split(self._held, 1)[0].rstrip()), self.citations[before:]

    def finish(self) -> tuple[str, list[Citation]]:
        """Return the rest."""
        before = len(self.citations)
        rest, self._held = self._held.rstrip(), ""
        self._text.append(self._settle(rest))
        return self._show(""), self.citations[before:]

    def _show(self, certain: str) -> str:
        text = "".join(self._text) + certain
        new = text[self._shown :]
        self._shown = max(self._shown, len(text))
        return new

    def checked(self) -> Checked:
        """All of it, after `finish`."""
        return Checked("".join(self._text).strip(), tuple(self.citations), tuple(self.unsupported), tuple(self.removed))

    @staticmethod
    def _sentences(text: str) -> list[tuple[int, int]]:
        """Sentence spans where markers that follow a full stop belong to the sentence before it."""
        spans: list[tuple[int, int]] = []
        for start, end in sentence_spans(text):
            lead = markers_first().match(text, start, end)
            if lead and spans and not marker().search(text, *spans[-1]):
                spans[-1] = (spans[-1][0], lead.end())
                start = lead.end()
                if start >= end:
                    continue
            spans.append((start, end))
        return spans

    def _settle(self, text: str) -> str:
        out, at = [], 0
        for start, end in self._sentences(text):
            out.append(text[at:start] + self._sentence(text[start:end]))
            at = end
        return "".join(out) + text[at:]

    def _sentence(self, sentence: str) -> str:
        claim = " ".join(without_markers(sentence).split())
        cited: list[Citation] = []
        read: dict[int, NumberedPassage] = {}
        pieces: list[str] = []
        kept = at = 0
        just: set[int] = set()
        for found in find_markers(sentence):
            shown: dict[int, None] = {}
            for number in found.numbers:
                citation = self._cite(number, claim, cited)
                if citation is not None:
                    shown[citation.marker] = None
                    read[number] = self._passages[number]
            literal = sentence[at : found.start]
            if not literal.strip() and shown and set(shown) <= just:  # "[4] [6]" whose quotation is the same one
                shown = {}
            else:
                just = set(shown) if literal.strip() else just | set(shown)
            pieces.append(literal if shown else literal.rstrip(" \t"))
            pieces.append("".join(f"[{n}]" for n in shown))
            kept += len(shown)
            at = found.end
        pieces.append(sentence[at:])
        text = "".join(pieces)
        if len(list(find_markers(text))) != kept:  # what stood around a removed marker is one now: only ours may stay
            text = "".join(p.translate(_ROUND) if k % 2 == 0 else p for k, p in enumerate(pieces))
        if any(c.isalnum() for c in claim):
            self._weigh(claim, cited, read.values())
        return text

    def _weigh(self, claim: str, cited: list[Citation], read: Collection[NumberedPassage]) -> None:
        """Report a claim that its citations do not carry."""
        measured = [c.support for c in cited if c.support is not None]
        weak = len(measured) == len(cited) and max(measured, default=0.0) < WEAK
        many = sum(countable(p, self.question) for p in read)
        texts = [passage_text(p) for p in read]
        if weak or unfounded(claim, texts, self.question, said=self._founded, countable=many):
            self.unsupported.append(claim)
        else:
            self._founded.append(claim)

    def _cite(self, number: int, claim: str, cited: list[Citation]) -> Citation | None:
        """The citation for passage `number`, registered; None (and a report) where it does not hold."""
        passage = self._passages.get(number)
        if passage is None:
            self.removed.append(f"[{number}] names no passage")
            return None
        found = quote_of(passage, claim, self.question, self._encoder)
        if found is None:
            self.removed.append(f"[{number}] has nothing to do with: {claim[:80]}")
            return None
        source, support = found
        key = (source.hit.document_id, source.start, source.end)
        if key in self._spans:
            known = self.citations[self._spans[key]]
            if support is not None and (known.support is None or support > known.support):
                known = self.citations[self._spans[key]] = replace(known, support=support)
            cited.append(replace(known, support=support))
            return known
        chunk = source.hit.chunk
        citation = Citation(
            marker=len(self.citations) + 1,
            quote=source.text,
            document=chunk.title or chunk.document_id,
            document_id=chunk.document_id,
            start=source.start,
            end=source.end,
            page=chunk.page_at(source.start),
            source=chunk.source,
            chunk_id=chunk.id,
            support=support,
            index=chunk.index,
        )
        self._spans[key] = len(self.citations)
        self.citations.append(citation)
        cited.append(citation)
        return citation


def check_citations(
    text: str,
    question: str,
    passages: Iterable[NumberedPassage] | Mapping[int, NumberedPassage],
    encoder: Callable[[], EncoderLike] | None = None,
) -> Checked:
    """Check a whole answer at once."""
    held = passages.values() if isinstance(passages, Mapping) else passages
    checker = CitationChecker(question, held, encoder)
    checker.push(text)
    checker.finish()
    return checker.checked()
