"""The search playground: one question asked in all three ways, so that their rankings can be read side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ragkit.index import Index
from ragkit.types import Hit

__all__ = ["Found", "Order", "search_all"]

Order = Literal["fused", "dense", "lexical"]
_MODES: Mapping[Order, Literal["hybrid", "dense", "lexical"]] = {
    "fused": "hybrid",
    "dense": "dense",
    "lexical": "lexical",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that one ranking or more found; `places`: for each of them its place, from 1, and its score."""

    hit: Hit
    places: Mapping[str, tuple[int, float]]


def search_all(index: Index, query: str, k: int, *, order: Order = "fused") -> list[Found]:
    """The `k` best passages of each ranking, in the `order` of one of them; those it lacks come last.

    Scores: of "fused" log-odds, of "dense" cosines, of "lexical" BM25. Raises UsageError for an empty query.
    """
    hits: dict[int, Hit] = {}
    places: dict[int, dict[str, tuple[int, float]]] = {}
    for kind, mode in _MODES.items():
        for place, hit in enumerate(index.search(query, k, mode=mode), 1):
            hits.setdefault(hit.chunk.id, hit)
            places.setdefault(hit.chunk.id, {})[kind] = (place, hit.score)
    kinds = [order, *(kind for kind in _MODES if kind != order)]

    def at(chunk_id: int) -> tuple[float, ...]:
        return tuple(places[chunk_id].get(kind, (float("inf"), 0.0))[0] for kind in kinds)

    return [Found(hits[i], places[i]) for i in sorted(hits, key=at)]
