"""The table of promises: engines that keep theirs, and for each promise an engine that breaks it and is found out."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from ragkit.engines import Capabilities, Delta, Request, Sample
from ragkit.engines.base import EngineBase
from ragkit.engines.conformance import conform
from ragkit.engines.tokenwise import TokenEngine
from ragkit.errors import EngineError
from ragkit.types import ToolCall


def outcomes(engine: Any, n: int = 2) -> dict[str, str]:
    return {c.name: c.outcome for c in asyncio.run(conform(engine, n=n))}


def test_engines_on_ids_keep_what_they_promise(engine: TokenEngine) -> None:
    found = outcomes(engine)
    assert "broken" not in found.values(), found
    assert found["budget"] == found["streaming"] == found["log-probabilities"] == "held"
    assert (found["structured output"] == "held") == engine.capabilities.structured


class Scripted(EngineBase):
    """Says yes on messages, whatever is asked; `change` makes each sample of it."""

    name = "scripted"
    tokenizer: Any = None

    def __init__(self, change: Callable[[Request, Sample], Sample] = lambda r, s: s, **can: bool) -> None:
        self.capabilities = Capabilities(streaming=True, **can)
        self.change, self.asked = change, 0

    async def generate(self, request: Request) -> list[Sample]:
        self.asked += 1
        answer = '{"n": 7}' if request.json_schema else "bo"
        calls = (ToolCall("1", "search", {"query": "x"}),) if request.tools else ()
        sample = Sample("", answer, "natural", "stop", thinking_tokens=0, answer_tokens=1, tool_calls=calls)
        return [self.change(request, sample)]

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        (sample,) = await self.generate(request)
        yield Delta("bo", False, tokens=1)
        yield sample


ALL: dict[str, Any] = {"budget": True, "structured": True, "tools": True, "seed": True}


def test_a_promise_not_made_is_not_tried_and_one_kept_is_held() -> None:
    assert outcomes(Scripted())["budget"] == "not offered"
    assert set(outcomes(Scripted(**ALL)).values()) <= {"held", "not offered"}


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("answers", {"answer": ""}),
        ("budget", {"thinking_tokens": 99}),
        ("budget", {"cut": 3}),
        ("no marker leaks", {"answer": "a </think> b"}),
        ("streaming", {"answer": "another"}),
        ("stop strings", {"answer": "steel"}),
        ("structured output", {"answer": '{"n": 70}'}),
        ("structured output", {"answer": "seven"}),
        ("tool calls", {"tool_calls": (ToolCall("1", "searchsearch", {}),)}),
        ("tool calls", {"tool_calls": (), "answer": '<tool_call>{"name": "search", "argu'}),
    ],
)
def test_a_broken_promise_is_found(name: str, fault: dict[str, Any]) -> None:
    assert outcomes(Scripted(lambda r, s: dataclasses.replace(s, **fault), **ALL))[name] == "broken"


def test_what_comes_out_otherwise_each_time_is_found() -> None:
    engine = Scripted(lambda r, s: dataclasses.replace(s, answer=f"{engine.asked}"), **ALL)
    found = outcomes(engine)
    assert (found["greedy repeats"], found["seed"]) == ("broken", "broken")


def test_a_model_that_calls_nothing_shows_nothing() -> None:
    assert outcomes(Scripted(lambda r, s: dataclasses.replace(s, tool_calls=()), **ALL))["tool calls"] == "not seen"


def test_an_engine_that_fails_is_a_row_not_a_crash() -> None:
    def fail(request: Request, sample: Sample) -> Sample:
        raise EngineError("out of\nmemory")

    (check, *_) = asyncio.run(conform(Scripted(fail), n=1))
    assert (check.outcome, check.note) == ("broken", "out of memory")
