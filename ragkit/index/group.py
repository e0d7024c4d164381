"""Several indexes asked as one: each is searched by itself, and what they find is put into one order.

Scores of one encoder are log-odds that depend on question and passage alone, so hits of indexes that share it are
ordered by them. Scores of different encoders say nothing of each other: there the ranks count, each hit's among its own
index's and, where words were searched, its words' rank among all (BM25 in units of a word that one passage alone holds,
as in `ragkit.fusion`). Both ranks are added as by reciprocal rank fusion (Cormack, Clarke & Büttcher 2009). A reranker
reads all of them and needs neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..config import settings
from ..embedding import EncoderLike
from ..errors import NotFoundError, UsageError
from ..store import IndexRecord
from ..types import Chunk, Document, Hit
from .core import Expand, Index
from .opening import reranker_named
from .searching import Mode, reorder

__all__ = ["JOINT", "Group", "open_index"]

JOINT = "+"  # between the names of a group; no index can have it in its own
RANKS = 60  # of reciprocal rank fusion: how little the first ranks stand out


def open_index(
    name: str | Sequence[str] | None = None, *, home: str | Path | None = None, must_exist: bool = False
) -> Index | Group:
    """The index of a name, or the group of several: a list of names, or "a+b".

    Raises NotFoundError for one that is not there (always so in a group).
    """
    names = name.split(JOINT) if isinstance(name, str) else list(name or [])
    names = list(dict.fromkeys(names))
    if len(names) < 2:
        return Index(names[0] if names else None, home=home, must_exist=must_exist)
    return Group([Index(each, home=home, must_exist=True) for each in names])


class Group:
    """Some indexes of one home that are searched and read together; nothing is written through it.

    A passage that it finds says which index it is of, and its document's id begins with that: "papers:/docs/a.pdf".
    """

    def __init__(self, indexes: Sequence[Index]) -> None:
        """Raises UsageError for none, for two of a name, which are one or of two homes."""
        if not indexes or len({index.name for index in indexes}) < len(indexes):
            raise UsageError("a group needs indexes of different names, of one home")
        self.indexes = tuple(indexes)

    @property
    def name(self) -> str:
        """The names, joined."""
        return JOINT.join(index.name for index in self.indexes)

    @property
    def record(self) -> IndexRecord:
        """The record of the first. Raises NotFoundError where any of them is not there."""
        records = [index.record for index in self.indexes]
        return records[0]

    @property
    def encoder(self) -> EncoderLike:
        """The encoder of the first."""
        return self.indexes[0].encoder

    @property
    def behind(self) -> tuple[str, ...]:
        """The indexes that were read anew into memory, which takes a while."""
        return tuple(name for index in self.indexes for name in index.behind)

    @property
    def recommended_budget(self) -> int | None:
        """Thinking tokens recommended for all of them alike; None where they differ."""
        found = {index.recommended_budget for index in self.indexes}
        return found.pop() if len(found) == 1 else None

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        where: Mapping[str, Any] | None = None,
        expand: Expand = 0,
        rerank: bool | None = None,
    ) -> list[Hit]:
        """Return the `k` best chunks of all, best first; the arguments are those of `Index.search`."""
        reranker = settings().reranker
        use_reranker = bool(reranker) if rerank is None else rerank
        if use_reranker and not reranker:
            raise UsageError("rerank=True but no reranker is configured; set RAGKIT_RERANKER to a cross-encoder")
        found: list[list[Hit]] = []
        refused: list[UsageError] = []
        for index in self.indexes:
            try:
                hits = index.search(query, k, mode=mode, where=where, expand=expand, rerank=False)
            except UsageError as exc:  # a filter on what another's documents have
                hits = []
                refused.append(exc)
            found.append([_of(index, hit) for hit in hits])
        if len(refused) == len(self.indexes):
            raise refused[0]
        if use_reranker:
            return reorder(reranker_named(reranker), query, [hit for hits in found for hit in hits])[:k]
        if mode != "lexical" and len({index.record.fingerprint for index in self.indexes}) == 1:
            return sorted((hit for hits in found for hit in hits), key=lambda hit: -hit.score)[:k]
        return by_ranks(found, [len(index) for index in self.indexes])[:k]

    def document(self, document_id: str) -> Document:
        """One whole document, by the id that a hit has. Raises NotFoundError."""
        index, name = self._place(document_id)
        return replace(index.document(name), id=document_id)

    def chunks(self, document_id: str) -> list[Chunk]:
        """The chunks of one document, in order."""
        index, name = self._place(document_id)
        return [_scoped(index, chunk) for chunk in index.chunks(name)]

    def _place(self, document_id: str) -> tuple[Index, str]:
        """The index that a document is of, and its id there."""
        first, colon, name = document_id.partition(":")
        for index in self.indexes:
            if colon and index.name == first:
                return index, name
        raise NotFoundError(f"no document {document_id!r} in {self.name!r}; an id begins with its index: NAME:ID")

    def __len__(self) -> int:
        return sum(map(len, self.indexes))

    def close(self) -> None:
        """Close all of them."""
        for index in self.indexes:
            index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Group({self.name!r})"


def by_ranks(found: Sequence[Sequence[Hit]], sizes: Sequence[int]) -> list[Hit]:
    """Hits of several indexes in one order, by ranks alone; `score` becomes the fused one.

    found: of each index, best first. sizes: chunks of each.
    """
    said = {
        hit.chunk.id: hit.scores["lexical"] / log(2 + size)
        for hits, size in zip(found, sizes, strict=True)
        for hit in hits
        if "lexical" in hit.scores
    }
    order = {chunk_id: rank for rank, chunk_id in enumerate(sorted(said, key=lambda i: -said[i]), 1)}
    fused = [
        replace(hit, score=1 / (RANKS + rank) + (1 / (RANKS + order[hit.chunk.id]) if hit.chunk.id in order else 0.0))
        for hits in found
        for rank, hit in enumerate(hits, 1)
    ]
    return sorted(fused, key=lambda hit: -hit.score)


def _of(index: Index, hit: Hit) -> Hit:
    return replace(hit, chunk=_scoped(index, hit.chunk))


def _scoped(index: Index, chunk: Chunk) -> Chunk:
    return replace(chunk, document_id=f"{index.name}:{chunk.document_id}", index=index.name)
