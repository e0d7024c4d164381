"""The login form of a browser: a page without scripts, and the cookie it earns."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ..errors import BusyError
from .auth import COOKIE, SESSION_S, Auth

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ragkit</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}
body{{display:grid;place-content:center;min-height:90vh}}form{{display:grid;gap:.7rem;width:min(20rem,86vw)}}
input,button{{font:inherit;padding:.55rem .7rem;border-radius:.5rem;border:1px solid #8888}}
button{{background:#2f5d50;color:#fff;border:0}}p{{margin:0;color:#b3261e}}</style></head>
<body><main><form method="post" action="/login"><h1>ragkit</h1><p role="alert">{message}</p>{name}
<label for="password">{secret}</label>
<input id="password" name="password" type="password" required autocomplete="current-password">
<input type="hidden" name="next" value="{next}"><button>Log in</button></form></main></body></html>"""
_NAME = """<label for="name">Name</label><input id="name" name="name" required autocomplete="username" autofocus>"""


def _page(auth: Auth, after: str, message: str = "", status: int = 200) -> HTMLResponse:
    name, secret = (_NAME, "Password") if auth.named else ("", "Key")
    text = _PAGE.format(message=escape(message), name=name, secret=secret, next=escape(_local(after), quote=True))
    return HTMLResponse(text, status, {"cache-control": "no-store"})


def _local(path: str) -> str:
    """The path to go on to, which never leads to another site."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if fine else "/"


@router.get("/login")
async def form(request: Request, next: str = "/") -> Response:
    """The form; where nobody logs in, the page itself."""
    auth: Auth | None = request.app.state.auth
    return RedirectResponse("/", 303) if auth is None else _page(auth, next)


@router.post("/login")
async def log_in(
    request: Request,
    password: Annotated[str, Form(max_length=1024)],
    name: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Check name and password; give the cookie and go on, or show the form again."""
    auth: Auth | None = request.app.state.auth
    if auth is None:
        return RedirectResponse("/", 303)
    address = request.client.host if request.client else ""
    try:
        user = await asyncio.to_thread(auth.log_in, name, password, address)
    except BusyError as exc:
        return _page(auth, next, str(exc), 429)
    if user is None:
        return _page(auth, next, "That is not right; try again.", 401)
    response = RedirectResponse(_local(next), 303)
    response.set_cookie(
        COOKIE, auth.cookie_for(user), max_age=SESSION_S, httponly=True, samesite="lax",
        secure=request.url.scheme == "https", path="/",
    )  # fmt: skip
    return response


@router.post("/logout")
async def log_out() -> Response:
    """Forget the cookie."""
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return response
