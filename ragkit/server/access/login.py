"""The login form of a browser: a page without scripts, and the cookie it earns. Whatever goes wrong is a page too."""

from __future__ import annotations

import asyncio
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from ...errors import BusyError, RagkitError
from ...text.languages import languages
from .auth import COOKIE, SESSION_S, Auth

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
MAX_FIELD = 2000
_PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>ragkit</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}
body{{display:grid;place-content:center;min-height:90vh}}form{{display:grid;gap:.7rem;width:min(20rem,86vw)}}
input,button{{font:inherit;padding:.55rem .7rem;border-radius:.5rem;border:1px solid #8888}}
button{{background:#2f5d50;color:#fff;border:0}}p{{margin:0;color:light-dark(#b3261e,#f2b8b5)}}</style></head>
<body><main><form method="post" action="/login"><h1>ragkit</h1><p role="alert">{message}</p>{name}
<label for="password">{secret}</label>
<input id="password" name="password" type="password" required autocomplete="current-password">
<input type="hidden" name="next" value="{next}"><button>{enter}</button></form></main></body></html>"""
_NAME = """<label for="name">{name}</label><input id="name" name="name" required autocomplete="username" autofocus
value="{given}">"""


def _page(
    request: Request,
    auth: Auth,
    after: str,
    message: str = "",
    status: int = 200,
    *,
    given: str = "",
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    lang, words = _words(request)
    name = _NAME.format(name=words["name"], given=escape(given, quote=True)) if auth.named else ""
    text = _PAGE.format(
        lang=lang,
        message=escape(message),
        name=name,
        secret=words["password" if auth.named else "key"],
        next=escape(_local(after), quote=True),
        enter=words["enter"],
    )
    return HTMLResponse(text, status, {"cache-control": "no-store", **(headers or {})})


def _words(request: Request) -> tuple[str, dict[str, str]]:
    """The language that was chosen in the app, else the browser's first, and its words."""
    wanted = [request.cookies.get("ragkit_language", ""), request.headers.get("accept-language", "")[:2].lower()]
    told = {each.code: dict(each.login) for each in languages() if each.login}
    lang = next((code for code in wanted if code in told), "en")
    return lang, told[lang]


def _local(path: str) -> str:
    """The path to go on to, which never leads to another site."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if fine else "/"


@router.get("/login")
async def form(request: Request, next: str = "/") -> Response:
    """The form; where nobody logs in, the page itself."""
    auth: Auth | None = request.app.state.auth
    return RedirectResponse("/", 303) if auth is None else _page(request, auth, next)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Check name and password; give the cookie and go on, or show the form again with what is wrong."""
    auth: Auth | None = request.app.state.auth
    if auth is None:
        return RedirectResponse("/", 303)
    words = _words(request)[1]
    try:
        sent = {key: str(value) for key, value in (await request.form(max_files=0, max_fields=10)).items()}
    except HTTPException:
        return _page(request, auth, "/", words["wrong"], 400)
    name, password, after = (sent.get(field, "") for field in ("name", "password", "next"))
    if not password or max(map(len, (name, password, after))) > MAX_FIELD:
        return _page(request, auth, after[:MAX_FIELD], words["wrong"], 400, given=name[:100])
    address = request.client.host if request.client else ""
    try:
        user = await asyncio.to_thread(auth.log_in, name, password, address)
        if user is None:
            return _page(request, auth, after, words["wrong"], 401, given=name)
        token = await asyncio.to_thread(auth.begin_session, user)
    except BusyError as exc:
        wait = {"Retry-After": str(exc.seconds)}
        return _page(request, auth, after, words["busy"].format(seconds=exc.seconds), 429, given=name, headers=wait)
    except RagkitError as exc:
        return _page(request, auth, after, str(exc), 503, given=name)
    response = RedirectResponse(_local(after or "/"), 303)
    response.set_cookie(
        COOKIE, token, max_age=SESSION_S, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/"
    )
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session, here and in the browser."""
    auth: Auth | None = request.app.state.auth
    if auth is not None and (token := request.cookies.get(COOKIE)):
        await asyncio.to_thread(auth.end_session, token)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return response
