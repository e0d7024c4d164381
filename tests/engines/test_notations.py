"""Thoughts in every notation that models write, however the text is cut into pieces, and harmony's messages retold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.engines.harmony import HARMONY, HarmonyReader
from ragkit.engines.markers import ThoughtSplitter
from ragkit.engines.toolcalls import calls_in

THOUGHT, ANSWER = "The passage names Ann.", "Ann approves it [1]."
WRITTEN = {
    "qwen": f"<think>{THOUGHT}</think>{ANSWER}",
    "mistral": f"[THINK]{THOUGHT}[/THINK]{ANSWER}",
    "seed": f"<seed:think>{THOUGHT}</seed:think>{ANSWER}",
    "minimax": f"<mm:think>{THOUGHT}</mm:think>{ANSWER}",
    "cohere": f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
    "kimi": f"◁think▷{THOUGHT}◁/think▷{ANSWER}",
    "sky": f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|><|begin_of_solution|>{ANSWER}<|end_of_solution|>",
    "gemma": f"<|channel>thought\n{THOUGHT}<channel|>{ANSWER}<turn|>",
    "thinking": f"<thinking>{THOUGHT}</thinking>{ANSWER}",
    "thought": f"<thought>\n{THOUGHT}\n</thought>\n{ANSWER}",
    "reasoning": f"<reasoning>{THOUGHT}</reasoning>{ANSWER}",
    "granite": f"Here is my thought process: {THOUGHT}\nHere is my response: {ANSWER}",
    "answer in a tag": f"<think>{THOUGHT}</think>\n<answer>{ANSWER}</answer>",
    "harmony": f"<|channel|>analysis<|message|>{THOUGHT}<|end|>"
    f"<|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
    "harmony, two thoughts": f"<|channel|>analysis<|message|>The passage<|end|><|start|>assistant"
    f"<|channel|>analysis<|message|>names Ann.<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
    "harmony without its tokens": f"analysis{THOUGHT}assistantfinal{ANSWER}",
    "none": ANSWER,
}


def split(text: str, size: int) -> tuple[ThoughtSplitter, str, str]:
    """The splitter after `text` in pieces of `size`, and thought and answer as they were given out."""
    parts = ThoughtSplitter()
    said = [piece for k in range(0, len(text), size) for piece in parts.push(text[k : k + size])]
    said += parts.flush()
    return parts, "".join(t for t, thought in said if thought), "".join(t for t, thought in said if not thought)


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("name", WRITTEN)
def test_thought_and_answer_are_parted_and_nothing_else_is_left(name: str, size: int) -> None:
    parts, thought, said = split(WRITTEN[name], size)
    assert (parts.thinking, parts.answer) == (thought, said), "what was streamed is what is told in the end"
    assert " ".join(parts.thinking.split()) == (THOUGHT if name != "none" else "")
    assert parts.answer.strip() == ANSWER


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "<thought> is a tag of that format [1].",
        "<answer is no tag",
        "analysis of the loads is in chapter 3 [1].",
        "Analysis shows it [1].",
        "The tags are <thinking> and </thinking> [1].",
        "<reason>a</reason> [1]",
        "analysis",
    ],
)
def test_words_that_only_look_like_a_notation_stay_the_answer(text: str, size: int) -> None:
    parts, _, _ = split(text, size)
    assert (parts.thinking, parts.answer) == ("", text)


CALL = '<|channel|>commentary to=functions.search <|constrain|>json<|message|>{"query": "trip"}<|call|>'


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_call_in_harmony_is_read_whole(size: int) -> None:
    text = f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant{CALL}"
    parts, _, _ = split(text, size)
    answer, thinking, calls = calls_in(parts.answer, parts.thinking)
    assert (thinking, answer) == (THOUGHT, "")
    assert [(c.name, c.arguments) for c in calls] == [("search", {"query": "trip"})]


def test_a_preamble_beside_a_call_is_text() -> None:
    reader = HarmonyReader()
    told = reader.push(f"<|channel|>commentary<|message|>I look it up.<|end|><|start|>assistant{CALL}") + reader.flush()
    assert told.startswith("I look it up.<tool_call>")
    assert json.loads(told.removeprefix("I look it up.<tool_call>").removesuffix("</tool_call>"))["name"] == "search"


def test_calls_inside_a_thought_are_read_where_there_is_no_answer() -> None:
    call = '<tool_call>{"name": "search", "arguments": {"query": "x"}}</tool_call>'
    assert [c.name for c in calls_in("", f"I search. {call}")[2]] == ["search"]
    assert calls_in("Ann [1].", f"I could write {call}")[2] == ()


SHARDS = [*HARMONY, "<|", "analysis", "final", "commentary", " to=functions.f", "assistant", "|>", "{}", "a", " "]


@given(st.lists(st.sampled_from(SHARDS)).map("".join), st.integers(1, 9))
def test_whatever_harmony_holds_no_mark_gets_through_and_the_cutting_changes_nothing(text: str, size: int) -> None:
    whole, pieces = HarmonyReader(), HarmonyReader()
    told = whole.push(text) + whole.flush()
    cut = "".join(pieces.push(text[k : k + size]) for k in range(0, len(text), size)) + pieces.flush()
    assert told == cut
    parts, thought, said = split(text, size)
    assert not [m for m in HARMONY for t in (thought, said, parts.thinking, parts.answer) if m in t]
