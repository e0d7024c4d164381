"""Read tool calls in the Hermes format of Qwen: ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``.

A call that is not valid JSON stays in the text: nothing is guessed. What Python reads beyond the standard (NaN, 1e999)
and what cannot be written back (half a surrogate pair, very deep nesting) is no valid JSON here. No string of a call's
arguments holds a control marker, however its JSON spells it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ToolCallError
from ..types import ToolCall
from .markers import scrub_strings

__all__ = ["calls_in", "parse_arguments", "read_tool_calls"]

MAX_DEPTH = 32  # lists and objects inside each other: schema, templates and traces recurse over them
_CALL = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|\Z)", re.DOTALL)


def _loads(raw: str) -> Any:
    """Return the value that `raw` writes. Raises ValueError where it is none, or could not be sent on as JSON."""
    try:
        value: Any = json.loads(raw)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as exc:
        raise ValueError("nested too deep to be read") from exc
    if _depth_above(value, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    return value


def _depth_above(value: Any, limit: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return limit == 0 or any(_depth_above(part, limit - 1) for part in parts)


def _call(raw: str, ordinal: int, plain: Callable[[str], str]) -> ToolCall | None:
    """Return the call written as JSON, or None when it is none."""
    try:
        data = _loads(raw)
    except ValueError:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return None
    arguments = data.get("arguments", {})
    if not isinstance(arguments, Mapping):
        return None
    return ToolCall(id=f"call_{ordinal}", name=data["name"], arguments=scrub_strings(arguments, plain))


def parse_arguments(raw: str) -> Mapping[str, Any]:
    """Return the arguments a server sent as a string of JSON. Raises ToolCallError if they are none."""
    try:
        arguments = _loads(raw or "{}")
    except ValueError as exc:
        raise ToolCallError(f"the model called a tool with arguments that are no JSON: {raw[:80]!r}") from exc
    if not isinstance(arguments, dict):
        raise ToolCallError(f"the model called a tool with arguments that are no object: {raw[:80]!r}")
    read: Mapping[str, Any] = scrub_strings(arguments)
    return read


def read_tool_calls(text: str, plain: Callable[[str], str] = str) -> tuple[str, tuple[ToolCall, ...]]:
    """Return the text without its well-formed tool calls, and the calls in order.

    plain: takes the markers of the engine's own tokenizer out of a string.

    >>> read_tool_calls('<tool_call>{"name": "search", "arguments": {"query": "x"}}</tool_call>')
    ('', (ToolCall(id='call_1', name='search', arguments={'query': 'x'}),))
    """
    calls: list[ToolCall] = []

    def take(match: re.Match[str]) -> str:
        call = _call(match[1], len(calls) + 1, plain)
        if call is None:
            return match[0]
        calls.append(call)
        return ""

    rest = _CALL.sub(take, text)
    return (rest.strip() if calls else rest), tuple(calls)


def calls_in(answer: str, thinking: str, plain: Callable[[str], str] = str) -> tuple[str, str, tuple[ToolCall, ...]]:
    """Return answer and thought without their calls, and the calls: the answer's, or where it is empty the thought's.

    Some models call their tools before they close the thought.
    """
    answer, calls = read_tool_calls(answer, plain)
    if not calls and not answer.strip():
        thinking, calls = read_tool_calls(thinking, plain)
    return answer, thinking, calls
