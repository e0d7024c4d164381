"""Stand-ins below the line under test, short enough to work out by hand."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import numpy as np

from ragkit.changes import FloatArray
from ragkit.engines.base import Capabilities, Delta, Engine, EngineBase, Request, Sample
from ragkit.engines.toolcalls import read_tool_calls
from ragkit.errors import CapabilityError
from ragkit.reasoning.base import Strategy, Task
from ragkit.reasoning.spending import Spend
from ragkit.types import Answer, Budget, Chunk, Done, Event, Hit


class WordEncoder:
    """Embeds a text as its hashed bag of words, so texts sharing words are near; no model is loaded."""

    max_tokens = 64

    def __init__(self, name: str = "words-32", dim: int = 32) -> None:
        self.name, self.dim, self.fingerprint = name, dim, f"fingerprint-of-{name}"

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[zlib.crc32(word.strip(".,?!:#").encode()) % self.dim] += 1
            row += 1e-3
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def encode_query(self, text: str) -> FloatArray:
        return np.asarray(self.encode([text])[0])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(t.split()) for t in texts]

    def pieces_per_word(self, text: str) -> float:
        return 1.2


class WordTokenizer:
    """One id for each word or space run, thought markers as ids 1 and 2; text can make no marker."""

    specials = ("<think>", "</think>")

    def __init__(self, context_tokens: int = 4096, *, thinks: bool = True) -> None:
        self.think_start_id: int | None = 1 if thinks else None
        self.think_end_id: int | None = 2 if thinks else None
        self.context_tokens = context_tokens
        self._ids: dict[str, int] = {"<think>": 1, "</think>": 2, "<end>": 3}

    def encode(self, text: str) -> list[int]:
        clean = text.replace("<think>", "< think>").replace("</think>", "< /think>")
        return [self._ids.setdefault(w, len(self._ids) + 1) for w in re.findall(r"\s+|\S+", clean)]

    def decode(self, ids: Sequence[int]) -> str:
        words = {i: w for w, i in self._ids.items()}
        return "".join(words[i] for i in ids)

    def chat(self, messages: Sequence[Any], tools: Sequence[Any] = (), *, thinking: bool = True) -> list[int]:
        ids = [i for m in messages for i in (*self.encode(f"{m['role']}\n{m['content']}"), 3)]
        if self.think_start_id is None:
            return ids
        return [*ids, 1] if thinking else [*ids, 1, 2]


class ScriptedEngine(EngineBase):
    """Gives out queued samples, each written ``thought|answer`` or just ``answer``; keeps every request in `history`.

    Thoughts are cut at the request's cap as a real engine cuts them. With ``ids=False`` it takes messages only and
    holds no budget; with ``thinks=False`` it takes ids but has no thoughts of its own. The last queued sample is given
    again and again. delay_s: how long each request takes.
    """

    def __init__(
        self, *samples: str, ids: bool = True, thinks: bool = True, context_tokens: int = 4096, delay_s: float = 0.0
    ) -> None:
        self.name = "scripted"
        self.capabilities = Capabilities(
            budget=ids and thinks, token_ids=ids, logprobs=ids, tools=True, streaming=True, structured=True, seed=True
        )
        self._tokenizer = WordTokenizer(context_tokens, thinks=thinks)
        self.queue = list(samples)
        self.history: list[Request] = []
        self.delay_s = delay_s
        self.closed = False
        self.open_streams = 0

    @property
    def tokenizer(self) -> WordTokenizer:
        if not self.capabilities.token_ids:
            raise CapabilityError("the engine 'scripted' has no tokenizer; give messages instead of ids")
        return self._tokenizer

    @property
    def prompt(self) -> str:
        """The last request's prompt as text."""
        last = self.history[-1]
        ids = last.prompt_ids
        return self._tokenizer.decode(ids) if ids else "\n".join(str(m["content"]) for m in last.messages)

    def _next(self, request: Request) -> Sample:
        script = self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]
        thought, bar, answer = script.rpartition("|")
        tok = self._tokenizer
        closed = bool(request.prompt_ids) and request.prompt_ids[-1] == 2
        full = [] if closed or tok.think_start_id is None else tok.encode(thought)
        kept = full if request.thinking_tokens is None else full[: request.thinking_tokens]
        cut = len(kept) < len(full) or (request.thinking_tokens is not None and len(kept) == request.thinking_tokens)
        stop = min((answer.find(s) for s in request.stop if s in answer), default=None)
        said = tok.encode(answer if stop is None else answer[:stop])
        text, calls = read_tool_calls(tok.decode(said[: request.answer_tokens]))
        return Sample(
            thinking=tok.decode(kept),
            answer=text,
            ended="forced" if cut and not closed else "natural",
            finish_reason="length" if len(said) > request.answer_tokens else "stop",
            thinking_ids=tuple(kept),
            answer_ids=tuple(said[: request.answer_tokens]),
            end_ids=(2,) if bar else (),
            thinking_tokens=len(kept),
            answer_tokens=min(len(said), request.answer_tokens),
            prompt_tokens=len(request.prompt_ids),
            tool_calls=calls,
            logprobs=(-0.5,) * min(len(said), request.answer_tokens) if request.logprobs else (),
            prompt_ids=request.prompt_ids,
        )

    async def generate(self, request: Request) -> list[Sample]:
        self.check(request)
        self.history.append(request)
        await asyncio.sleep(self.delay_s)
        return [self._next(request) for _ in range(request.n)]

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        self.check(request, streaming=True)
        self.history.append(request)
        sample = self._next(request)
        tok = self._tokenizer
        self.open_streams += 1
        try:
            for i in sample.thinking_ids:
                await asyncio.sleep(self.delay_s / 10)
                yield Delta(tok.decode([i]), True, (i,), 1)
            for word in re.findall(r"\s+|\S+", sample.answer):
                await asyncio.sleep(self.delay_s / 10)
                yield Delta(word, False, tuple(tok.encode(word)), 1)
            yield sample
        finally:
            self.open_streams -= 1

    def close(self) -> None:
        self.closed = True


def make_hits(*texts: str, title: str = "") -> list[Hit]:
    """One document for each text, its chunk preceded by five characters that are not the chunk's."""
    return [
        Hit(Chunk(n, f"d{n}", 0, 5, 5 + len(text), text, title=title), 1.0 - n / 100) for n, text in enumerate(texts, 1)
    ]


def make_task(
    question: str,
    hits: Sequence[Hit],
    engine: Engine | None,
    budget: Budget | int | None = None,
    **options: Any,
) -> Task:
    """A task whose search gives `hits` whatever is asked."""

    async def search(query: str, k: int) -> list[Hit]:
        return list(hits[:k])

    spendable = Budget.of(budget)
    chosen: dict[str, Any] = {"k": 6, "encoder": WordEncoder, **options}
    return Task(question=question, search=search, engine=engine, budget=spendable, spend=Spend(spendable), **chosen)


async def finish(strategy: Strategy, task: Task) -> tuple[Answer, list[Event]]:
    """Run a strategy to its end; checks that the one Done comes last."""
    events = [event async for event in strategy.run(task)]
    assert [isinstance(e, Done) for e in events] == [False] * (len(events) - 1) + [True]
    last = events[-1]
    assert isinstance(last, Done)
    return last.answer, events
