"""What lies below `/v1` and is not there: 404 and 405 as OpenAI's API says them, before any page is looked for."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Route

from ..failures import failure

__all__ = ["elsewhere"]


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def elsewhere(routers: list[APIRouter]) -> APIRouter:
    """A router for every other path below `/v1`; include it after those given, which are what there is."""
    router = APIRouter(prefix="/v1", include_in_schema=False)
    known: list[BaseRoute] = [route for each in routers for route in each.routes]

    @router.api_route("/{path:path}", methods=list(METHODS))
    async def absent(request: Request) -> JSONResponse:
        for route in known:
            if isinstance(route, Route) and route.matches(request.scope)[0] is Match.PARTIAL:
                allowed = sorted(route.methods or ())
                said = f"{request.method} is not allowed on {request.url.path}; use {' or '.join(allowed)}"
                headers = {"allow": ", ".join(allowed)}
                return JSONResponse(failure(405, said, code="method_not_supported"), 405, headers)
        said = f"there is no {request.method} {request.url.path[:200]}; /docs lists what there is"
        return JSONResponse(failure(404, said, "invalid_request_error", code="unknown_url"), 404)

    return router
