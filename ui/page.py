"""ASGI around the pages that Gradio serves: the visitor's language, our style and script, and no trace of other hosts.

Gradio's page names its project's site and picture in `<meta>` tags, says that it is in English, and adds a head of ours
only when its own script has run. Here the page is rewritten on its way out.
"""

from __future__ import annotations

import re
from typing import Any

from .theme import head
from .words import LANGUAGES, preferred

__all__ = ["COOKIE", "Pages"]

COOKIE = "ragkit_language"
_PATHS = {"/": "en"} | {f"/{code}{slash}": code for code in LANGUAGES if code != "en" for slash in ("", "/")}
_FOREIGN = re.compile(r"<meta\s[^>]*(?:og:|twitter:)[^>]*>\s*")


class Pages:
    """Leads a browser that comes to `/` to the page in its language (a choice is kept in a cookie); dresses pages."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._head = head()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        language = _PATHS.get(scope.get("path", "")) if scope["type"] == "http" else None
        if language is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        from starlette.requests import Request
        from starlette.responses import RedirectResponse

        request = Request(scope)
        root, query = scope.get("root_path", "").rstrip("/"), f"?{request.url.query}" if request.url.query else ""
        wanted = request.cookies.get(COOKIE, "") or preferred(request.headers.get("accept-language", ""))
        if scope["path"] == "/" and wanted in LANGUAGES and wanted != "en":
            await RedirectResponse(f"{root}/{wanted}/{query}", status_code=302)(scope, receive, send)
        elif not scope["path"].endswith("/"):
            await RedirectResponse(f"{root}{scope['path']}/{query}", status_code=307)(scope, receive, send)
        else:
            plain = [
                (k, v) for k, v in scope["headers"] if k != b"accept-encoding"
            ]  # it comes as text, to be rewritten
            await self._app(scope | {"headers": plain}, receive, _Dressing(send, language, self._head))


class _Dressing:
    """Collects a page, rewrites it, sends it on."""

    def __init__(self, send: Any, language: str, head: str) -> None:
        self._send, self._language, self._head = send, language, head
        self._start: Any = None
        self._body = b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = dict(self._start["headers"])
        if headers.get(b"content-type", b"").startswith(b"text/html") and self._start["status"] == 200:
            self._body = self._dressed(self._body.decode()).encode()
            headers[b"content-length"] = str(len(self._body)).encode()
            self._start = self._start | {"headers": [*headers.items()]}
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})

    def _dressed(self, page: str) -> str:
        page = _FOREIGN.sub("", page).replace('lang="en"', f'lang="{self._language}"', 1)
        return page.replace("</head>", f"{self._head}</head>", 1)
