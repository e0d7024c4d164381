"""Tool calls as servers stream them: without an index, all at 0, names repeated, arguments as an object."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ragkit.engines.remote.callparts import CallParts
from ragkit.errors import ToolCallError

TRIP, ROTOR = {"query": "trip approval"}, {"query": "rotor"}
WRITTEN = json.dumps(TRIP)


def part(arguments: Any = None, *, name: str | None = "search", **more: Any) -> dict[str, Any]:
    function = {"name": name} if name else {}
    return {**more, "function": function | ({} if arguments is None else {"arguments": arguments})}


def made(*chunks: Any) -> list[tuple[str, Any]]:
    parts = CallParts()
    for chunk in chunks:
        parts.add(chunk)
    return [(call.name, call.arguments) for call in parts.calls()]


TWO = [("search", TRIP), ("search", ROTOR)]


@pytest.mark.parametrize(
    "chunks",
    [
        ([part(WRITTEN, index=0, id="a"), part(json.dumps(ROTOR), index=1, id="b")],),
        ([part(WRITTEN, id="a"), part(json.dumps(ROTOR), id="b")],),
        ([part(WRITTEN, index=0, id="a")], [part(json.dumps(ROTOR), index=0, id="b")]),
        ([part(WRITTEN, index=0)], [part(json.dumps(ROTOR), index=0)]),
        ([part(WRITTEN)], [part(json.dumps(ROTOR))]),
        ([part(TRIP, id="a")], [part(ROTOR, id="b")]),
        (
            [part("", index=0, id="a"), part("", index=1, id="b")],
            [part(WRITTEN[:9], index=0, name=None), part(json.dumps(ROTOR), index=1, name=None)],
            [part(WRITTEN[9:], index=0, name=None)],
        ),
    ],
    ids=["standard", "no index", "all at 0", "all at 0 without ids", "neither", "objects", "interleaved"],
)
def test_two_calls_are_two(chunks: tuple[Any, ...]) -> None:
    assert made(*chunks) == TWO


@pytest.mark.parametrize(
    "chunks",
    [
        ([part(WRITTEN[:8], index=0, id="a")], [part(WRITTEN[8:], index=0, id="a")]),
        ([part(WRITTEN[:8], id="a")], [part(WRITTEN[8:], id="a")]),
        ([part(WRITTEN[:8], index=0, id="a")], [part(WRITTEN[8:], index=0, id="x", name=None)]),
        ([part(WRITTEN[:8])], [part(WRITTEN[8:], name=None)]),
        ([part("", index=0, name="sea")], [part(WRITTEN, index=0, name="rch")]),
    ],
    ids=["all repeated", "repeated without index", "another id with each piece", "nothing told", "a name in pieces"],
)
def test_one_call_in_pieces_is_one(chunks: tuple[Any, ...]) -> None:
    assert made(*chunks) == [("search", TRIP)]


def test_what_is_no_call_is_told() -> None:
    with pytest.raises(ToolCallError, match="without a name"):
        made([part("{}", name=None, index=0)])
