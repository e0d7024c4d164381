"""The server: one process with an OpenAI-compatible API, an API of its own, MCP and metrics, for one user or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import MissingDependencyError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from .service import Service

__all__ = ["create_app"]

EXTRA = {"fastapi", "starlette", "uvicorn", "mcp", "prometheus_client", "python_multipart", "gradio"}


def create_app(service: Service, **options: Any) -> FastAPI:
    """The FastAPI app over a service; options as in `ragkit.server.app.build_app`.

    Raises MissingDependencyError where the extra ``ragkit[ui]`` is not installed.
    """
    try:
        from .app import build_app
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in EXTRA:
            raise
        raise MissingDependencyError("the server", extra="ui") from exc
    return build_app(service, **options)
