"""Does a document support a claim? The checker that ships: the adapted encoder, and exact agreement of words.

evidence = the sentences of the document that bear on the claim (`evidence`)
features = what claim and evidence share and where they differ (`agreement`), the cross-encoder's log-odds,
           the nearest sentence's cosine; each beside how far the encoder knows the claim's language
chance   = a logistic layer over them, fitted on labelled claims (its card says on which, and how well)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from ..embedding import EncoderLike
from ..errors import RagkitError
from ..fusion import expected_trust
from ..text.language import script_of
from ..text.sentences import sentence_spans
from .adapter import WEIGHTS, Adapted, adapted
from .agreement import AGREEMENT, agreement
from .evidence import choose_evidence
from .layer import Layer

__all__ = ["FEATURES", "SupportChecker"]

EVIDENCE_TOKENS = 110
_NEAR = 2.0  # weight of a cosine of 1, in rare words
FEATURES = (*AGREEMENT, "cosine", "log_odds", "log_odds_known", "known", "other_script", "cosine_other_script")


class SupportChecker:
    """Chances that each (document, claim) is supported. Needs no network and no language model.

    Where the default encoder is not installed it goes by words and cosines alone, and is named so.
    """

    threshold = 0.5

    def __init__(
        self, encoder: EncoderLike, *, model: Callable[[], Adapted] = adapted, layer: Layer | None = None
    ) -> None:
        self._encoder = encoder
        try:
            self._model: Adapted | None = model()
        except RagkitError:
            self._model = None
        self.name = "ragkit" if self._model else "ragkit-words"
        self._layer = layer or _layer("model" if self._model else "words")

    def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
        """In the order of `pairs`; every sentence is embedded once."""
        return [self._layer.chance(FEATURES, row) for row in self.features(pairs)]

    def features(self, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
        """The features named in FEATURES of each (document, claim)."""
        near = self._cosines(pairs)
        chosen, best = [], []
        for (document, claim), cosines in zip(pairs, near, strict=True):
            spans = sentence_spans(document)
            weights = [_NEAR * max(0.0, c) for c in cosines]
            kept = choose_evidence(claim, document, tokens=EVIDENCE_TOKENS, near=weights)
            chosen.append([document[a:b] for a, b in kept] or [document])
            best.append(max((c for c, s in zip(cosines, spans, strict=True) if s in kept), default=0.0))
        odds = [0.0] * len(pairs)
        if self._model is not None:
            read = [(claim, " ".join(c)) for (_, claim), c in zip(pairs, chosen, strict=True)]
            odds = self._model.supports(read).tolist()
        rows = []
        for (document, claim), sentences, cosine, score in zip(pairs, chosen, best, odds, strict=True):
            known = expected_trust(self._encoder.pieces_per_word(claim))
            other = float(script_of(claim) != script_of(" ".join(sentences)))
            own = agreement(claim, sentences, document)
            rows.append([*own, cosine * known, score, score * known, known, other, other * cosine])
        return rows

    def _cosines(self, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
        parts = {d: [d[a:b] for a, b in sentence_spans(d)] for d, _ in pairs}
        texts = list(dict.fromkeys([s for part in parts.values() for s in part] + [c for _, c in pairs]))
        rows = self._encoder.encode(texts)
        place = {text: i for i, text in enumerate(texts)}
        return [
            np.asarray([rows[place[s]] for s in parts[d]] @ rows[place[c]] if parts[d] else []).tolist()
            for d, c in pairs
        ]


@lru_cache(maxsize=2)
def _layer(kind: str) -> Layer:
    return Layer.load(WEIGHTS / f"checker_{kind}.json")
