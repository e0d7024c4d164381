"""Leave-out for attribution: a task that has never seen some chunks. What would be answered without them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..augment.packing import same_text
from ..types import Chunk, Hit
from .base import Task

__all__ = ["without"]


def without(task: Task, chunks: Sequence[Chunk]) -> Task:
    """The task over the same index without `chunks` and their copies: no search finds them, no document opens on them.

    Searches still give k hits where there are as many left: the next best ones take the place of what is gone.
    """
    ids = {c.id for c in chunks}
    texts = {same_text(c.text) for c in chunks}

    def stays(chunk: Chunk) -> bool:
        return chunk.id not in ids and same_text(chunk.text) not in texts

    async def search(query: str, k: int) -> list[Hit]:
        depth = k + len(ids)
        while True:
            hits = await task.search(query, depth)
            left = [hit for hit in hits if stays(hit.chunk)]
            if len(left) >= k or len(hits) < depth:
                return left[:k]
            depth *= 2  # copies took the places

    async def opened(document_id: str) -> list[Chunk]:
        assert task.chunks is not None
        return [c for c in await task.chunks(document_id) if stays(c)]

    return replace(task, search=search, chunks=None if task.chunks is None else opened)
