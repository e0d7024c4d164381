"""Hybrid search over the two views: candidates of both halves, every missing score filled, one adaptive fusion.

Formulas and their reasons are in `ragkit.fusion`; this file only brings the numbers together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from ..asking import checked_question
from ..changes import FloatArray, IdArray, above
from ..embedding import EncoderLike
from ..errors import UsageError
from ..fusion import REREAD, add_closeness, closeness, fill, fuse
from ..rerank import CrossEncoderReranker
from ..store import Store, StoredChunk
from ..text.language import detect_language
from ..types import Hit
from ..views.base import Conditions, Scores
from .live import LiveViews
from .trust import Trust

__all__ = ["ChunkReader", "Mode", "Ranking", "check_query", "rank", "reorder", "to_hits"]

Mode = Literal["hybrid", "dense", "lexical"]
MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")
CANDIDATES = 100  # of each half; at least twice the hits asked for


class Ranking:
    """Chunk ids best first, the score that ordered them, and each half's own scores."""

    def __init__(self, ids: IdArray, scores: FloatArray, halves: Mapping[str, FloatArray]) -> None:
        order = np.argsort(-scores, kind="stable")
        self.ids, self.scores = ids[order], scores[order]
        self.halves = {name: values[order] for name, values in halves.items()}

    def top(self, k: int) -> list[tuple[int, float, dict[str, float]]]:
        """The `k` best: (chunk id, score, scores of the halves)."""
        return [
            (int(self.ids[i]), float(self.scores[i]), {n: float(v[i]) for n, v in self.halves.items()})
            for i in range(min(k, len(self.ids)))
        ]


class ChunkReader:
    """Reads chunks from the store, each once: closeness and the hits look at mostly the same ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, StoredChunk] = {}

    def __call__(self, ids: Sequence[int]) -> dict[int, StoredChunk]:
        """The chunks of these ids that are still there."""
        missing = [i for i in ids if i not in self._known]
        if missing:
            self._known |= self._store.chunks(missing)
        return {i: self._known[i] for i in ids if i in self._known}


def check_query(query: str, k: int, mode: str) -> str:
    """Return the stripped query. Raises UsageError for an empty or huge query, k below 1 or an unknown mode."""
    query = checked_question(query)
    if k < 1:
        raise UsageError(f"k={k} is below 1; ask for at least one hit")
    if mode not in MODES:
        raise UsageError(f"mode={mode!r} is not one of {', '.join(MODES)}")
    return query.strip()


def rank(
    query: str, k: int, mode: Mode, *, read: ChunkReader, live: LiveViews, encoder: EncoderLike, where: Conditions = ()
) -> Ranking:
    """Rank chunks for a checked query. where: conditions on their documents, all of which must hold."""
    n = max(CANDIDATES, 2 * k)
    language = detect_language(query)
    vector = encoder.encode_query(query) if mode != "lexical" else None
    with live.at(encoder.fingerprint if vector is not None else None) as (vectors, lexical):
        if vector is not None and mode == "dense":
            ids, scores = vectors.search(vector, n, where=where)
            return Ranking(ids, scores, {"dense": scores})
        allowed = live.select(where) if where else None
        words, bm25 = lexical.search(query, n, language=language, allowed=allowed)
        if vector is None:
            return Ranking(words, bm25, {"lexical": bm25})
        near, cosines = vectors.search(vector, n, where=where)
        ids = np.union1d(near, words)
        dense = vectors.score(vector, ids) if isinstance(vectors, Scores) else fill(ids, near, cosines, full=True)
        said = fill(ids, words, bm25, full=len(words) >= n)
        chunks = len(lexical)
        trust = Trust(encoder, live.settings.get("trust")).of_question(language, query)
        fused = fuse(dense, said, trust=trust, chunks=chunks)
        ranking = Ranking(ids, fused, {"dense": dense, "lexical": said})
        weights = lexical.weights(query, language=language)
        first = read(ranking.ids[:REREAD].tolist())
        passages = [first[i].chunk for i in ranking.ids[:REREAD].tolist() if i in first]
        read_as = [(above(c.title, c.header, c.text), c.text) for c in passages]
        close = [closeness(weights, lexical.stems(top, text, language=language)) for top, text in read_as]
    if len(close) < min(REREAD, len(ranking.ids)):
        return ranking  # a chunk was deleted meanwhile: the order without closeness still holds
    raised = add_closeness(ranking.scores, close, chunks=chunks)
    return Ranking(ranking.ids, raised, ranking.halves)


def to_hits(read: ChunkReader, top: list[tuple[int, float, dict[str, float]]]) -> list[Hit]:
    """Fetch the text of ranked chunks; one deleted since by another process is left out."""
    stored = read([chunk_id for chunk_id, _, _ in top])
    return [Hit(stored[i].chunk, score, scores, stored[i].metadata) for i, score, scores in top if i in stored]


def reorder(reranker: CrossEncoderReranker, query: str, hits: list[Hit]) -> list[Hit]:
    """Order hits by the cross-encoder's score, which becomes their score; the fused one stays under ``fused``."""
    scores = reranker.score(query, [hit.chunk.text for hit in hits])
    scored = [
        replace(hit, score=float(score), scores={**hit.scores, "fused": hit.score, "rerank": float(score)})
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(scored, key=lambda hit: -hit.score)
