"""Do the cited passages carry what is said? Citation recall and precision of ALCE (Gao et al. 2023, arXiv:2305.14627).

Entailment is passed in; what it says is what these figures rest on, so its name belongs beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ragkit.text import sentence_spans

__all__ = ["CitationScore", "Cited", "cited_sentences", "premises", "score_citations", "without_markers"]

Entails = Callable[[str, str], bool]
"""``entails(premise, claim)``"""

MOST = 3  # cited passages that a sentence's recall may rest on, as in ALCE
_MARKER = re.compile(r"[ \t]*\[(\d{1,6})\]")
_LEADING = re.compile(r"\A(?:\s*\[\d{1,6}\])+[.!?…]*")


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence without its markers, and the numbers it cites, in order."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CitationScore:
    """Of one answer. precision counts over all citations that are in range; 0 if there is none."""

    recall: float
    precision: float
    sentences: int
    citations: int


def without_markers(text: str) -> str:
    """The text without [n] markers.

    >>> without_markers("Mixtral routes to two [1][3]. So it is.")
    'Mixtral routes to two. So it is.'
    """
    return _MARKER.sub("", text).strip()


def cited_sentences(text: str) -> list[Cited]:
    """Split an answer into sentences; markers that follow a full stop belong to the sentence before it.

    >>> cited_sentences("It is so. [2] And so [1][3].")
    [Cited(text='It is so.', numbers=(2,)), Cited(text='And so.', numbers=(1, 3))]
    """
    pieces: list[str] = []
    for start, end in sentence_spans(text):
        piece = text[start:end]
        leading = _LEADING.match(piece)
        if leading and pieces:
            pieces[-1] += leading[0]
            piece = piece[leading.end() :]
        if piece.strip():
            pieces.append(piece)
    cited = (Cited(without_markers(p), tuple(int(n) for n in _MARKER.findall(p))) for p in pieces)
    return [c for c in cited if any(ch.isalnum() for ch in c.text)]


def premises(sentence: Cited, passages: Mapping[int, str]) -> Iterator[str]:
    """Every premise that scoring may ask for, so that a checker can take all pairs of a run in one batch."""
    refs = [n for n in sentence.numbers if n in passages]
    if not refs or len(refs) < len(sentence.numbers):
        return
    yield _join(refs[:MOST], passages)
    if len(refs) > 1:
        for i, ref in enumerate(refs):
            yield _join([ref], passages)
            if i < MOST:
                yield _join(_others(refs, i), passages)


def score_citations(sentences: Sequence[Cited], passages: Mapping[int, str], entails: Entails) -> CitationScore:
    """Recall and precision of one answer; `passages[n]` is what [n] stands for; another n is out of range.

    A sentence is recalled iff it cites, all in range, and its first three passages together entail it. A citation is
    precise iff its sentence is recalled and it entails alone, or the others without it fail.
    """
    recalled = precise = total = 0
    for sentence in sentences:
        refs = [n for n in sentence.numbers if n in passages]
        total += len(refs)
        if not refs or len(refs) < len(sentence.numbers) or not entails(_join(refs[:MOST], passages), sentence.text):
            continue
        recalled += 1
        for i, ref in enumerate(refs):
            alone = len(refs) == 1 or entails(_join([ref], passages), sentence.text)
            precise += alone or (i < MOST and not entails(_join(_others(refs, i), passages), sentence.text))
    recall = recalled / len(sentences) if sentences else 0.0
    return CitationScore(recall, precise / total if total else 0.0, len(sentences), total)


def _others(refs: Sequence[int], i: int) -> list[int]:
    """The first three without the i-th of them."""
    return [r for j, r in enumerate(refs[:MOST]) if j != i]


def _join(refs: Sequence[int], passages: Mapping[int, str]) -> str:
    return "\n".join(passages[n] for n in refs)
