"""Gradio's events as an attacker sends them: read off the mounted apps themselves, fired without a browser."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.routing import Mount

WAIT_S = 30.0


@dataclass(frozen=True)
class Event:
    """One event of one page: where its page lies, its number, and how many values it takes."""

    prefix: str
    number: int
    name: str
    inputs: int


def pages(app: Any) -> Iterator[tuple[str, Any]]:
    """The path (without a slash at its end) and the Gradio app of every page that is mounted."""
    for route in app.router.routes:
        if isinstance(route, Mount) and hasattr(route.app, "get_blocks"):
            yield route.path.rstrip("/"), route.app


def events(app: Any) -> list[Event]:
    """Every event of every page that the server answers."""
    return [
        Event(prefix, number, f"{prefix or '/'}:{number}:{fn.name}", len(fn.inputs))
        for prefix, page in pages(app)
        for number, fn in page.get_blocks().fns.items()
        if fn.fn is not None
    ]


def fire(client: httpx.Client, event: Event, data: list[Any], told: Any = None, session: str = "") -> str:
    """Send one event as the page would, and return all that comes back, however it ends."""
    session = session or uuid.uuid4().hex[:11]
    body = {"data": data, "fn_index": event.number, "session_hash": session, "trigger_id": None, "event_data": told}
    joined = client.post(f"{event.prefix}/gradio_api/queue/join", json=body)
    if joined.status_code != 200:
        return f"{joined.status_code} {joined.text}"
    return joined.text + listen(client, event.prefix, session)


def listen(client: httpx.Client, prefix: str, session: str) -> str:
    """What the queue tells a session until it has no more to tell."""
    heard = []
    with client.stream("GET", f"{prefix}/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            heard.append(line)
            told = json.loads(line[6:]) if line.startswith("data: {") else {}
            if told.get("msg") in ("process_completed", "close_stream", "unexpected_error"):
                break
    return "\n".join(heard)
