"""The FastAPI app: every route, behind one guard. The chat app is mounted on it by whoever has it (`ragkit.ui`)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.middleware import Middleware
from starlette.routing import Route

from .. import __version__
from .access import login
from .access.auth import Auth
from .access.cors import CrossOrigin
from .access.guard import MIB, Guard, Limits
from .api import answers, indexes
from .failures import DOCUMENTED, answer_failures, failure
from .metrics import Metrics, Timed
from .openai import api as openai_api
from .pages import docs_page
from .service import Service
from .tools import ToolsOverHttp

__all__ = ["build_app"]

DESCRIPTION = (
    "Answers from your own documents, with a model on your own machine: cited, budgeted, measured. "
    "`/v1` is OpenAI's API (the model is an index), `/api` is ragkit's own, `/mcp` serves MCP clients."
)
UPLOAD_FACTOR = 10  # a request may hold so many files of the largest size
about = APIRouter(tags=["Server"])


class _App(FastAPI):
    """FastAPI, but in its document what cannot be read is a 400, never FastAPI's 422."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            made = get_openapi(title=self.title, version=self.version, description=self.description, routes=self.routes)
            for methods in made["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
            for unused in ("HTTPValidationError", "ValidationError"):
                made["components"]["schemas"].pop(unused, None)
            if self.state.auth is not None:
                made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
                made["security"] = [{"key": []}]
            self.openapi_schema = made
        return self.openapi_schema


def build_app(
    service: Service,
    *,
    auth: Auth | None = None,
    loopback: bool = True,
    hosts: Iterable[str] = (),
    cors: Iterable[str] = (),
) -> FastAPI:
    """The app over a service. auth: None lets everybody in. loopback: refuse every Host but this machine's own names.

    hosts: further names to answer to on loopback. cors: origins of other sites whose pages may call `/v1`.
    """
    tools = ToolsOverHttp(service)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.run():
            yield

    metrics = Metrics(service)
    limits = Limits(upload_bytes=service.settings.max_upload_mb * MIB * UPLOAD_FACTOR)
    app = _App(
        title="ragkit",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(Timed, metrics=metrics),
            Middleware(Guard, auth=auth, loopback=loopback, limits=limits, hosts=tuple(hosts), cors=CrossOrigin(cors)),
        ],
    )
    app.state.service, app.state.auth, app.state.metrics = service, auth, metrics
    for router in (*openai_api.routers(), answers.router, indexes.router, indexes.sending, login.router, about):
        app.include_router(router)
    app.router.routes.append(Route("/mcp", endpoint=tools))
    answer_failures(app)
    return app


@about.get("/health", response_model=dict[str, str])
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@about.get("/ready", response_model=dict[str, Any], responses={503: DOCUMENTED[503]})
async def ready(request: Request) -> Response:
    """The model is loaded and the database answers: questions may come."""
    service: Service = request.app.state.service
    if not service.ready:
        return JSONResponse(failure(503, "the model is being loaded; ask again in a moment", "engine_error"), 503)
    await asyncio.to_thread(service.check_store)
    return JSONResponse({"status": "ready", **service.in_flight()})


@about.get("/metrics", response_class=PlainTextResponse, responses={401: DOCUMENTED[401], 403: DOCUMENTED[403]})
async def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@about.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The API as a page."""
    return HTMLResponse(docs_page(request.app.openapi()))
