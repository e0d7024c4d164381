"""Tool calls put together from the parts that a server streams.

By the standard every part bears its call's index, the first one its id and name, and the arguments come in pieces.
Servers leave the index out, give 0 to all, repeat id and name with every piece, or send the arguments as an object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ToolCallError
from ...types import ToolCall
from ..toolcalls import parse_arguments
from .replies import text_of

__all__ = ["CallParts"]


@dataclass(slots=True)
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""

    @property
    def whole(self) -> bool:
        """Whether the arguments are complete JSON, so that another name begins another call."""
        try:
            json.loads(self.arguments)
        except ValueError:
            return False
        return True


class CallParts:
    """Takes the ``tool_calls`` of each chunk; `calls` gives what they make."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def add(self, parts: Any) -> None:
        """Take the parts of one chunk. Raises ToolCallError for what is no part of a call."""
        for part in parts if isinstance(parts, list) else [parts] if parts else []:
            function = part.get("function") if isinstance(part, Mapping) else None
            index = part.get("index") if isinstance(part, Mapping) else "none"
            if not (function is None or isinstance(function, Mapping)) or not (index is None or isinstance(index, int)):
                raise ToolCallError(f"the server sent a tool call that cannot be read: {str(part)[:80]!r}; see its log")
            name, arguments = text_of((function or {}).get("name")), (function or {}).get("arguments")
            call = self._call(index, text_of(part.get("id")), name)
            call.id = call.id or text_of(part.get("id"))
            if name != call.name:  # repeated with each piece, or itself in pieces
                call.name += name
            if isinstance(arguments, Mapping):
                call.arguments = json.dumps(dict(arguments))
            else:
                call.arguments += text_of(arguments)

    def _call(self, index: int | None, id: str, name: str) -> _Call:
        """The call that a part belongs to, or a new one."""
        if index is None and id:
            known = next((c for c in self._calls if c.id == id), None)
        elif index is None:
            known = self._calls[-1] if self._calls and not (name and self._calls[-1].whole) else None
        else:
            known = next((c for c in reversed(self._calls) if c.index == index), None)
            another = known is not None and name and ((id and known.id and id != known.id) or (not id and known.whole))
            known = None if another else known
        if known is None:
            known = _Call(index)
            self._calls.append(known)
        return known

    def calls(self) -> tuple[ToolCall, ...]:
        """The calls in the order they came. Raises ToolCallError for one without a name, or arguments that are none."""
        return tuple(
            ToolCall(id=c.id or f"call_{k}", name=_named(c), arguments=parse_arguments(c.arguments))
            for k, c in enumerate(self._calls, 1)
        )


def _named(call: _Call) -> str:
    if not call.name:
        raise ToolCallError(f"the model called a tool without a name, with {call.arguments[:80]!r}")
    return call.name
