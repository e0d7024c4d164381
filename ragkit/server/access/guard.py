"""The guard before every route: host, origin, who asks, how much is sent — and the headers on everything that leaves.

A plain ASGI middleware, so that streams pass through it untouched. On loopback only loopback's own names are served,
which ends DNS rebinding; a browser that sends something from another site is refused, with or without a login.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import BusyError, RagkitError
from ..failures import body_of, failure, status_of
from ..pages import message_page
from .auth import Auth
from .cors import CrossOrigin
from .csp import Policy

__all__ = ["Guard", "Limits"]

MIB = 1024 * 1024
OPEN_PATHS = frozenset({"/health", "/ready", "/login", "/logout"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with "no-referrer" a browser sends forms with `Origin: null`
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest body, in bytes: of an upload, and of any other request."""

    upload_bytes: int = 1000 * MIB
    body_bytes: int = 8 * MIB

    def of(self, path: str) -> int:
        """The limit of a path."""
        uploads = path == "/api/uploads" or (
            path.startswith("/api/indexes/") and path.endswith(("/documents", "/texts"))
        )
        return self.upload_bytes if uploads else self.body_bytes


class Guard:
    """Wraps the whole app. auth: None lets everybody in as the one user "". loopback: bound to this machine alone."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        auth: Auth | None,
        loopback: bool,
        limits: Limits,
        hosts: Iterable[str] = (),
        cors: CrossOrigin | None = None,
    ) -> None:
        self._cors = cors or CrossOrigin()
        self._app, self._auth, self._loopback, self._limits = app, auth, loopback, limits
        self._hosts = LOOPBACK | {h.lower() for h in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        policy = Policy(_prefers_html(headers))
        policy.prepare(scope)
        guarded = policy.sender(_with_headers(send, private=self._auth is not None))
        origin = self._cors.origin_of(scope, headers)
        if origin:
            guarded = self._cors.sender(guarded, origin)
        refused = self._refusal(scope, headers, named=bool(origin))
        if refused is None and origin and self._cors.asks_first(scope, headers):
            refused = self._cors.permission(headers)
        if refused is None:
            refused = await self._authenticate(scope, headers, {} if origin else _cookies(headers))
        if refused is not None:
            if _prefers_html(headers) and isinstance(refused, JSONResponse):
                refused = _as_page(refused)
            await refused(scope, receive, guarded)
            return
        await self._limited(scope, receive, guarded)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._limits.of(scope["path"])
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, _too_large(limit))
            return message

        await self._app(scope, counted, send)

    def _refusal(self, scope: Scope, headers: Headers, *, named: bool) -> Response | None:
        """Why a request is refused whoever sends it; None when it is not. named: it comes from an origin let in."""
        host = headers.get("host", "")
        if self._loopback and _name_of(host) not in self._hosts:
            return _fail(403, f"this server answers to localhost alone, not to {host[:80]!r}; open http://127.0.0.1")
        if not named and scope["method"] not in SAFE and _foreign(headers, host):
            return _fail(403, "the request comes from another site; send it from this server's own pages")
        length = headers.get("content-length", "0")
        limit = self._limits.of(scope["path"])
        if length.isdecimal() and int(length) > limit:
            return _fail(413, _too_large(limit))
        return None

    async def _authenticate(self, scope: Scope, headers: Headers, cookies: Mapping[str, str]) -> Response | None:
        state = scope.setdefault("state", {})
        if self._auth is None:
            state["ragkit_user"] = ""
            return None
        client = scope.get("client") or ("", 0)
        try:
            user = await self._auth.user_of(headers, cookies, client[0])
        except RagkitError as exc:
            wait = {"Retry-After": str(exc.seconds)} if isinstance(exc, BusyError) else None
            return JSONResponse(body_of(exc), status_of(exc)[0], wait)
        state["ragkit_user"] = user
        if user is not None or scope["path"] in OPEN_PATHS:
            return None
        if scope["method"] == "GET" and _prefers_html(headers):
            query = scope["query_string"].decode("latin-1")
            after = scope["path"] + (f"?{query}" if query else "")
            return RedirectResponse(f"/login?next={quote(after, safe='/')}", 303)
        refused = _fail(401, "log in at /login, or send `Authorization: Bearer KEY` (or `NAME:PASSWORD`)")
        refused.headers["www-authenticate"] = "Bearer"
        return refused


def _fail(status: int, message: str) -> JSONResponse:
    return JSONResponse(failure(status, message), status)


def _as_page(refused: JSONResponse) -> HTMLResponse:
    """What a person reads where a program would get JSON."""
    message = json.loads(bytes(refused.body))["error"]["message"]
    kept = {k: v for k, v in refused.headers.items() if k not in ("content-length", "content-type")}
    return HTMLResponse(message_page(message), refused.status_code, kept)


def _too_large(limit: int) -> str:
    return f"the body exceeds the limit of {limit} bytes; send less at once"


def _name_of(host: str) -> str:
    """The host's name without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _foreign(headers: Headers, host: str) -> bool:
    """Whether a browser says that another site's page sent the request.

    `Sec-Fetch-Site` no page can write; `Origin` is read where a browser does not send it.
    """
    if (site := headers.get("sec-fetch-site", "")) and headers.get("origin") in (None, "null"):
        return site not in {"same-origin", "none"}
    if site in {"cross-site", "same-site"}:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc.lower() != host.lower() if origin != "null" else True


def _prefers_html(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _with_headers(send: Send, *, private: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if private and headers.get("content-type", "").startswith(("text/html", "application/json")):
                headers.setdefault("cache-control", "no-store")  # after a logout, "back" shows nothing
        await send(message)

    return sending
