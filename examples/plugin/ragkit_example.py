"""One of each kind that ragkit takes from other packages; `ragkit doctor` lists them once this is installed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from ragkit.eval.metrics.metric import Metric

from ragkit.engines.base import Deadlines, EngineBase, Request, Sample
from ragkit.loaders.parsed import Job, Parsed
from ragkit.reasoning.base import Task
from ragkit.types import Answer, Done, Event, Retrieved


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
