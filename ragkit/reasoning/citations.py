"""Tie what a model wrote to its sources: each marker [n] becomes the exact sentence it rests on, or it goes.

A marker names a passage of the prompt. Of that passage the sentence that supports the answer's sentence best becomes
the `Citation`: ``quote == document.text[start:end]``. Markers of the final text are numbered 1, 2, 3 … in order of
appearance, one for each quotation. A number that no passage bears is removed and reported, and so is one whose passage
has nothing to do with question and answer. Sentences left without a citation are reported as unsupported.

The support score is defined in `support`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ..augment.packing import Passage
from ..embedding import EncoderLike
from ..fusion import trust
from ..text.hidden import strip_hidden
from ..text.language import script_of
from ..text.sentences import sentence_spans
from ..types import Citation, Hit
from .support import KNOWN_WORD, coverage, support_score

__all__ = ["MARKER", "Checked", "CitationChecker", "check_citations"]

MARKER = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_MARKERS_FIRST = re.compile(r"\s*(?:\[\d{1,4}(?:\s*[,;]\s*\d{1,4})*\]\s*)+")
UNRELATED = 0.1  # support below which a marker is removed
WEAK = 0.25  # support below which a sentence is reported
LOOKAHEAD = 32  # characters that must follow a sentence before its end is certain


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


@dataclass(frozen=True, slots=True)
class _Source:
    hit: Hit
    start: int
    end: int
    text: str


class CitationChecker:
    """Checks an answer as it is written; what `push` and `finish` return is final and is never taken back.

    passages: what the markers may name; more can be added with `add` while the answer is being found.
    encoder: gives the embedding half of the support; without it the score is lexical.
    """

    def __init__(
        self, question: str, passages: Iterable[Passage], encoder: Callable[[], EncoderLike] | None = None
    ) -> None:
        self.question = question
        self._passages = {p.number: p for p in passages}
        self._encoder = encoder
        self._held = ""
        self._text: list[str] = []
        self._shown = 0
        self._spans: dict[tuple[str, int, int], int] = {}
        self.citations: list[Citation] = []
        self.unsupported: list[str] = []
        self.removed: list[str] = []

    def add(self, passages: Iterable[Passage]) -> None:
        """Let the markers name these passages too."""
        self._passages.update((p.number, p) for p in passages)

    @property
    def waiting(self) -> bool:
        """Whether a marker is held, so that `push` may call the encoder."""
        return "[" in self._held

    def push(self, piece: str) -> tuple[str, list[Citation]]:
        """Take more of the answer; return the text that is certain by now, and the citations new in it.

        Text is certain up to the first bracket of a sentence; what follows waits for the sentence's end.
        """
        self._held += strip_hidden(piece)
        if not self._text:
            self._held = self._held.lstrip()
        before = len(self.citations)
        spans = self._sentences(self._held)
        if len(spans) > 1 and len(self._held) - spans[-1][0] >= LOOKAHEAD:
            done = self._held[: spans[-1][0]]
            self._held = self._held[len(done) :]
            self._text.append(self._settle(done))
        return self._show(self._held.partition("[")[0].rstrip()), self.citations[before:]

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
            lead = _MARKERS_FIRST.match(text, start, end)
            if lead and spans and not MARKER.search(text, *spans[-1]):
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
        claim = " ".join(re.sub(r"\s*" + MARKER.pattern, "", sentence).split())
        cited: list[Citation] = []
        pieces: list[str] = []
        kept = at = 0
        just: set[int] = set()
        for match in MARKER.finditer(sentence):
            numbers = dict.fromkeys(int(n) for n in re.findall(r"\d+", match[1]))
            shown = dict.fromkeys(c.marker for n in numbers if (c := self._cite(n, claim, cited)) is not None)
            literal = sentence[at : match.start()]
            if not literal.strip() and shown and set(shown) <= just:  # "[4] [6]" whose quotation is the same one
                shown = {}
            else:
                just = set(shown) if literal.strip() else just | set(shown)
            pieces.append(literal if shown else literal.rstrip(" \t"))
            pieces.append("".join(f"[{n}]" for n in shown))
            kept += len(shown)
            at = match.end()
        pieces.append(sentence[at:])
        text = "".join(pieces)
        if len(MARKER.findall(text)) != kept:  # what stood around a removed marker has become one: only ours may stay
            text = "".join(p.replace("[", "(") if k % 2 == 0 else p for k, p in enumerate(pieces))
        if claim and any(c.isalnum() for c in claim):
            measured = [c.support for c in cited if c.support is not None]
            if not cited or (len(measured) == len(cited) and max(measured) < WEAK):
                self.unsupported.append(claim)
        return text

    def _cite(self, number: int, claim: str, cited: list[Citation]) -> Citation | None:
        """The citation for passage `number`, registered; None (and a report) where it does not hold."""
        passage = self._passages.get(number)
        if passage is None:
            self.removed.append(f"[{number}] names no passage")
            return None
        found = self._best(passage, claim)
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
            page=chunk.page,
            source=chunk.source,
            chunk_id=chunk.id,
            support=support,
        )
        self._spans[key] = len(self.citations)
        self.citations.append(citation)
        cited.append(citation)
        return citation

    def _best(self, passage: Passage, claim: str) -> tuple[_Source, float | None] | None:
        """The sentence of the passage that supports `claim` best, and by how much; None when nothing does."""
        sources = _sources(passage)
        if not sources:
            return None
        if script_of(claim) and script_of(claim) != script_of(passage.line):
            return self._nearest(sources, claim), None
        cosines: list[float] | None = None
        known = 0.0
        if self._encoder is not None:
            encoder = self._encoder()
            known = trust(encoder.pieces_per_word(claim))
            if known:
                rows = encoder.encode([f"{self.question} {claim}", *(s.text for s in sources)])
                cosines = (rows[1:] @ rows[0]).tolist()
        scores = [
            support_score(claim, f"{_around(s)} {s.text}", self.question)
            if cosines is None
            else support_score(claim, f"{_around(s)} {s.text}", self.question, cosine=cosines[k], known=known)
            for k, s in enumerate(sources)
        ]
        asked = [coverage(self.question, f"{_around(s)} {s.text}", "") for s in sources]
        best = max(range(len(sources)), key=lambda k: (scores[k] + KNOWN_WORD * asked[k], -k))
        if max(scores[best], *asked) < UNRELATED:
            return None  # a step towards the answer may share no word with it, but then it does with the question
        return sources[best], round(min(1.0, scores[best]), 4)

    def _nearest(self, sources: list[_Source], claim: str) -> _Source:
        """Across scripts: names, numbers and the question's words decide, else the passage's first sentence."""
        return max(sources, key=lambda s: (coverage(claim, s.text, self.question), -s.start))


def _around(source: _Source) -> str:
    chunk = source.hit.chunk
    return f"{chunk.title} {' '.join(chunk.section)}"


def _sources(passage: Passage) -> list[_Source]:
    """The sentences of the passage's chunks with their offsets in the document; headings only where nothing else is."""
    found: dict[tuple[int, int], _Source] = {}
    for hit in passage.hits:
        chunk = hit.chunk
        for a, b in sentence_spans(chunk.text):
            source = _Source(hit, chunk.start + a, chunk.start + b, chunk.text[a:b])
            found.setdefault((source.start, source.end), source)
    sources = list(found.values())
    return [s for s in sources if not s.text.startswith("#")] or sources


def check_citations(
    text: str,
    question: str,
    passages: Iterable[Passage] | Mapping[int, Passage],
    encoder: Callable[[], EncoderLike] | None = None,
) -> Checked:
    """Check a whole answer at once."""
    held = passages.values() if isinstance(passages, Mapping) else passages
    checker = CitationChecker(question, held, encoder)
    checker.push(text)
    checker.finish()
    return checker.checked()
