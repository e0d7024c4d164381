"""One of each kind that ragkit takes from other packages; `ragkit doctor` lists them once this is installed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import numpy as np
from ragkit.eval.metrics.metric import Metric

from ragkit.changes import Changes, FloatArray, IdArray
from ragkit.engines.base import Deadlines, EngineBase, Request, Sample
from ragkit.loaders.parsed import Job, Parsed
from ragkit.reasoning.base import Task
from ragkit.types import Answer, Done, Event, Retrieved
from ragkit.views.base import Conditions, Ground


class Headline:
    """A strategy: the title of the best hit. `ragkit ask … --strategy headline`"""

    name = "headline"

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """Search, then answer; the last event is `Done`."""
        hits = await task.search(task.question, task.k)
        yield Retrieved(task.question, tuple(hits))
        title = hits[0].chunk.title if hits else ""
        yield Done(Answer(task.question, title, "answered" if title else "abstained", hits=tuple(hits)))


class Parrot(EngineBase):
    """An engine: says what stands behind its prefix, with a citation. `ragkit ask … --model parrot:hello`"""

    def __init__(self, words: str) -> None:
        self.name, self.words = f"parrot:{words}", words

    async def generate(self, request: Request) -> list[Sample]:
        """`request.n` samples."""
        return [Sample("", f"{self.words} [1].", "natural", "stop") for _ in range(request.n)]

    async def stream(self, request: Request) -> AsyncIterator[Sample]:
        """The whole sample as the only piece."""
        (sample,) = await self.generate(request)
        yield sample


def open_parrot(target: str, *, deadlines: Deadlines | None = None, **options: Any) -> Parrot:
    """What `parrot:` opens; a real engine would load its model here, and only here."""
    return Parrot(target)


def parse_notes(data: bytes, job: Job) -> Iterator[Parsed]:
    """A file format, `*.notes`: the first line is the title. Runs in ragkit's limited process."""
    title, _, text = data.decode("utf-8").partition("\n")
    yield Parsed(text.strip(), title=title.strip())


def _brevity(row: Mapping[str, Any]) -> float | None:
    answer = row.get("answer")
    return None if answer is None else 1.0 / max(1, len(answer["text"].split()))


brevity = Metric("brevity", "brevity", "Answers", of=_brevity)
"""A metric: 1 for an answer of one word, 1/n for n words. In every report of `ragkit eval run`."""


class Scan:
    """A vector view: every vector in a dict, compared one by one. `RAGKIT_VIEW=scan ragkit search …`

    It follows the store's log; a real one would send the changes to a server, and ask it for `sequence` when opened.
    """

    kind = "scan"
    needs_publish = False  # nothing is kept: it is replayed from 0 each time it is opened

    def __init__(self, ground: Ground) -> None:
        self._select = ground.select
        self.problems: list[str] = []
        self.reset()

    def apply(self, changes: Changes) -> None:
        """Take one batch of the log."""
        self._rows |= dict(zip(changes.ids.tolist(), changes.vectors, strict=True))
        for gone in changes.deleted.tolist():
            self._rows.pop(gone, None)
        self.sequence, self.lineage = changes.sequence, changes.lineage

    def search(self, query: FloatArray, k: int, *, where: Conditions = ()) -> tuple[IdArray, FloatArray]:
        """The k nearest; a server would be given the conditions in its own language instead of asking for ids."""
        allowed = set(self._select(where).tolist()) if where else self._rows.keys()
        scored = [(float(row @ query), i) for i, row in self._rows.items() if i in allowed]
        best = sorted(scored, reverse=True)[:k]
        return np.array([i for _, i in best], np.int64), np.array([score for score, _ in best], np.float32)

    def held(self) -> IdArray:
        """The ids it has."""
        return np.array(sorted(self._rows), np.int64)

    def reset(self) -> None:
        """Forget everything."""
        self._rows: dict[int, FloatArray] = {}
        self.sequence, self.lineage = 0, ""

    def publish(self) -> None:
        """Nothing to write."""

    def verify(self) -> list[str]:
        """Nothing that could be damaged."""
        return []

    def close(self) -> None:
        """Nothing to let go of."""
