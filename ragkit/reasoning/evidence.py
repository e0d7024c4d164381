"""The passages one answer holds: numbered on over all its searches, each shown once, so that [n] means one thing."""

from __future__ import annotations

from collections.abc import Sequence

from ..augment.packing import NumberedPassage, Packed, pack_context
from ..types import Hit
from .answering import engine_of, specials
from .base import Task
from .generation import count_tokens

__all__ = ["Evidence"]


class Evidence:
    """What was found so far for one task. Passages keep their numbers; a chunk found again is not shown again."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._hits: dict[int, Hit] = {}
        self._number: dict[int, int] = {}
        self.passages: list[NumberedPassage] = []

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Every hit that was found, also those that found no room, in the order they came."""
        return tuple(self._hits.values())

    @property
    def packed(self) -> Packed:
        """All passages as one prompt text."""
        return Packed("\n".join(p.line for p in self.passages), tuple(self.passages))

    def add(self, hits: Sequence[Hit], room_tokens: int) -> Packed:
        """Number and keep what is new among `hits` and fits; return just that. What does not fit is booked."""
        engine = engine_of(self._task)
        packed = pack_context(
            hits,
            count=lambda text: count_tokens(engine, text),
            room_tokens=max(0, room_tokens),
            first=len(self.passages) + 1,
            skip=frozenset(self._number),
            specials=specials(engine),
        )
        for hit in hits:
            self._hits.setdefault(hit.chunk.id, hit)
        for passage in packed.passages:
            self.passages.append(passage)
            self._number.update((hit.chunk.id, passage.number) for hit in passage.hits)
        self._task.spend.left_out += packed.left_out
        return packed

    async def find(self, query: str) -> tuple[Hit, ...]:
        """Search for the k best hits that are not shown yet; where there is none, the best that are."""
        k = self._task.k
        hits = await self._task.search(query, k + len(self._number))
        new = [h for h in hits if h.chunk.id not in self._number]
        return tuple(new[:k] or hits[:k])

    def shown(self, hits: Sequence[Hit]) -> list[int]:
        """The numbers under which some of `hits` are held already."""
        return sorted({self._number[h.chunk.id] for h in hits if h.chunk.id in self._number})
