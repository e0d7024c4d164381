"""Who asks: the workspace of the user behind a Gradio request. Nothing else may look one up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

    from ragkit.server.service import Service
    from ragkit.server.workspace import Workspace

__all__ = ["session_of", "workspace_of"]


def workspace_of(request: gr.Request, service: Service) -> Workspace:
    """What the user of this request may see; the user is "" while authentication is off."""
    return service.workspace(getattr(request, "username", None) or "")


def session_of(request: gr.Request) -> str:
    """The id of the browser tab that sent the request."""
    return request.session_hash or ""
