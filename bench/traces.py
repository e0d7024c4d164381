"""What a trace costs an answer: the same questions with traces on and off in turn, and the bytes a trace takes.

    python -m bench.traces            # a table: median and 95th percentile of an answer, in milliseconds

The strategy is `direct` on an engine that answers at once with 500 token ids on a prompt of 4,000: what is measured is
ragkit's own time.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ragkit import RAG, Index
from ragkit.engines.base import Capabilities, EngineBase, Request, Sample
from ragkit.rag import flush_traces
from ragkit.rag.traces import Recording, Tracer
from ragkit.types import Answer

ROUNDS = 200
TEXT = "The finance director approves travel over 2,000 euros. Trains are preferred to flights. "


class Tokens:
    """One id per four characters."""

    think_start_id = think_end_id = None
    context_tokens = 32_768
    specials: tuple[str, ...] = ()

    def encode(self, text: str) -> list[int]:
        return list(range(len(text) // 4))

    def decode(self, ids: Sequence[int]) -> str:
        return ""

    def chat(self, messages: Any, tools: Any = (), *, thinking: bool = True) -> list[int]:
        return list(range(4000))


class Instant(EngineBase):
    """Answers at once."""

    name = "instant"
    capabilities = Capabilities(budget=True, token_ids=True, streaming=True)
    tokenizer = Tokens()

    def close(self) -> None: ...

    async def generate(self, request: Request) -> list[Sample]:
        ids = tuple(range(500))
        return [Sample("", "The finance director [1].", "natural", "stop", answer_ids=ids, answer_tokens=500)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = Index("bench", home=folder)
        index.add([{"id": f"d{n}", "text": f"Rule {n}. " + TEXT * 3} for n in range(200)])
        size = Path(folder, "ragkit.db").stat().st_size
        rag = RAG(index, model=Instant(), strategy="direct", home=folder)  # type: ignore[arg-type]
        on, off = Tracer(rag.store), Tracer(None)
        times: dict[str, list[float]] = {"off": [], "on": []}
        for n in range(ROUNDS):
            turn = (("off", off), ("on", on)) if n % 2 else (("on", on), ("off", off))
            for part, (name, tracer) in enumerate(turn):  # never one question twice: queries are cached
                rag.tracer = tracer
                start = time.perf_counter()
                rag.ask(f"Who approves travel over {2 * n + part} euros?")
                times[name].append((time.perf_counter() - start) * 1e3)
        flush_traces()
        for name, values in times.items():
            p95 = statistics.quantiles(values, n=20)[-1]
            print(f"traces {name:<4} p50 {statistics.median(values):7.2f} ms   p95 {p95:7.2f} ms")
        pairs = [b - a for a, b in zip(times["off"], times["on"], strict=True)]
        print(f"difference  p50 {statistics.median(pairs):7.2f} ms")

        grown = Path(folder, "ragkit.db").stat().st_size - size
        print(f"{grown / ROUNDS / 1e3:.1f} kB a trace in the database")

        _cpu(rag)


def _cpu(rag: RAG) -> None:
    """CPU time, which a busy machine does not change: in the answering thread, and for making the stored record."""
    kept: list[tuple[Recording, Answer]] = []

    async def one(tracer: Tracer) -> None:
        rag.tracer = tracer
        await rag.aask("Who approves travel over 7 euros?")

    class Kept(Tracer):
        def begin(self, task: Any, **options: Any) -> Recording:
            recording = super().begin(task, **options)

            def keep(answer: Answer) -> Answer:
                kept.append((recording, answer))
                return answer

            recording.finish = keep  # type: ignore[method-assign]
            return recording

    asyncio.run(one(Kept(rag.store)))
    recording, answer = kept[0]
    start = time.thread_time()
    for _ in range(ROUNDS):
        Tracer(rag.store).begin(recording.task, index=rag.index).finish(answer)
    print(f"in the answering thread {1e6 * (time.thread_time() - start) / ROUNDS:.0f} us of CPU for each answer")
    flush_traces()
    start = time.thread_time()
    for _ in range(ROUNDS):
        recording.record(answer, rag.index.record)
    print(f"making a record         {1e3 * (time.thread_time() - start) / ROUNDS:.2f} ms of CPU, behind the answer")


if __name__ == "__main__":
    main()
