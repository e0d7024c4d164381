"""A thought is parted from the answer by its text, however it is cut into pieces, and no marker gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.engines.markers import (
    CONTROL_MARKERS,
    TOOL_MARKERS,
    ThoughtSplitter,
    held_back,
    opens_thought,
    scrub_strings,
)

GONE = tuple(m for m in CONTROL_MARKERS if m not in TOOL_MARKERS)


def split(text: str, size: int, *, opened: bool = False, cut: bool = False) -> tuple[ThoughtSplitter, str, str]:
    """The splitter after `text` came in pieces of `size`, and the thought and the answer as they were given out."""
    parts = ThoughtSplitter(opened=opened)
    said = [piece for k in range(0, len(text), size) for piece in parts.push(text[k : k + size])]
    said += parts.flush(cut=cut)
    return parts, "".join(t for t, thought in said if thought), "".join(t for t, thought in said if not thought)


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>secret plan</think>Paris <|im_end|>", "secret plan", "Paris "),
        ("\n<think>\nplan\n</think>\n\nParis", "\nplan\n", "\n\nParis"),
        ("[THINK]plan[/THINK]Paris", "plan", "Paris"),
        ("<seed:think>plan</seed:think>Paris", "plan", "Paris"),
        ("<|im_start|><think>a <think>b</think>Paris", "a b", "Paris"),
        ("<think></think>Paris", "", "Paris"),
        ("<think>plan [/THINK] on", "plan  on", ""),
        ("Paris <3 [1] <thi", "", "Paris <3 [1] <thi"),
        ("Paris is <think>not</think> Rome", "", "Paris is not Rome"),
        ("so <tool_call>{}</tool_call>", "", "so <tool_call>{}</tool_call>"),
        ("<tool_response>x</tool_response>[INST]", "", "x"),
        ("", "", ""),
    ],
)
def test_a_leading_thought_is_parted_from_the_answer(text: str, thinking: str, answer: str, size: int) -> None:
    parts, thought, said = split(text, size)
    assert (parts.thinking, parts.answer) == (thought, said) == (thinking, answer)
    assert not parts.opened


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("plan</think>Paris", "plan", "Paris"),
        ("</think>Paris", "", "Paris"),
        ("pl</th<|im_end|>ink>Paris", "pl", "Paris"),
        ("plan[/THINK]\nParis", "plan", "\nParis"),
    ],
)
def test_a_thought_that_the_prompt_opened_is_known_by_its_end(
    text: str, thinking: str, answer: str, opened: bool, size: int
) -> None:
    parts, thought, said = split(text, size, opened=opened)
    assert (parts.thinking, parts.answer, parts.opened) == (thinking, answer, True)
    assert thought + said == thinking + answer
    if opened:
        assert (thought, said) == (thinking, answer), "known beforehand, it is told apart in the pieces too"


@pytest.mark.parametrize(
    ("text", "cut", "thinking", "answer", "still"),
    [("plan", True, "plan", "", True), ("Paris", False, "", "Paris", False), ("", False, "", "", True)],
)
def test_an_opened_thought_without_an_end_was_cut_or_was_none(
    text: str, cut: bool, thinking: str, answer: str, still: bool
) -> None:
    parts, _, said = split(text, 2, opened=True, cut=cut)
    assert (parts.thinking, parts.answer, said, parts.opened) == (thinking, answer, answer, still)


def test_pieces_of_the_thought_are_counted() -> None:
    assert split("<think>plan</think>Paris", 7)[0].thought_pieces == 2
    assert split("plan</think>Paris", 4)[0].thought_pieces == 3
    assert split("Paris", 1)[0].thought_pieces == 0


def test_a_thought_that_comes_by_itself_leaves_the_text_to_the_answer() -> None:
    parts = ThoughtSplitter()
    parts.skip_thought()
    assert parts.push("Close it with </think> here") == [("Close it with  here", False)]


SHARDS = [*CONTROL_MARKERS, "<", "[", "</", "think>", "th", "ink>", "|im_end|>", " ", "a", "INST]"]


@given(st.lists(st.sampled_from(SHARDS)).map("".join), st.integers(1, 9), st.booleans(), st.booleans())
def test_no_marker_gets_through_and_the_cutting_changes_nothing(text: str, size: int, opened: bool, cut: bool) -> None:
    parts, thought, said = split(text, size, opened=opened, cut=cut)
    whole, _, _ = split(text, len(text) + 1, opened=opened, cut=cut)
    assert (parts.thinking, parts.answer, parts.opened) == (whole.thinking, whole.answer, whole.opened)
    assert not [m for m in GONE for t in (parts.thinking, parts.answer, thought, said) if m in t]


@pytest.mark.parametrize(
    ("text", "held"), [("a", 0), ("a<", 1), ("a</think", 7), ("a</th<|im", 8), ("</think>", 0), ("<<", 2)]
)
def test_what_may_begin_a_marker_is_held_back(text: str, held: int) -> None:
    assert held_back(text, ("</think>", "<|im_end|>")) == held


@pytest.mark.parametrize(
    ("prompt", "opens"), [("a<think>\n", True), ("[THINK]", True), ("<think>\n\n</think>\n\n", False), ("a", False)]
)
def test_a_prompt_tells_whether_it_opens_a_thought(prompt: str, opens: bool) -> None:
    assert opens_thought(prompt) is opens


def test_strings_inside_parsed_json_hold_no_marker() -> None:
    given = {"a</think>": ["x<|im_end|>", {"b": "<tool_call>y"}], "n": 1, "none": None, "f": 0.5}
    assert scrub_strings(given) == {"a": ["x", {"b": "y"}], "n": 1, "none": None, "f": 0.5}
    assert scrub_strings({"q": "a<s>b"}, lambda s: s.replace("<s>", "")) == {"q": "ab"}
