"""The shapes of `/v1/responses`: a request read as a chat's, and an answer as a response."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field

from ...errors import UsageError
from ...types import Answer
from ..here import Body
from .refusing import OWN_TOOLS, FieldError
from .shapes import ChatRequest, Extension, Message, Part, evidence, finish_reason, usage_of

__all__ = ["UNSERVED", "Reply", "ResponsesRequest", "messages_of", "reply"]

_PLAIN: dict[str, Any] = {"format": {"type": "text"}}
UNSERVED: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "tools": (([],), OWN_TOOLS),
    "tool_choice": (("none", "auto"), OWN_TOOLS),
    "text": (
        (
            {},
            {"format": {"type": "text"}},
            {"format": {"type": "text"}, "verbosity": "medium"},
            {"verbosity": "medium"},
        ),
        "an answer is text; ragkit.citations has its evidence as data",
    ),
    "store": ((False,), "ragkit.remember keeps a conversation"),
    "previous_response_id": ((), "send the turns as `input`, or name one with ragkit.conversation"),
    "conversation": ((), "send the turns as `input`, or name one with ragkit.conversation"),
    "background": ((False,), "an answer comes while its request is open"),
    "include": (([],), "ragkit.citations has the evidence"),
    "truncation": (("disabled", "auto"), "the newest turns are read"),
    "top_logprobs": ((0,), "an answer is checked against its sources; ragkit.unsupported names what they do not say"),
    "max_tool_calls": ((), OWN_TOOLS),
    "prompt": ((), "prompts are the server's"),
    "service_tier": (("auto", "default"), "there is one"),
}
_MARKER = re.compile(r"\[(\d+)\]")


class Effort(Body):
    """How much is thought; a summary is the thought itself."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    summary: Any = None
    generate_summary: Any = None


class Item(Body):
    """One item of the input: a message, or a thought that an earlier response brought, which is not read again."""

    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] = "user"
    content: str | list[Part] | None = None


class ResponsesRequest(Body):
    """A response. Any field that is not listed is refused."""

    model_config = ConfigDict(extra="forbid")
    model: str = Field(max_length=200, description="an index, or index:strategy")
    input: str | list[Item] = Field(description="the question, or the conversation that ends with it")
    instructions: str | None = Field(None, description="no effect: prompts are the server's; `ragkit.notes` says so")
    stream: bool = False
    stream_options: Any = None
    max_output_tokens: int | None = Field(None, ge=1)
    reasoning: Effort | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    metadata: Any = None
    user: Any = None
    safety_identifier: Any = None
    prompt_cache_key: Any = None
    prompt_cache_retention: Any = None
    parallel_tool_calls: Any = None
    tools: Any = None
    tool_choice: Any = None
    text: Any = None
    store: Any = None
    previous_response_id: Any = None
    conversation: Any = None
    background: Any = None
    include: Any = None
    truncation: Any = None
    top_logprobs: Any = None
    max_tool_calls: Any = None
    prompt: Any = None
    service_tier: Any = None
    ragkit: Extension | None = None

    def as_chat(self) -> ChatRequest:
        """The same as a chat completion's request."""
        made = ChatRequest.model_construct(
            model=self.model,
            messages=messages_of(self.input),
            stream=self.stream,
            max_completion_tokens=self.max_output_tokens,
            reasoning_effort=self.reasoning.effort if self.reasoning is not None else None,
            temperature=self.temperature,
            top_p=self.top_p,
            ragkit=self.ragkit,
        )
        if self.instructions:
            made.messages.insert(0, Message(role="system", content=self.instructions))
        return made


def messages_of(given: str | list[Item]) -> list[Message]:
    """The input as messages. Raises FieldError for an item that is no message."""
    if isinstance(given, str):
        return [Message(role="user", content=given)]
    found = []
    for number, item in enumerate(given):
        if item.type == "reasoning":
            continue
        if item.type != "message":
            raise FieldError(f"input.{number}.type", f"{item.type[:40]!r} is not read; send messages")
        parts = item.content if isinstance(item.content, list) else [Part(type="text", text=item.content or "")]
        other = next((p.type for p in parts if p.type not in ("text", "input_text", "output_text", "refusal")), None)
        if other is not None:
            raise FieldError(f"input.{number}.content", f"{other[:40]!r} is not read; only text is")
        found.append(Message(role=item.role, content="\n".join(p.text for p in parts)))
    if not found:
        raise UsageError("the input holds no message; send the question")
    return found


class Reply:
    """What every shape of one response shares: its ids, and the request's own words that a response gives back."""

    def __init__(self, request: ResponsesRequest, name: str, created: int) -> None:
        self.id, self.message_id, self.thought_id = f"resp_{name}", f"msg_{name}", f"rs_{name}"
        self.fields: dict[str, Any] = {
            "id": self.id,
            "object": "response",
            "created_at": created,
            "error": None,
            "incomplete_details": None,
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "metadata": request.metadata if isinstance(request.metadata, dict) else {},
            "model": request.model,
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "reasoning": {"effort": request.reasoning.effort if request.reasoning else None, "summary": None},
            "store": False,
            "temperature": request.temperature,
            "text": {"format": {"type": "text"}},
            "tool_choice": "none",
            "tools": [],
            "top_p": request.top_p,
            "truncation": "disabled",
        }

    def begun(self) -> dict[str, Any]:
        """The response before anything was written."""
        return {**self.fields, "status": "in_progress", "output": [], "usage": None}

    def thought(self, text: str, status: str = "completed") -> dict[str, Any]:
        """The thought as an item of the output."""
        content = [{"type": "reasoning_text", "text": text}] if text else []
        return {"id": self.thought_id, "type": "reasoning", "summary": [], "content": content, "status": status}

    def message(self, parts: list[dict[str, Any]], status: str = "completed") -> dict[str, Any]:
        """The answer as an item of the output."""
        return {"id": self.message_id, "type": "message", "role": "assistant", "status": status, "content": parts}


def text_part(answer: Answer) -> dict[str, Any]:
    """The answer's text; every marker that cites is an annotation at its place."""
    cited = {c.marker: c for c in answer.citations}
    notes = [
        {"type": "file_citation", "file_id": c.document_id, "filename": c.document, "index": found.start()}
        for found in _MARKER.finditer(answer.text)
        if (c := cited.get(int(found[1]))) is not None
    ]
    return {"type": "output_text", "text": answer.text, "annotations": notes, "logprobs": []}


def reply(made: Reply, answer: Answer, turned: tuple[str, int] | None, notes: tuple[str, ...]) -> dict[str, Any]:
    """The whole response."""
    spent, whole = usage_of(answer.ledger), finish_reason(answer) == "stop"
    status = "completed" if whole else "incomplete"
    output = [made.message([text_part(answer)], status)]
    if answer.thinking:
        output.insert(0, made.thought(answer.thinking))
    return {
        **made.fields,
        "status": status,
        "incomplete_details": None if whole else {"reason": "max_output_tokens"},
        "output": output,
        "usage": {
            "input_tokens": spent["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": spent["prompt_tokens_details"]["cached_tokens"]},
            "output_tokens": spent["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": spent["completion_tokens_details"]["reasoning_tokens"]},
            "total_tokens": spent["total_tokens"],
        },
        "ragkit": evidence(answer, turned, notes),
    }
