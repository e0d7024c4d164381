"""What every engine speaks: requests in, samples out, token ids wherever the engine has them.

An engine turns a `Request` into `Sample`s. The thought and the answer are kept apart, and both are counted on what
really came out: `len(sample.thinking_ids) <= request.thinking_tokens`, always. What an engine cannot do it states in
its `Capabilities`; asking for it raises `CapabilityError`. One exception: an engine that cannot cap a thought still
answers, with ``ended="unsupported"``, and nothing pretends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from ..errors import CapabilityError, UsageError
from ..types import Ended, ToolCall

__all__ = [
    "Capabilities",
    "Deadlines",
    "Delta",
    "Engine",
    "EngineBase",
    "FinishReason",
    "Message",
    "Opener",
    "Request",
    "Sample",
    "Tokenizer",
    "together",
]

T = TypeVar("T")

FinishReason = Literal["stop", "length", "abort", "filter"]
"""By itself, at a cap, broken off by the caller or its time, or withheld by the provider's content filter."""
Message = Mapping[str, Any]
"""``{"role": "system"|"user"|"assistant"|"tool", "content": str}``, with ``tool_calls`` as OpenAI writes them."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do. `budget`: thoughts are capped hard. `token_ids`: takes and gives ids, so it can fork."""

    budget: bool = False
    token_ids: bool = False
    logprobs: bool = False
    tools: bool = False
    streaming: bool = False
    structured: bool = False
    seed: bool = False


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds an engine may be silent: until the first token, between tokens, and in all (None: no limit)."""

    first_token_s: float = 120.0
    between_tokens_s: float = 60.0
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt, as ids or as messages, and how to answer it.

    prompt_ids: the prompt as the engine's tokenizer made it (`tokenizer.chat`); needs `capabilities.token_ids`.
    messages, tools: used when `prompt_ids` is empty; the engine formats them itself, thinking unless the cap is 0.
    thinking_tokens: cap on the thought; None leaves it to the context window; 0 answers at once.
    answer_tokens: cap on what follows the thought. temperature 0 is greedy. n: samples drawn.
    stop: strings that end the answer (they are not part of it).
    logprobs: 0 none; k >= 1 gives each answer token's log-probability and the k likeliest tokens there.
    json_schema: the answer is JSON that this schema accepts.
    seed: needs `capabilities.seed`.
    seconds: total deadline of this request, on top of the engine's own.
    """

    prompt_ids: tuple[int, ...] = ()
    messages: tuple[Message, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    thinking_tokens: int | None = None
    answer_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    n: int = 1
    stop: tuple[str, ...] = ()
    logprobs: int = 0
    json_schema: Mapping[str, Any] | None = None
    seed: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if bool(self.prompt_ids) == bool(self.messages):
            raise UsageError("a request takes either prompt_ids or messages; give exactly one of them")
        limits: tuple[tuple[str, float | None, float], ...] = (
            ("thinking_tokens", self.thinking_tokens, 0),
            ("answer_tokens", self.answer_tokens, 1),
            ("temperature", self.temperature, 0),
            ("n", self.n, 1),
            ("logprobs", self.logprobs, 0),
            ("seconds", self.seconds, 0),
        )
        for name, value, least in limits:
            if value is not None and not value >= least:
                raise UsageError(f"{name}={value} is below {least:g}; give {least:g} or more")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"top_p={self.top_p} is outside (0, 1]; 1 keeps every token")


