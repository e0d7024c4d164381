"""`/v1/chat/completions` and `/v1/responses` as OpenAI's API has them, answered from an index."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ...reasoning.base import Drawing, closing
from ...types import Answer, Done
from ..failures import DOCUMENTED
from ..here import Here, while_connected
from ..workspace import Turned, Workspace
from . import embedding, models
from .elsewhere import elsewhere
from .models import index_and_strategy
from .refusing import UNSERVED, refuse_unserved
from .response_shapes import UNSERVED as UNSERVED_RESPONSES
from .response_shapes import Reply, ResponsesRequest, reply
from .response_stream import ResponseEvents
from .shapes import ChatRequest, Completion, Extension, OneResponse, asked, chosen, evidence, finish_reason, usage_of
from .stopping import stopped
from .stream import Chunks, EventStream

__all__ = ["routers"]

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=DOCUMENTED)
STREAMED = {"text/event-stream": {"schema": {"type": "string"}}}


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={200: {"content": STREAMED, "description": "The answer"}},
)
async def chat(request: Request, body: ChatRequest, here: Here) -> Response:
    """Answer the last user message from an index; earlier messages are the conversation it belongs to.

    `stream` sends server-sent events. The client's going away ends the work.
    """
    refuse_unserved(body, UNSERVED)
    events = await _events(body, here)
    notes = _ignored(body)
    name, created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        chunks = Chunks(name, created, body.model, usage=usage, notes=notes)
        first = await while_connected(request.receive, anext(events, None))
        return EventStream(first, events, chunks)
    answer, turned = await while_connected(request.receive, _whole(events))
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
    if answer.thinking:
        message["reasoning"] = answer.thinking
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason(answer)}
    return JSONResponse(
        {
            "id": name,
            "object": "chat.completion",
            "created": created,
            "model": body.model,
            "choices": [choice],
            "usage": usage_of(answer.ledger),
            "ragkit": evidence(answer, turned, notes),
        }
    )


@router.post(
    "/responses",
    response_model=OneResponse,
    responses={200: {"content": STREAMED, "description": "The answer"}},
)
async def respond(request: Request, body: ResponsesRequest, here: Here) -> Response:
    """Answer the input's last message from an index, as OpenAI's Responses API does; nothing is stored."""
    refuse_unserved(body, UNSERVED_RESPONSES)
    as_chat = body.as_chat()
    events = await _events(as_chat, here)
    notes = _ignored(as_chat)
    made = Reply(body, uuid.uuid4().hex, int(time.time()))
    if body.stream:
        first = await while_connected(request.receive, anext(events, None))
        return EventStream(first, events, ResponseEvents(made, notes))
    answer, turned = await while_connected(request.receive, _whole(events))
    return JSONResponse(reply(made, answer, turned, notes))


async def _events(body: ChatRequest, here: Workspace) -> AsyncGenerator[Any]:
    """The events of the answer, not yet begun. Raises for what cannot be answered."""
    index, strategy = await asyncio.to_thread(index_and_strategy, body.model, here)
    question, history = asked(body.messages)
    more = body.ragkit or Extension.model_validate({})
    events = here.stream(
        question,
        chosen(body, index, strategy),
        history=history,
        conversation=more.conversation,
        remember=more.remember,
        live=body.stream,
        seed=body.seed,
        drawing=Drawing(body.temperature, body.top_p),
    )
    return stopped(events, body.stops) if body.stops else events


async def _whole(events: AsyncGenerator[Any]) -> tuple[Answer, tuple[str, int] | None]:
    """The answer, and where it was stored."""
    turned: tuple[str, int] | None = None
    async with closing(events):
        async for event in events:
            if isinstance(event, Turned):
                turned = (event.conversation_id, event.ordinal)
            if isinstance(event, Done):
                return event.answer, turned
    raise RuntimeError("the pipeline ended without an answer; please report this")


def _ignored(body: ChatRequest) -> tuple[str, ...]:
    told = any(m.role in ("system", "developer") for m in body.messages)
    return ("system messages have no effect here: prompts are the server's",) if told else ()


def routers() -> list[APIRouter]:
    """All of `/v1`, the router of what is not there last."""
    known = [router, models.router, embedding.router]
    return [*known, elsewhere(known)]
