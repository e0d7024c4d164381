"""The shapes of OpenAI's API that ragkit reads and writes, and how its words map to ragkit's.

``model`` is an index, or ``index:strategy``; the language model is the server's. A request may carry a `ragkit` object
with what OpenAI's API has no word for, and every answer carries one with its evidence and its account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...errors import UsageError
from ...rag.memory import details_of
from ...store import Turn
from ...types import Answer, Budget, Ledger
from ..here import Body

__all__ = [
    "EFFORT",
    "ChatRequest",
    "Completion",
    "EmbeddingRequest",
    "Embeddings",
    "ModelList",
    "asked",
    "budget_of",
    "evidence",
    "finish_reason",
    "usage_of",
]

EFFORT = {"none": 0, "minimal": 64, "low": 256, "medium": 1024, "high": 4096, "xhigh": 16384}
MAX_TOKENS = 10**9
Tokens = Annotated[int, Field(ge=0, le=MAX_TOKENS)]


class Part(Body):
    """A piece of a message; text alone is read."""

    type: str
    text: str = ""


class Message(Body):
    """One message. System messages are passed over: prompts are ragkit's own, and say so in `ragkit.notes`."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """The text of all parts. Raises UsageError for images, sound and files."""
        if isinstance(self.content, list):
            other = next((p.type for p in self.content if p.type not in ("text", "refusal")), None)
            if other is not None:
                raise UsageError(f"a message holds {other[:40]!r}; only text is read")
            return "\n".join(p.text for p in self.content)
        return self.content or ""


class StreamOptions(Body):
    """include_usage: a last chunk tells the tokens spent."""

    include_usage: bool = False


class Extension(Body):
    """What ragkit can be asked beyond OpenAI's API; also what the official client sends as ``extra_body``."""

    model_config = ConfigDict(extra="forbid")
    budget: Tokens | None = Field(None, description="thinking tokens, a hard cap")
    samples: int | None = Field(None, ge=1, le=1000, description="answers drawn")
    hops: int | None = Field(None, ge=1, le=100, description="retrieval rounds")
    seconds: float | None = Field(None, gt=0, le=86400, description="wall time until the best answer so far")
    k: int | None = Field(None, ge=1, le=1000, description="passages the answer may read")
    where: dict[str, Any] | None = Field(None, description="metadata filter of every search")
    model: str | None = Field(None, description="a language model that is served; default: the first")
    conversation: str | None = Field(None, max_length=64, description="a stored conversation to go on with")
    remember: bool = Field(False, description="store the turn, in a new conversation when none is named")


class ChatRequest(Body):
    """A chat completion. Fields of OpenAI's API that are not listed are accepted and have no effect."""

    model: str = Field(max_length=200, description="an index, or index:strategy")
    messages: list[Message] = Field(min_length=1, max_length=10_000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1, le=MAX_TOKENS)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=MAX_TOKENS)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    thinking_budget: Tokens | None = Field(None, description="thinking tokens, a hard cap")
    n: int | None = Field(None, ge=1, le=1, description="1; draw several with ragkit.samples")
    tools: list[dict[str, Any]] | None = Field(None, max_length=0, description="none; strategy `agent` has its own")
    ragkit: Extension | None = None


def asked(messages: list[Message]) -> tuple[str, list[Turn]]:
    """The question, which is the last user message, and the turns before it. Raises UsageError without one."""
    spoken = [(m.role, m.text) for m in messages if m.role in ("user", "assistant")]
    if not spoken or spoken[-1][0] != "user" or not spoken[-1][1].strip():
        raise UsageError("the last message must be the user's and hold a question")
    turns: list[Turn] = []
    question = ""
    for role, text in spoken[:-1]:
        if role == "user":
            question = text
        elif question:
            turns.append(Turn(question, question, text, "answered"))
            question = ""
    return spoken[-1][1], turns


def budget_of(request: ChatRequest, usual: Budget) -> Budget | None:
    """The budget that a request states, its gaps filled from the usual one; None when it states nothing."""
    more = request.ragkit or Extension()  # type: ignore[call-arg]
    thinking = next((t for t in (more.budget, request.thinking_budget) if t is not None), None)
    if thinking is None and request.reasoning_effort is not None:
        thinking = EFFORT[request.reasoning_effort]
    answer = request.max_completion_tokens or request.max_tokens
    if all(v is None for v in (thinking, answer, more.hops, more.seconds)):
        return None
    return Budget(
        thinking_tokens=usual.thinking_tokens if thinking is None else thinking,
        samples=usual.samples,
        hops=more.hops or usual.hops,
        answer_tokens=answer or usual.answer_tokens,
        seconds=more.seconds if more.seconds is not None else usual.seconds,
    )


def usage_of(ledger: Ledger) -> dict[str, Any]:
    """Tokens spent, over all samples and rounds."""
    completion = ledger.thinking_tokens + ledger.answer_tokens
    return {
        "prompt_tokens": ledger.prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": ledger.prompt_tokens + completion,
        "completion_tokens_details": {"reasoning_tokens": ledger.thinking_tokens},
        "prompt_tokens_details": {"cached_tokens": ledger.cached_tokens},
    }


def finish_reason(answer: Answer) -> str:
    """``length`` for an answer whose budget ran out."""
    return "length" if answer.status == "exhausted" else "stop"


def evidence(answer: Answer, turned: tuple[str, int] | None, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """The extension of an answer: citations, account, status, trace, and the conversation when it was stored."""
    kept = details_of(answer)
    kept.pop("thinking")
    kept |= {"status": answer.status, "trace_id": answer.trace_id, "notes": [*notes, *answer.notes]}
    if turned is not None:
        kept |= {"conversation": turned[0], "turn": turned[1]}
    return kept


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Completion(_Open):
    """A chat completion."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]
    ragkit: dict[str, Any]


class ModelList(BaseModel):
    """What `model` may be."""

    object: Literal["list"]
    data: list[dict[str, Any]]


class EmbeddingRequest(Body):
    """Texts to embed with the encoder of an index."""

    model: str = Field(max_length=200, description="an index")
    input: str | Annotated[list[str], Field(min_length=1, max_length=2048)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1, le=100_000, description="the encoder's own number")

    @property
    def texts(self) -> list[str]:
        """The texts. Raises UsageError for an empty or an overlong one."""
        found = [self.input] if isinstance(self.input, str) else self.input
        for n, text in enumerate(found):
            if not text.strip() or len(text) > 200_000:
                raise UsageError(f"input {n} has {len(text)} characters; give 1 to 200000 of them, not all spaces")
        return found


class Embeddings(BaseModel):
    """Unit vectors in the order of the input."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    model: str
    usage: Mapping[str, int]
