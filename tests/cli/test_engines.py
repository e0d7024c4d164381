"""`ragkit engines check`: one row a promise, exit 1 for a broken one."""

from __future__ import annotations

from ..engines.scripted_server import events, serving
from .conftest import Run


def test_a_server_is_checked_and_its_broken_promise_is_exit_1(ragkit: Run) -> None:
    def leaking(handler: object, payload: dict[str, object]) -> None:
        text = {"choices": [{"delta": {"content": "Ann"}, "finish_reason": "stop"}]}
        events(handler, text, "[DONE]")

    with serving(leaking) as url:
        done = ragkit("engines", "check", f"openai:{url}#m", "-n", 1)
        told = ragkit("engines", "check", f"openai:{url}#m", "-n", 1, "--json")
    assert done.code == told.code == 1, "it offers structured output and gives none"
    rows = {line[:19].strip(): line[19:32].strip() for line in done.out.splitlines()}
    assert rows["budget"] == "not offered" and rows["streaming"] == "held" and rows["structured output"] == "broken"
    assert {c["name"]: c["outcome"] for c in told.data["checks"]} == rows
