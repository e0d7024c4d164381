"""`/v1`: chat completions, models and embeddings as OpenAI's API has them, answered from indexes."""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ...errors import NotFoundError, UsageError
from ...reasoning.base import closing
from ...types import Answer, Done
from ..failures import DOCUMENTED
from ..here import Here, while_connected
from ..workspace import Turned, Workspace
from .shapes import (
    ChatRequest,
    Completion,
    EmbeddingRequest,
    Embeddings,
    Extension,
    ModelList,
    asked,
    chosen,
    evidence,
    finish_reason,
    usage_of,
)
from .stream import Chunks, EventStream

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=DOCUMENTED)
EMBED_BATCH = 64


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "The answer"}},
)
async def chat(request: Request, body: ChatRequest, here: Here) -> Response:
    """Answer the last user message from an index; earlier messages are the conversation it belongs to.

    `stream` sends server-sent events. The client's going away ends the work.
    """
    index, strategy = _model(body.model, here)
    question, history = asked(body.messages)
    more = body.ragkit or Extension.model_validate({})
    events = here.stream(
        question,
        chosen(body, index, strategy),
        history=history,
        conversation=more.conversation,
        remember=more.remember,
        live=body.stream,
    )
    notes = _ignored(body)
    name, created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        chunks = Chunks(name, created, body.model, usage=usage, notes=notes)
        first = await while_connected(request.receive, anext(events, None))
        return EventStream(first, events, chunks)

    async def whole() -> tuple[Answer, tuple[str, int] | None]:
        turned: tuple[str, int] | None = None
        async with closing(events):
            async for event in events:
                if isinstance(event, Turned):
                    turned = (event.conversation_id, event.ordinal)
                if isinstance(event, Done):
                    return event.answer, turned
        raise RuntimeError("the pipeline ended without an answer; please report this")

    answer, turned = await while_connected(request.receive, whole())
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


def _model(name: str, here: Workspace) -> tuple[str, str | None]:
    """The index and the strategy that a model's name stands for."""
    index, colon, strategy = name.partition(":")
    if colon and strategy not in here.strategies():
        raise NotFoundError(f"no model {name!r}: after the colon goes one of {', '.join(here.strategies())}")
    return index, strategy or None


def _ignored(body: ChatRequest) -> tuple[str, ...]:
    told = any(m.role in ("system", "developer") for m in body.messages)
    return ("system messages have no effect here: prompts are the server's",) if told else ()


@router.get("/models", response_model=ModelList)
def models(here: Here) -> dict[str, Any]:
    """What `model` may be: each index, and each index with a strategy.

    `ragkit.description` says what it is, `ragkit.language_models` what `ragkit.model` of a request may be.
    """
    found = []
    for record in here.indexes():
        documents, chunks = here.store.counts(record.id)
        shared = {"index": record.name, "documents": documents, "chunks": chunks, "encoder": record.encoder}
        shared |= {"language_models": here.models()}
        for strategy in ("", *here.strategies()):
            told = f"answers from {record.name!r} by {strategy or here.default_strategy}"
            found.append(
                {
                    "id": f"{record.name}:{strategy}" if strategy else record.name,
                    "object": "model",
                    "created": int(record.created_at.timestamp()),
                    "owned_by": "ragkit",
                    "ragkit": {**shared, "strategy": strategy or here.default_strategy, "description": told},
                }
            )
    return {"object": "list", "data": found}


@router.post("/embeddings", response_model=Embeddings)
async def embeddings(request: Request, body: EmbeddingRequest, here: Here) -> dict[str, Any]:
    """Embed texts with the encoder of an index; unit vectors."""
    texts = body.texts
    index = await asyncio.to_thread(here.index, _model(body.model, here)[0])
    encoder = await asyncio.to_thread(lambda: index.encoder)
    if body.dimensions not in (None, encoder.dim):
        raise UsageError(f"dimensions={body.dimensions}: the encoder of this index makes {encoder.dim}; leave it out")

    async def all_of_them() -> list[Any]:
        rows: list[Any] = []
        for start in range(0, len(texts), EMBED_BATCH):
            rows.extend(await asyncio.to_thread(encoder.encode, texts[start : start + EMBED_BATCH]))
        return rows

    rows = await while_connected(request.receive, all_of_them())
    tokens = sum(await asyncio.to_thread(encoder.count_tokens, texts))
    data = [
        {
            "object": "embedding",
            "index": n,
            "embedding": row.tolist()
            if body.encoding_format == "float"
            else base64.b64encode(row.astype("<f4").tobytes()).decode(),
        }
        for n, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body.model, "usage": usage}
