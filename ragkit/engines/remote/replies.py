"""What a server says outside its answers: JSON or not, an error wherever the server puts it, the end of a choice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...errors import EngineError

__all__ = ["ends_a_choice", "object_of", "parsed", "text_of", "told"]

LONGEST = 400
PLACES = ("error", "errors", "message", "detail", "msg")


def parsed(body: bytes | str) -> Any:
    """The JSON of a body, or its text."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return json.loads(text)
    except ValueError:
        return text


def object_of(data: str, url: str) -> dict[str, Any]:
    """The JSON object that an event's data is. Raises EngineError if it is none."""
    event = parsed(data)
    if not isinstance(event, dict):
        raise EngineError(f"the server at {url} sent an event that is no JSON object: {data[:80]!r}; see its log")
    return event


def told(refusal: Any) -> str:
    """What a refusal says, in one line: under "error", "errors", "message" or "detail", or the text itself.

    >>> told(b'{"error": {"message": "too long", "type": "x"}}'), told({"detail": [{"msg": "no such field"}]})
    ('too long', 'no such field')
    """
    document = parsed(refusal) if isinstance(refusal, (bytes, str)) else refusal
    while True:
        if isinstance(document, Mapping):
            within = next((document[name] for name in PLACES if document.get(name)), None)
        else:
            within = document[0] if isinstance(document, list) and document else None
        if within is None:
            return " ".join(str(document).split())[:LONGEST]
        document = within


def ends_a_choice(event: Mapping[str, Any]) -> bool:
    """Whether a chunk tells that its choice is done."""
    choices = event.get("choices")
    return isinstance(choices, list) and any(isinstance(c, Mapping) and c.get("finish_reason") for c in choices)


def text_of(value: Any) -> str:
    """A field that should be text; "" where it is null, missing or something else."""
    return value if isinstance(value, str) else ""
