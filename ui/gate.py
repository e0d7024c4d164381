"""The gate before Gradio: of all it serves, only the page and its events — and no request that could name a file.

Gradio reads a file wherever an event's data says ``{"path": …}``, hands out files at ``/file=``, fetches for whoever
asks at ``/proxy=``, and lets every session hash be used by everybody. So each of its apps stands behind this: what is
not listed is 404; data that names a file is refused, for every event alike; and the session a browser names is
made the user's own, so that another user who knows it reaches a session that is not there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Container, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

__all__ = ["OnlyEvents"]

MAX_BODY_BYTES = 1024 * 1024
MAX_DEPTH = 24
FORWARDED = ("data", "event_data", "fn_index", "trigger_id", "session_hash")
_JOIN, _DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
_HEARTBEAT = re.compile(r"(/gradio_api/heartbeat/)([\w-]{1,64})")
_PAGE = re.compile(
    r"/|/(?:config|theme\.css|favicon\.ico|robots\.txt|manifest\.json)/?|/(?:assets|static|svelte)/[\w./@+-]+"
    r"|/gradio_api/(?:info|startup-events|app_id|theme\.css)/?"
)
_SESSION = re.compile(r"[\w-]{1,64}")
_SECRET = secrets.token_bytes(32)  # sessions last as long as the process


class OnlyEvents:
    """ASGI around one Gradio app; `ragkit_user` in the scope's state tells who asks. events: the numbers it answers."""

    def __init__(self, app: Any, events: Container[int]) -> None:
        self._app, self._events = app, events

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused: tuple[int, str] | None = (404, "there is no such page")
        if scope["type"] == "http":
            path, method = scope["path"].removeprefix(scope.get("root_path", "").rstrip("/")) or "/", scope["method"]
            if method == "POST" and path == _JOIN:
                refused, scope, receive = await _joining(scope, receive, self._events)
            elif method == "GET" and path == _DATA:
                refused, scope = _listening(scope)
            elif method == "GET" and (beat := _HEARTBEAT.fullmatch(path)):
                own = scope["path"].removesuffix(beat[2]) + _own(scope, beat[2])
                refused, scope = None, {**scope, "path": own, "raw_path": own.encode()}
            elif method in ("GET", "HEAD") and _PAGE.fullmatch(path) and ".." not in path:
                refused = None
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await _refuse(send, *refused)


async def _joining(scope: Any, receive: Any, events: Container[int]) -> tuple[tuple[int, str] | None, Any, Any]:
    """The request to begin an event, read whole and written anew."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return (400, "the request ended early"), scope, receive
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return (413, f"an event exceeds the limit of {MAX_BODY_BYTES} bytes; say less at once"), scope, receive
        if not message.get("more_body"):
            break
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return (400, "the event is not JSON"), scope, receive
    if not isinstance(told, dict) or not _SESSION.fullmatch(str(told.get("session_hash", ""))):
        return (400, "the event names no session"), scope, receive
    number = told.get("fn_index")
    if type(number) is not int or number not in events or not isinstance(told.get("data"), list):
        return (400, "there is no such event on this page; load the page again"), scope, receive
    if any(_names_a_file(value) for value in _below(told)):
        return (400, "an event cannot name a file; send the file itself"), scope, receive
    kept = {name: told[name] for name in FORWARDED if name in told}
    written = json.dumps({**kept, "session_hash": _own(scope, told["session_hash"])}).encode()
    headers = [(k, v) for k, v in scope["headers"] if k.lower() not in (b"content-length", b"transfer-encoding")]
    headers.append((b"content-length", str(len(written)).encode()))
    given = False

    async def once() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": written, "more_body": False}

    return None, {**scope, "headers": headers}, once


def _listening(scope: Any) -> tuple[tuple[int, str] | None, Any]:
    named = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("session_hash", "")
    if not _SESSION.fullmatch(named):
        return (400, "the request names no session"), scope
    return None, {**scope, "query_string": urlencode({"session_hash": _own(scope, named)}).encode()}


def _own(scope: Any, session: str) -> str:
    """The session as Gradio knows it: another one for every user."""
    user = str(scope.get("state", {}).get("ragkit_user"))
    return hmac.new(_SECRET, f"{user}\0{session}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def _below(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value; one that is nested too deep counts as naming a file."""
    waiting = [(value, 0)]
    while waiting:
        found, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield {"path": ""}
            return
        if isinstance(found, dict):
            yield found
            waiting.extend((item, depth + 1) for item in found.values())
        elif isinstance(found, list):
            waiting.extend((item, depth + 1) for item in found)


def _names_a_file(value: dict[str, Any]) -> bool:
    return "path" in value or value.get("_type") == "gradio.FileData"


async def _refuse(send: Any, status: int, message: str) -> None:
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
