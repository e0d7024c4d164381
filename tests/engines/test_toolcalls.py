"""Calls written as text: what is valid JSON is a call, anything else stays text or is one kind of error."""

from __future__ import annotations

import pytest

from ragkit.engines.toolcalls import MAX_DEPTH, parse_arguments, read_tool_calls
from ragkit.errors import ToolCallError

BROKEN = {
    "brackets": "[" * 100_000,
    "nested": "[" * 100_000 + "]" * 100_000,
    "too deep": "[" * 500 + "]" * 500,
    "just too deep": "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "an infinite float": "1e999",
    "digits": "1" * 100_000,
    "half a pair": '"\\ud83d"',
    "unquoted": "x",
    "nothing": "",
}


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_call_stays_text_and_is_one_clear_line_from_a_server(value: str) -> None:
    text = f'<tool_call>{{"name": "search", "arguments": {{"query": {value}}}}}</tool_call>'
    assert read_tool_calls(text) == (text, ())
    with pytest.raises(ToolCallError, match="no JSON") as caught:
        parse_arguments(f'{{"query": {value}}}')
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        ("1" * 400, int("1" * 400)),
        ("-1.5e3", -1500.0),
        ('[[["x"]]]', [[["x"]]]),
    ],
    ids=["a pair", "many digits", "a float", "nested"],
)
def test_what_json_can_write_is_read(value: str, read: object) -> None:
    _, calls = read_tool_calls(f'<tool_call>{{"name": "search", "arguments": {{"query": {value}}}}}</tool_call>')
    assert [c.arguments for c in calls] == [{"query": read}]
    assert parse_arguments(f'{{"query": {value}}}') == {"query": read}


def test_a_good_call_beside_a_broken_one_is_read() -> None:
    good = '<tool_call>{"name": "search", "arguments": {"query": "x"}}</tool_call>'
    broken = f'<tool_call>{{"name": "search", "arguments": {"[" * 5000}</tool_call>'
    text, calls = read_tool_calls(broken + good)
    assert (text, [c.arguments for c in calls]) == (broken, [{"query": "x"}])


def test_arguments_that_are_no_object_are_refused() -> None:
    assert parse_arguments("") == {}
    with pytest.raises(ToolCallError, match="no object"):
        parse_arguments("[1]")
