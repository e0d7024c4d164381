"""Request dependencies, which routes share: the caller's workspace, and work that ends when the client goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, model_validator

from ..errors import UsageError
from .access.auth import current_user
from .workspace import Workspace

__all__ = ["Body", "Here", "while_connected"]

T = TypeVar("T")


def _workspace(request: Request) -> Workspace:
    found: Workspace = request.app.state.service.workspace(current_user(request) or "")
    return found


Here = Annotated[Workspace, Depends(_workspace)]
"""The workspace of whoever sent the request."""


class Body(BaseModel):
    """A request's body; text that no database can hold is refused at the door."""

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        _check(value)
        return value


def _check(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value if c > "\ud7ff"):
            raise ValueError("text holds NUL or half a surrogate pair; remove it")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key)
            _check(item)
    elif isinstance(value, list):
        for item in value:
            _check(item)


async def while_connected(receive: Callable[[], Awaitable[Any]], work: Coroutine[Any, Any, T]) -> T:
    """Run `work`, but cancel it as soon as the client has gone. Raises UsageError then; nobody reads it.

    receive: the ASGI channel of a request whose body has been read.
    """

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    running, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return running.result()
        raise UsageError("the client went away before the answer came")
    finally:
        for task in (running, leaving):
            task.cancel()
        for task in (running, leaving):
            with suppress(asyncio.CancelledError, Exception):
                await task
