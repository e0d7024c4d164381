"""What an answer costs beyond its model: the overhead of `RAG.ask`, and 64 questions together against one by one.

    python bench/reasoning.py [--model MODEL] [--questions 64] [--documents 2000] [--strategy cot]

Overhead: `RAG.ask` with an engine that answers at once, less the time its own search and encoder took; what remains is
packing, prompt, tokenising, citation check (without its encoder calls), events and the hand-over between threads. The
goal is 5 ms at the median. Concurrency needs a model (nano by default, where it is installed): the same questions by
`aask` one by one and all at once, in tokens that must be equal.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from ragkit import RAG, Budget, Index
from ragkit.engines.base import Capabilities, Delta, EngineBase, Request, Sample

GOAL_MS = 5.0
NAMES = ("Velm", "Trok", "Asni", "Bral", "Okor", "Desta", "Limu", "Parn", "Quir", "Sevo", "Halde", "Jorr")
CITIES = ("Orm", "Lind", "Sund", "Aveiro", "Mel", "Torv")


def documents(count: int, rng: Random) -> list[dict[str, Any]]:
    """Small documents about companies that do not exist, each with its own name."""
    names = [f"{a}{b.lower()}{n}" for n in range(1 + count // 144) for a in NAMES for b in NAMES][:count]
    return [
        {
            "id": f"c{n}",
            "text": f"{name} is based in {rng.choice(CITIES)}. {name} has {rng.randint(10, 900)} employees.",
        }
        for n, name in enumerate(names)
    ]


class Instant(EngineBase):
    """Answers at once from the first passage, on messages; its own time is nothing."""

    name = "instant"
    capabilities = Capabilities(streaming=True)

    @property
    def tokenizer(self) -> Any:
        raise NotImplementedError

    async def generate(self, request: Request) -> list[Sample]:
        return [Sample("", "It is based in Orm [1].", "natural", "stop", answer_tokens=7)]

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        for sample in await self.generate(request):
            yield sample

    def close(self) -> None:
        """Nothing to free."""


class Timed:
    """Adds up the time spent in a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.seconds = function, 0.0

    def __call__(self, *args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return self.function(*args, **options)
        finally:
            self.seconds += time.perf_counter() - start


def overhead(index: Index, questions: Sequence[str]) -> None:
    """Print the median of what `ask` takes beyond search and encoder."""
    rag = RAG(index, model=Instant(), strategy="direct")
    rag.ask(questions[0])
    index.search = search = Timed(index.search)  # type: ignore[method-assign]
    encoder: Any = index.encoder
    encoder.encode = encode = Timed(encoder.encode)
    rest = []
    for question in questions:
        search.seconds = encode.seconds = 0.0
        start = time.perf_counter()
        rag.ask(question)
        # the encoder is timed inside search too when it runs there; encode_query goes its own way
        rest.append(1000 * (time.perf_counter() - start - search.seconds - encode.seconds))
    rest.sort()
    mark = "reached" if median(rest) <= GOAL_MS else "missed"
    print(f"overhead of ask: p50 {median(rest):.2f} ms, p95 {rest[int(0.95 * len(rest))]:.2f} ms; {GOAL_MS:g} {mark}")
    del index.search, encoder.encode


def concurrency(index: Index, model: str, strategy: str, questions: Sequence[str]) -> None:
    """Print how much faster all questions are together, and whether the answers agree."""
    with RAG(index, model=model, strategy=strategy, budget=Budget(thinking_tokens=64, answer_tokens=32)) as rag:
        rag.ask(questions[0])

        async def alone() -> list[str]:
            return [(await rag.aask(q)).text for q in questions]

        async def together() -> list[str]:
            return [a.text for a in await asyncio.gather(*(rag.aask(q) for q in questions))]

        start = time.perf_counter()
        one_by_one = asyncio.run(alone())
        middle = time.perf_counter()
        at_once = asyncio.run(together())
        end = time.perf_counter()
        same = sum(a == b for a, b in zip(one_by_one, at_once, strict=True))
        slow, fast = middle - start, end - middle
        print(
            f"{len(questions)} questions by {rag.model}: {slow:.2f} s one by one, {fast:.2f} s together, "
            f"{slow / fast:.1f} times faster; {same}/{len(questions)} answers equal"
        )


def main() -> int:
    """Run what the arguments name."""
    parser = argparse.ArgumentParser(description="The cost of an answer beyond its model.")
    parser.add_argument("--model", default="nano")
    parser.add_argument("--questions", type=int, default=64)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--strategy", default="cot")
    parser.add_argument("--no-model", action="store_true", help="measure the overhead alone")
    options = parser.parse_args()
    rng = Random(7)
    with tempfile.TemporaryDirectory() as home:
        os.environ["RAGKIT_HOME"] = str(Path(home))
        index = Index("bench")
        made = documents(options.documents, rng)
        index.add(made)
        names = [str(d["text"]).split(" ", 1)[0] for d in rng.sample(made, options.questions)]
        questions = [f"Where is {name} based?" for name in names]
        overhead(index, questions)
        if not options.no_model:
            concurrency(index, options.model, options.strategy, questions)
        index.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
