"""Chat servers without a reasoning parser: the thought comes as text, and is parted from the answer here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ragkit.engines import Deadlines, Delta, Request, Sample
from ragkit.engines.remote.http import Server
from ragkit.engines.remote.openai_chat import OpenAIChatEngine

from ..scripted_server import events, serving


def said(*pieces: str, finish: str = "stop", **usage: Any) -> list[dict[str, Any]]:
    """Chunks of content, and the last one's reason."""
    chunks: list[dict[str, Any]] = [{"choices": [{"delta": {"content": p}}]} for p in pieces]
    return [*chunks, {"choices": [{"delta": {}, "finish_reason": finish}], "usage": usage}]


def converse(*answers: list[dict[str, Any]], **options: Any) -> list[tuple[Sample, str, str]]:
    """Stream each answer in turn from one server: the sample, and thought and answer as they were streamed."""
    queue = list(answers)
    request = Request(messages=({"role": "user", "content": "hi"},), **options)

    async def run(url: str) -> list[tuple[Sample, str, str]]:
        engine, out = OpenAIChatEngine(Server(url, deadlines=Deadlines()), "m"), []
        for _ in answers:
            items = [item async for item in engine.stream(request)]
            deltas = [d for d in items if isinstance(d, Delta)]
            thought, text = ("".join(d.text for d in deltas if d.thinking is t) for t in (True, False))
            assert isinstance(items[-1], Sample)
            out.append((items[-1], thought, text))
        return out

    with serving(lambda handler, payload: events(handler, *queue.pop(0), "[DONE]")) as url:
        return asyncio.run(run(url))


@pytest.mark.parametrize(
    ("pieces", "thinking", "answer"),
    [
        (["<think>secret plan</think>Paris <|im_end|>"], "secret plan", "Paris "),
        (["<th", "ink>secret", " plan</", "think", ">Par", "is <|im_", "end|>"], "secret plan", "Paris "),
        (["[THINK]plan", "[/THINK]Paris"], "plan", "Paris"),
        (["Par", "is"], "", "Paris"),
        (["a <", " b"], "", "a < b"),
    ],
)
def test_thought_and_markers_are_no_part_of_the_answer(pieces: list[str], thinking: str, answer: str) -> None:
    ((sample, thought, text),) = converse(said(*pieces), thinking_tokens=1)
    assert (sample.thinking, sample.answer) == (thought, text) == (thinking, answer)
    assert sample.ended == "unsupported"


def test_a_template_that_opens_the_thought_is_known_after_the_first_answer() -> None:
    (first, _, _), (second, thought, text), (third, _, plain), (fourth, _, _) = converse(
        said("pl", "an</think>", "Paris"), said("pl", "an</think>", "Paris"), said("Rome"), said("Ro", "me")
    )
    assert (first.thinking, first.answer) == (second.thinking, second.answer) == ("plan", "Paris")
    assert (thought, text) == ("plan", "Paris")
    assert (third.thinking, third.answer, plain) == ("", "Rome", "Rome")
    assert (fourth.thinking, fourth.answer) == ("", "Rome")


def test_an_opened_thought_that_was_cut_is_no_answer() -> None:
    _, (sample, thought, text) = converse(said("plan</think>Paris"), said("pl", "an", finish="length"))
    assert (sample.thinking, sample.answer, sample.finish_reason) == ("plan", "", "length")
    assert (thought, text) == ("plan", "")


def test_after_a_thought_in_its_own_field_the_text_is_the_answer() -> None:
    parsed = [{"choices": [{"delta": {"reasoning": "hm"}}]}, *said("Close it ", "with </think>.<|im_end|>")]
    ((sample, _, text),) = converse(parsed)
    assert (sample.thinking, sample.answer, text) == ("hm", "Close it with .", "Close it with .")


@pytest.mark.parametrize(
    ("usage", "thinking_tokens", "answer_tokens"),
    [
        ({"completion_tokens": 9}, 3, 6),
        ({"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}}, 5, 4),
        ({"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 0}}, 3, 6),
    ],
)
def test_thinking_is_counted_by_the_server_or_else_by_its_chunks(
    usage: dict[str, Any], thinking_tokens: int, answer_tokens: int
) -> None:
    ((sample, _, _),) = converse(said("<think>", "se", "cret</think>", "Par", "is", **usage))
    assert (sample.thinking_tokens, sample.answer_tokens) == (thinking_tokens, answer_tokens)


def test_no_argument_of_a_call_holds_a_marker() -> None:
    function = {"name": "search", "arguments": '{"q": "a</think>", "more": ["<|im_end|>b"]}'}
    ((sample, _, _),) = converse([{"choices": [{"delta": {"tool_calls": [{"function": function}]}}]}])
    assert sample.tool_calls[0].arguments == {"q": "a", "more": ["b"]}