@dataclass(frozen=True, slots=True)
class Sample:
    """One thought and one answer. `prompt_ids + lead_ids + thinking_ids + end_ids + answer_ids` is what was run.

    thinking_ids, answer_ids: what the model wrote, without markers (empty where the engine has no ids; the counts
    `thinking_tokens` and `answer_tokens` then come from the server or from nothing but the text).
    lead_ids: what stood between prompt and thought, usually the marker that opens it.
    end_ids: the marker that closed the thought, written by the model or forced; empty if none.
    ended: the thought closed by itself, was cut, or could not be controlled. `cut` counts ids that an engine emitted
    beyond the cap and that were thrown away: above 0 it is a fault that was contained.
    logprobs, top_logprobs: one entry per answer id when asked for; `top_logprobs[i]` maps token id to log-probability.
    tool_calls: read from the answer; `answer` is the text without them.
    remarks: what the reader of the answer should know of how it was drawn, such as a temperature the server ignores.
    """

    thinking: str
    answer: str
    ended: Ended
    finish_reason: FinishReason
    thinking_ids: tuple[int, ...] = ()
    answer_ids: tuple[int, ...] = ()
    lead_ids: tuple[int, ...] = ()
    end_ids: tuple[int, ...] = ()
    thinking_tokens: int = 0
    answer_tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    cut: int = 0
    logprobs: tuple[float, ...] = ()
    top_logprobs: tuple[Mapping[int, float], ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    remarks: tuple[str, ...] = ()
    prompt_ids: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a running sample: text of the thought or of the answer, and the ids it took."""

    text: str
    thinking: bool
    ids: tuple[int, ...] = ()
    tokens: int = 0


class Tokenizer(Protocol):
    """A view of the engine's tokenizer; `think_start_id` is None for a model without thought markers.

    `encode` never yields a control token: text is data. `chat` neutralises markers inside the messages, and ends with
    an open thought (`thinking`) or a closed, empty one, where the model knows thoughts.
    """

    think_start_id: int | None
    think_end_id: int | None
    context_tokens: int

    def encode(self, text: str) -> list[int]: ...

    def decode(self, ids: Sequence[int]) -> str: ...

    def chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), *, thinking: bool = True
    ) -> list[int]: ...


class Engine(Protocol):
    """What the floors above call."""

    name: str
    capabilities: Capabilities

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer; raises CapabilityError where `capabilities.token_ids` is false."""
        ...

    async def generate(self, request: Request) -> list[Sample]:
        """Run one request; `request.n` samples. Cancelling the task aborts it in the engine."""
        ...

    async def generate_many(self, requests: Sequence[Request]) -> list[list[Sample]]:
        """Run all of them together at full throughput; results in the order of the requests."""
        ...

    def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """Yield pieces as they come, and last of all the whole Sample; closing the iterator aborts the request."""
        ...

    def close(self) -> None:
        """Free the model or the connection; requests still running fail with EngineDeadError."""
        ...


class Opener(Protocol):
    """Opens an engine for what follows its prefix in a model's string: ``mine:a/b`` calls ``opener("a/b", …)``.

    deadlines: how long tokens may take, None for the usual. options: what the caller gave `open_engine` besides.
    """

    def __call__(self, target: str, *, deadlines: Deadlines | None = None, **options: Any) -> Engine: ...


async def together(jobs: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run `jobs` at once and return their results in order; the first failure cancels the others and is raised."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class EngineBase:
    """What engines share: the capability check, and `generate_many` over a `generate` that batches by itself."""

    name: str = ""
    capabilities: Capabilities = Capabilities()

    async def generate(self, request: Request) -> list[Sample]:
        """Run one request."""
        raise NotImplementedError

    async def generate_many(self, requests: Sequence[Request]) -> list[list[Sample]]:
        """Run all requests together; the first failure cancels the others and is raised."""
        return await together([self.generate(r) for r in requests])

    def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """Run one request piece by piece."""
        raise NotImplementedError

    def close(self) -> None:
        """Free what is held; nothing, unless the engine says otherwise."""

    def check(self, request: Request, *, streaming: bool = False) -> None:
        """Raise CapabilityError if `request` asks for what this engine lacks."""
        can = self.capabilities
        asked = (
            (bool(request.prompt_ids) and not can.token_ids, "token ids as prompt", "give messages instead"),
            (bool(request.logprobs) and not can.logprobs, "log-probabilities", "ask for logprobs=0"),
            (bool(request.tools) and not can.tools, "tools", "use another strategy than 'agent'"),
            (request.json_schema is not None and not can.structured, "structured output", "drop json_schema"),
            (request.seed is not None and not can.seed, "a seed per request", "drop seed"),
            (streaming and not can.streaming, "streaming", "call generate"),
        )
        for lacking, what, remedy in asked:
            if lacking:
                raise CapabilityError(f"the engine {self.name!r} cannot do {what}; {remedy} or choose another engine")
        if streaming and request.n != 1:
            raise UsageError(f"n={request.n} cannot be streamed; stream one sample, or call generate")
