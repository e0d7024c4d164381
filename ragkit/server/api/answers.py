"""`/api`: search, ask, conversations, traces and votes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath

from ...reasoning.base import closing
from ...types import Done, to_plain
from ..failures import DOCUMENTED
from ..here import Here, while_connected
from ..workspace import Turned
from .shapes import AskRequest, Deleted, Record, Records, SearchRequest, Title, Truncate, VoteRequest

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["Questions"], responses=DOCUMENTED)
ConversationId = Annotated[str, InPath(min_length=1, max_length=64)]
TraceId = Annotated[str, InPath(min_length=4, max_length=64)]


@router.post("/search", response_model=Records)
async def search(request: Request, body: SearchRequest, here: Here) -> dict[str, Any]:
    """The passages nearest to a query, with the score of each half."""
    index = await asyncio.to_thread(here.searchable, body.index)
    k = here.depth(body.k)
    looking = asyncio.to_thread(index.search, body.query, k, mode=body.mode, where=body.where, expand=body.expand)
    return {"data": to_plain(await while_connected(request.receive, looking))}


@router.post("/ask", response_model=Record)
async def ask(request: Request, body: AskRequest, here: Here) -> dict[str, Any]:
    """Answer a question from an index, with citations and the account of what was spent."""
    asked = body.chosen(index=body.index)
    events = here.stream(body.question, asked, conversation=body.conversation, remember=body.remember, live=False)

    async def whole() -> dict[str, Any]:
        told: dict[str, Any] = {}
        async with closing(events):
            async for event in events:
                if isinstance(event, Turned):
                    told = {"conversation": event.conversation_id, "turn": event.ordinal}
                elif isinstance(event, Done):
                    return {**event.answer.to_dict(), **told}
        raise RuntimeError("the pipeline ended without an answer; please report this")

    return await while_connected(request.receive, whole())


@router.get("/conversations", response_model=Records)
def list_conversations(
    here: Here,
    search: Annotated[str, Query(max_length=500)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """The conversations, newest first. search: words of a title, a question or an answer."""
    return {"data": to_plain(here.conversations(search, limit))}


@router.get("/conversations/{id}", response_model=Record)
def show_conversation(id: ConversationId, here: Here) -> dict[str, Any]:
    """One conversation with its turns."""
    return {**to_plain(here.conversation(id)), "messages": to_plain(here.turns(id))}


@router.patch("/conversations/{id}", response_model=Record)
def rename_conversation(id: ConversationId, body: Title, here: Here) -> dict[str, Any]:
    """Give a conversation another title."""
    here.rename_conversation(id, body.title)
    renamed: dict[str, Any] = to_plain(here.conversation(id))
    return renamed


@router.delete("/conversations/{id}", response_model=Deleted)
def delete_conversation(id: ConversationId, here: Here) -> dict[str, int]:
    """Delete a conversation with its turns."""
    here.delete_conversation(id)
    return {"deleted": 1}


@router.post("/conversations/{id}/truncate", response_model=Deleted)
def truncate_conversation(id: ConversationId, body: Truncate, here: Here) -> dict[str, int]:
    """Forget every turn after the first `keep`."""
    return {"deleted": here.truncate(id, body.keep)}


@router.get("/traces/{id}", response_model=Record)
def show_trace(id: TraceId, here: Here) -> dict[str, Any]:
    """The stored record of an answer: what was read, thought, cited and spent."""
    told: dict[str, Any] = to_plain(here.trace(id))
    return told


@router.post("/traces/{id}/vote", response_model=Record)
def vote(id: TraceId, body: VoteRequest, here: Here) -> dict[str, Any]:
    """Say whether an answer was good."""
    cast = here.vote(here.trace(id).id, body.value, body.comment)
    return {} if cast is None else {**to_plain(cast)}
