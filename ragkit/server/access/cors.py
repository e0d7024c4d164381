"""Pages of other sites that may call `/v1`: those that the server names, with a key and never with a login's cookie."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from ...errors import UsageError

__all__ = ["CrossOrigin"]

BELOW = "/v1/"
KEPT_S = 600  # how long a browser may keep the answer to its question


class CrossOrigin:
    """The origins that are let in, as "https://app.example". Raises UsageError for what is none."""

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self._origins = frozenset(_checked(origin) for origin in origins)

    def origin_of(self, scope: Scope, headers: Headers) -> str:
        """The named origin that a request to `/v1` comes from; "" for every other request."""
        origin = headers.get("origin", "").lower()
        return origin if origin in self._origins and scope["path"].startswith(BELOW) else ""

    @staticmethod
    def asks_first(scope: Scope, headers: Headers) -> bool:
        """Whether a browser asks what it may send."""
        return scope["method"] == "OPTIONS" and "access-control-request-method" in headers

    @staticmethod
    def permission(headers: Headers) -> Response:
        """The answer to that."""
        wanted = headers.get("access-control-request-headers", "")
        return Response(
            status_code=204,
            headers={
                "access-control-allow-methods": "GET, POST",
                "access-control-allow-headers": wanted or "authorization, content-type",
                "access-control-max-age": str(KEPT_S),
            },
        )

    @staticmethod
    def sender(send: Send, origin: str) -> Send:
        """A `send` that lets the origin's page read the response."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["access-control-allow-origin"] = origin
                headers["access-control-expose-headers"] = "retry-after"
                headers.add_vary_header("origin")
            await send(message)

        return sending


def _checked(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
        raise UsageError(f"--cors {origin!r} is no origin; name it as https://app.example, each one by itself")
    return origin.lower()
