"""Which sentence of the found passages answers a question, and how surely: the reader that ships.

    features = how the sentence fits the question (`asking`), the adapted encoder's log-odds that its window answers and
               its scores of an answer inside the sentence, the cosine, the place of its passage in the search
    chance   = a logistic layer over them, fitted on questions with and without an answer over searched passages

The best sentence's chance is the chance that the passages answer at all. Only the windows that share most with the
question are read, so that an answer costs about the same over any passages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from ..embedding import EncoderLike
from ..errors import RagkitError
from ..fusion import expected_trust
from .adapter import WEIGHTS, Adapted, Spans, adapted
from .asking import FIT, fit
from .candidates import WINDOW_TOKENS, Candidate, Window, windows
from .evidence import tokens_of
from .identifiers import identifiers
from .layer import Layer
from .tokens import FUNCTION, read_words

__all__ = ["FEATURES", "AnswerReader", "Found", "Reader", "Weighed"]

MODEL_FEATURES = ("answers", "answers_known", "span", "span_known", "span_best", "answers_best")
FEATURES = (*FIT, "cosine", "known", "rank", "behind", *MODEL_FEATURES)
WINDOWS = 6  # full ones that are read: they hold the answer of 98 in 100 questions that have one
OTHER = 0.3  # of its chance is left to what is not about an identifier that the question names
FIRST = 0.3  # of a window's share of the question's words, that a passage one nat behind the best loses
_ANSWER_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate, the chance in (0, 1) that it answers, and the words inside it that answer, where they are told."""

    candidate: Candidate
    chance: float
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its features, in the order of FEATURES, and the span of the document that answers inside it.

    around: the text that tells what it is about: of a sentence its window, of a row the row alone.
    """

    candidate: Candidate
    features: list[float]
    span: tuple[int, int] | None
    around: str


class Reader(Protocol):
    """Scores what may answer a question, best first.

    low, high: chances below and above which it is sure. more: share of the best one's chance from which another
    sentence joins it.
    """

    name: str
    low: float
    high: float
    more: float

    def read(self, question: str, found: Sequence[Candidate]) -> list[Found]: ...


class AnswerReader:
    """The reader that ships. What holds every word of the question is at least probable, whatever the layer thinks.

    Where the default encoder is not installed it reads by words and cosines alone.
    """

    more = 0.8

    def __init__(
        self,
        encoder: EncoderLike,
        *,
        model: Callable[[], Adapted] = adapted,
        layer: Layer | None = None,
    ) -> None:
        self._encoder = encoder
        try:
            self._model: Adapted | None = model()
        except RagkitError:
            self._model = None
        self.name = "ragkit" if self._model else "ragkit-words"
        self._layer = layer or _layer("model" if self._model else "words")
        self.low, self.high = self._layer.low, self._layer.high

    def read(self, question: str, found: Sequence[Candidate]) -> list[Found]:
        """The candidates of the windows that were read, each with its chance, best first."""
        named, asked = identifiers(question), _asked(question)
        read = []
        for w in self.weigh(question, found):
            chance = self._layer.chance(FEATURES, w.features)
            if not named <= identifiers(f"{w.candidate.aside} {w.around}"):
                chance *= OTHER
            elif _says_all(asked, w.candidate.text):
                chance = max(chance, self.low)
            read.append(Found(w.candidate, chance, w.span))
        return sorted(read, key=lambda f: -f.chance)

    def weigh(self, question: str, found: Sequence[Candidate]) -> list[Weighed]:
        """The candidates of the windows that share most with the question, in their order."""
        if not found:
            return []
        weights = _rarity(question, found)
        best = found[0].hit.score
        found = _nearest(found, weights)
        known = expected_trust(self._encoder.pieces_per_word(question))
        cosines = self._encoder.encode([f"{c.header}\n{c.text}".strip() for c in found]) @ self._encoder.encode_query(
            question
        )
        read = windows(found)
        model, spans = self._modelled(question, found, read, known)
        weighed: list[tuple[int, Weighed]] = []
        for w in read:
            for i, _, _ in w.members:
                c = found[i]
                around = c.text if c.header else w.text
                own = fit(question, c.text, c.aside, around, weights)
                place = [float(cosines[i]) * known, known, math.log(1 + c.rank), min(6.0, best - c.hit.score) / 6]
                weighed.append((i, Weighed(c, [*own, *place, *model[i]], spans[i], around)))
        return [w for _, w in sorted(weighed, key=lambda item: item[0])]

    def _modelled(
        self, question: str, found: Sequence[Candidate], read: Sequence[Window], known: float
    ) -> tuple[list[list[float]], list[tuple[int, int] | None]]:
        """MODEL_FEATURES of each candidate, and the best span inside it."""
        out = [[0.0] * len(MODEL_FEATURES) for _ in found]
        spans: list[tuple[int, int] | None] = [None] * len(found)
        if self._model is None:
            return out, spans
        told = self._model.read([(question, w.text) for w in read])
        most = max(t.answers for t in told)
        inside: dict[int, float] = {}
        for w, t in zip(read, told, strict=True):
            for i, a, b in w.members:
                score, span = _best_span(t, a, b)
                inside[i] = score
                spans[i] = span and (found[i].start + span[0] - a, found[i].start + min(span[1], b) - a)
                out[i][:4] = t.answers, t.answers * known, score, score * known
        best = max(inside.values())
        for w, t in zip(read, told, strict=True):
            for i, _, _ in w.members:
                out[i][4] = max(-8.0, inside[i] - best)
                out[i][5] = max(-8.0, t.answers - most)
        return out, spans


def _asked(question: str) -> set[str]:
    """Stems of what the question asks about."""
    return {w.stem for w in read_words(question) if w.kind != FUNCTION}


def _says_all(asked: set[str], sentence: str) -> bool:
    """Whether a sentence holds every stem that is asked about, two or more.

    >>> _says_all(_asked("Who approves travel?"), "The director approves travel.")
    True
    >>> _says_all(_asked("Who approves it?"), "She approves.")
    False
    """
    return len(asked) > 1 and asked <= {w.stem for w in read_words(sentence)}


def _nearest(found: Sequence[Candidate], weights: dict[str, float]) -> list[Candidate]:
    """The candidates of the windows that share most with the question, those of earlier passages first."""
    read = windows(found)
    total, best = sum(weights.values()) or 1.0, found[0].hit.score

    def share(window: Window) -> float:
        said = {w.stem for w in read_words(window.text)}
        behind = min(2.0, best - found[window.members[0][0]].hit.score)
        return sum(weight for stem, weight in weights.items() if stem in said) / total - FIRST * behind

    chosen: list[int] = []
    room: float = WINDOWS * WINDOW_TOKENS
    for i in sorted(range(len(read)), key=lambda i: -share(read[i])):
        if room <= 0:
            break
        chosen.append(i)
        room -= max(tokens_of(read[i].text), WINDOW_TOKENS / 4)
    return [found[i] for w in sorted(chosen) for i, _, _ in read[w].members]


def _best_span(told: Spans, start: int, end: int) -> tuple[float, tuple[int, int] | None]:
    """The best answer inside characters start to end of the window: its score over none, and its characters."""
    inside = np.flatnonzero((told.offsets[:, 0] >= start) & (told.offsets[:, 0] < end))
    if not len(inside):
        return -8.0, None
    first, last = told.first[inside], told.last[inside]
    sums = first[:, None] + last[None, :]
    reach = np.arange(len(inside))
    ahead = reach[None, :] - reach[:, None]
    sums = np.where((ahead >= 0) & (ahead < _ANSWER_TOKENS), sums, -1e9)
    a, b = divmod(int(sums.argmax()), len(inside))
    score = float(np.clip(sums[a, b] - told.none, -12.0, 12.0))
    return score, (int(told.offsets[inside[a], 0]), int(told.offsets[inside[b], 1]))


def _rarity(question: str, found: Sequence[Candidate]) -> dict[str, float]:
    """Weight of each stem of the question: ln(1 + (n + 1) / (1 + candidates with it))."""
    said = [{w.stem for w in read_words(f"{c.header}\n{c.text}")} for c in found]
    return {s: math.log(1 + (len(said) + 1) / (1 + sum(s in one for one in said))) for s in _asked(question)}


@lru_cache(maxsize=2)
def _layer(kind: str) -> Layer:
    return Layer.load(WEIGHTS / f"reader_{kind}.json")
