"""The shapes of OpenAI's API that ragkit reads and writes, and how its words map to ragkit's.

``model`` is an index, or ``index:strategy``; the language model is the server's. A request may carry a `ragkit` object
with what OpenAI's API has no word for, and every answer carries one with its evidence and its account.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...asking import CHOICES, Ask
from ...errors import UsageError
from ...rag.memory import details_of
from ...reasoning.answering import CUT
from ...store import Turn
from ...types import Answer, Ledger
from ..choices import Chosen
from ..here import Body
from .refusing import FieldError

__all__ = [
    "EFFORT",
    "ChatRequest",
    "Completion",
    "EmbeddingRequest",
    "Embeddings",
    "ModelList",
    "OneModel",
    "OneResponse",
    "Unserved",
    "asked",
    "chosen",
    "evidence",
    "finish_reason",
    "usage_of",
]

EFFORT = {"none": 0, "minimal": 64, "low": 256, "medium": 1024, "high": 4096, "xhigh": 16384}
Stop = Annotated[str, Field(min_length=1, max_length=200)]
_CUT = re.compile(re.escape(CUT).replace(re.escape("{n}"), r"\d+"))


class Part(Body):
    """A piece of a message; text alone is read."""

    type: str
    text: str = ""


class Message(Body):
    """One message. System and developer messages are passed over: prompts are ragkit's own; `ragkit.notes` says so."""

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


class Extension(Chosen):
    """What ragkit can be asked beyond OpenAI's API; also what the official client sends as ``extra_body``."""

    model_config = ConfigDict(extra="forbid")
    conversation: str | None = Field(None, max_length=64, description="a stored conversation to go on with")
    remember: bool = Field(False, description="store the turn, in a new conversation when none is named")


class Unserved(Body):
    """Fields of OpenAI's API that change no answer, and those of which only the default is served; see `refusing`.

    Any other field is refused.
    """

    model_config = ConfigDict(extra="forbid")
    user: Any = None
    metadata: Any = None
    safety_identifier: Any = None
    prompt_cache_key: Any = None
    prompt_cache_retention: Any = None
    prediction: Any = None
    parallel_tool_calls: Any = None
    n: Any = Field(None, description="1; draw several with ragkit.samples")
    logprobs: Any = None
    top_logprobs: Any = None
    response_format: Any = Field(None, description='{"type": "text"}')
    tools: Any = Field(None, description="none; the model `INDEX:agent` has its own")
    tool_choice: Any = None
    functions: Any = None
    function_call: Any = None
    presence_penalty: Any = None
    frequency_penalty: Any = None
    logit_bias: Any = None
    modalities: Any = None
    audio: Any = None
    web_search_options: Any = None
    store: Any = None
    verbosity: Any = None
    service_tier: Any = None


class ChatRequest(Unserved):
    """A chat completion."""

    model: str = Field(max_length=200, description="an index, or index:strategy")
    messages: list[Message] = Field(min_length=1, max_length=10_000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1, description="the older word for max_completion_tokens")
    max_completion_tokens: int | None = Field(None, ge=1, description=CHOICES["answer_tokens"])
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    thinking_budget: int | Literal["auto"] | None = Field(None, description=CHOICES["budget"])
    stop: Stop | Annotated[list[Stop], Field(max_length=16)] | None = Field(
        None, description="the answer ends before the first of these strings"
    )
    temperature: float | None = Field(None, ge=0, le=2, description="0: the likeliest answer")
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63, description="of sampling, where the model takes one")
    ragkit: Extension | None = None

    @property
    def stops(self) -> list[str]:
        """The stop strings."""
        return [self.stop] if isinstance(self.stop, str) else list(self.stop or ())


def asked(messages: list[Message]) -> tuple[str, list[Turn]]:
    """The question, which is the last user message, and the turns before it. Raises UsageError without one."""
    for number, message in enumerate(messages):
        if message.role == "tool":
            told = "results of a client's tools are not read; ask without them, or with the model `INDEX:agent`"
            raise FieldError(f"messages.{number}.role", told)
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


def chosen(request: ChatRequest, index: str, strategy: str | None) -> Ask:
    """What a request chooses; the nearest word for the thinking budget wins, `ragkit.budget` before the effort."""
    more = request.ragkit or Extension.model_validate({})
    thinking = request.thinking_budget
    if thinking is None and request.reasoning_effort is not None:
        thinking = EFFORT[request.reasoning_effort]
    return more.chosen(
        index=index,
        strategy=strategy,
        budget=thinking if more.budget is None else more.budget,
        answer_tokens=request.max_tokens if request.max_completion_tokens is None else request.max_completion_tokens,
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
    """``length`` for an answer whose budget ran out, or that was cut at its last token."""
    return "length" if answer.status == "exhausted" or any(_CUT.fullmatch(note) for note in answer.notes) else "stop"


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


class OneResponse(_Open):
    """A response."""

    id: str
    object: Literal["response"]
    status: str
    output: list[dict[str, Any]]
    usage: dict[str, Any] | None


class OneModel(_Open):
    """What `model` may be."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(BaseModel):
    """What `model` may be."""

    object: Literal["list"]
    data: list[dict[str, Any]]


class EmbeddingRequest(Body):
    """Texts to embed with the encoder of an index."""

    model_config = ConfigDict(extra="forbid")
    model: str = Field(max_length=200, description="an index, or the name of its encoder")
    input: str | Annotated[list[str | int | list[int]], Field(min_length=1, max_length=2048)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1, le=100_000, description="the encoder's own number")
    user: Any = None

    @property
    def texts(self) -> list[str]:
        """The texts. Raises UsageError for an empty or an overlong one, and for tokens."""
        found = [self.input] if isinstance(self.input, str) else self.input
        for n, text in enumerate(found):
            if not isinstance(text, str):
                told = "tokens are of another tokenizer than the encoder's; send text (LangChain: "
                raise FieldError("input", told + "check_embedding_ctx_length=False)")
            if not text.strip() or len(text) > 200_000:
                raise UsageError(f"input {n} has {len(text)} characters; give 1 to 200000 of them, not all spaces")
        return [text for text in found if isinstance(text, str)]


class Embeddings(BaseModel):
    """Unit vectors in the order of the input."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    model: str
    usage: Mapping[str, int]
