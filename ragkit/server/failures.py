"""Errors as HTTP: one shape, OpenAI's, for every path, and one status for each kind of error."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ..errors import (
    BusyError,
    EngineError,
    EngineTimeoutError,
    IndexLockedError,
    IndexMismatchError,
    LoadError,
    MissingDependencyError,
    NotFoundError,
    RagkitError,
    StoreError,
    UsageError,
)

__all__ = ["DOCUMENTED", "Failure", "answer_failures", "failure", "status_of"]

log = logging.getLogger("ragkit")
_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (BusyError, 429, "rate_limit_error"),
    (UsageError, 400, "invalid_request_error"),
    (LoadError, 400, "invalid_request_error"),
    (NotFoundError, 404, "not_found_error"),
    (IndexLockedError, 409, "conflict_error"),
    (IndexMismatchError, 409, "conflict_error"),
    (EngineTimeoutError, 504, "timeout_error"),
    (EngineError, 503, "engine_error"),
    (StoreError, 503, "store_error"),
    (MissingDependencyError, 501, "server_error"),
)
_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
}


class FailureBody(BaseModel):
    """What went wrong, the limit and the remedy, in one line."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Failure(BaseModel):
    """The body of every response that is not a success."""

    error: FailureBody


_MEANING = {
    400: "The request cannot be used as it is",
    401: "Nobody is logged in",
    403: "The request comes from another site, or names another host",
    404: "There is no such thing",
    409: "Another process is writing to the index",
    413: "The body is too large",
    429: "Busy: the header Retry-After says for how many seconds",
    503: "The model or the database failed",
    504: "The model took too long",
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    code: {"model": Failure, "description": text} for code, text in _MEANING.items()
}


def status_of(error: BaseException) -> tuple[int, str]:
    """The HTTP status and the type of an error."""
    return next(((code, kind) for known, code, kind in _STATUS if isinstance(error, known)), (500, "server_error"))


def failure(
    status: int, message: str, kind: str = "", *, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """The body of a failed request."""
    kind = kind or _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def body_of(error: BaseException) -> dict[str, Any]:
    """The body for an error that ragkit raised; anything else is logged and told without its words."""
    status, kind = status_of(error)
    if isinstance(error, RagkitError):
        code = "busy" if isinstance(error, BusyError) else getattr(error, "code", None)
        return failure(status, " ".join(str(error).split()), kind, param=getattr(error, "param", None), code=code)
    log.error("a request failed", exc_info=error)
    return failure(status, f"unexpected {type(error).__name__}; the server's log says where", kind)


def answer_failures(app: FastAPI) -> None:
    """Make every error that leaves a route a response in the one shape."""

    @app.exception_handler(RagkitError)
    async def known(_: Request, error: RagkitError) -> JSONResponse:
        headers = {"Retry-After": str(error.seconds)} if isinstance(error, BusyError) else None
        return JSONResponse(body_of(error), status_of(error)[0], headers)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        unknown = first["type"] == "extra_forbidden"
        place = ".".join(str(part) for part in first["loc"][1:]) or "the body"
        told = f"there is no such field; leave out {place!r}" if unknown else first["msg"]
        shown, place = (text.encode("utf-8", "replace").decode() for text in (f"{place}: {told}", place))
        code = "unknown_parameter" if unknown else None
        return JSONResponse(failure(400, shown, param=place, code=code), 400)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail if isinstance(error.detail, str) else str(error.detail)
        return JSONResponse(failure(error.status_code, detail), error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse(body_of(error), 500)
