"""Which sentence of a passage a claim rests on, and how well: the quotation behind a citation.

Where claim and passage are in different scripts or languages their words cannot be compared. Then the support is
unknown (None), and a passage is not called unrelated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..augment.packing import NumberedPassage
from ..embedding import EncoderLike
from ..fusion import expected_trust
from ..text.language import detect_language, script_of
from ..text.statements import statements
from ..types import Hit
from .support import KNOWN_WORD, coverage, support_score

__all__ = ["Quotable", "countable", "passage_text", "quote_of"]

UNRELATED = 0.1  # support below which a passage has nothing to do with the claim
ASKED_FOR = 0.2  # share of the question's words in a sentence that may be one of "how many"


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of a passage; start, end: its offsets in the document."""

    hit: Hit
    start: int
    end: int
    text: str
    header: str = ""

    @property
    def context(self) -> str:
        """The sentence with the title and the headings that it stands under, a row with its column names too."""
        return " ".join(part for part in (_headings(self.hit), self.header, self.text) if part)


def quote_of(
    passage: NumberedPassage, claim: str, question: str, encoder: Callable[[], EncoderLike] | None = None
) -> tuple[Quotable, float | None] | None:
    """Return the sentence of `passage` that supports `claim` best, and by how much; None when nothing does."""
    sources = _sources(passage)
    if not sources:
        return None
    if not _comparable(claim, passage.line):  # names, numbers and the question's words decide, else what comes first
        return max(sources, key=lambda s: (coverage(claim, s.text, question), -s.start)), None
    cosines: list[float] | None = None
    known = 0.0
    if encoder is not None:
        model = encoder()
        known = expected_trust(model.pieces_per_word(claim))
        if known:
            rows = model.encode([f"{question} {claim}", *(s.text for s in sources)])
            cosines = (rows[1:] @ rows[0]).tolist()
    scores = [
        support_score(claim, s.context, question)
        if cosines is None
        else support_score(claim, s.context, question, cosine=cosines[k], known=known)
        for k, s in enumerate(sources)
    ]
    asked = [coverage(question, s.context, "") for s in sources]
    best = max(range(len(sources)), key=lambda k: (scores[k] + KNOWN_WORD * asked[k], -k))
    if max(scores[best], *asked) < UNRELATED:
        return None  # a step towards the answer may share no word with it, but then it does with the question
    return sources[best], round(min(1.0, scores[best]), 4)


def passage_text(passage: NumberedPassage) -> str:
    """All that a passage says: its chunks as they are in the document, with title and headings."""
    return "\n".join(f"{_headings(hit)}\n{hit.chunk.header}\n{hit.chunk.text}" for hit in passage.hits)


def countable(passage: NumberedPassage, question: str) -> int:
    """How many of the passage's sentences the question may ask to count; 1 at least."""
    return max(1, sum(coverage(question, source.text, "") >= ASKED_FOR for source in _sources(passage)))


def _comparable(claim: str, line: str) -> bool:
    """Whether two texts are in one script and, as far as that can be told, in one language."""
    script, language = script_of(claim), detect_language(claim)
    if script and script != script_of(line):
        return False
    return not language or detect_language(line) in ("", language)


def _headings(hit: Hit) -> str:
    return f"{hit.chunk.title} {' '.join(hit.chunk.section)}"


def _sources(passage: NumberedPassage) -> list[Quotable]:
    """The sentences of the passage's chunks; headings only where nothing else is."""
    found: dict[tuple[int, int], Quotable] = {}
    for hit in passage.hits:
        chunk = hit.chunk
        for s in statements(chunk.text, chunk.header):
            source = Quotable(hit, chunk.start + s.start, chunk.start + s.end, chunk.text[s.start : s.end], s.header)
            found.setdefault((source.start, source.end), source)
    sources = list(found.values())
    return [s for s in sources if not s.text.startswith("#")] or sources
