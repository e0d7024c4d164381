"""Text that can forge no marker, and what is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.engines.budgets import is_open, neutralise, room_for, scrub, split
from ragkit.errors import UsageError

SPECIALS = ("<think>", "</think>", "<|im_end|>", "<tool_call>", "<<", "x", "< think>")
START, END, EOS = 100, 101, 102


def test_markers_are_broken_visibly() -> None:
    assert neutralise("see <think>this</think>", ["<think>", "</think>"]) == "see < think>this< /think>"


def test_text_without_markers_stays_as_it_is() -> None:
    text = "a < b, [1] and <b>bold</b>"
    assert neutralise(text, ["<think>", "</think>"]) == text


@given(st.lists(st.sampled_from([*SPECIALS, "<", "think>", " ", "/", "a", "|im_end|>"])).map("".join))
def test_no_special_survives_whatever_the_text(text: str) -> None:
    safe = neutralise(text, SPECIALS)
    assert not any(s in safe for s in SPECIALS)


@given(st.text(alphabet="<>/think|", max_size=60), st.lists(st.text(alphabet="<>/think", min_size=1, max_size=4)))
def test_no_special_survives_whatever_the_specials(text: str, specials: list[str]) -> None:
    safe = neutralise(text, specials)
    assert not any(s in safe for s in specials)


def test_scrub_takes_out_markers_whose_halves_would_join() -> None:
    assert scrub("a</th</think>ink>b", ["</think>"]) == "ab"


@pytest.mark.parametrize(
    ("ids", "opened"), [([1, START], True), ([START, 1, END], False), ([1, 2], False), ([END, START, 5], True)]
)
def test_a_prompt_is_open_after_its_last_opening_marker(ids: list[int], opened: bool) -> None:
    assert is_open(ids, START, END) is opened


def test_split_takes_a_natural_run_apart() -> None:
    parts = split([1, 2, END, 7, 8, EOS], start=START, end=END, opened=True, cap=10, stops=(EOS,))
    assert (parts.thought, parts.answer, parts.ended, parts.cut) == ((1, 2), (7, 8), "natural", 0)


def test_split_cuts_a_thought_beyond_its_cap_and_the_answer_that_knew_it() -> None:
    parts = split([1, 2, 3, END, 7], start=START, end=END, opened=True, cap=2)
    assert (parts.thought, parts.answer, parts.ended, parts.cut) == ((1, 2), (), "forced", 3)


@given(st.lists(st.sampled_from([1, 2, START, END, EOS])), st.booleans(), st.integers(0, 5))
def test_split_never_passes_a_marker_on_nor_a_thought_beyond_the_cap(ids: list[int], opened: bool, cap: int) -> None:
    parts = split(ids, start=START, end=END, opened=opened, cap=cap, stops=(EOS,))
    assert len(parts.thought) <= cap
    assert not {START, END, EOS} & {*parts.thought, *parts.answer}


def test_the_answer_keeps_its_tokens_before_the_thought_gets_any() -> None:
    room = room_for(prompt=80, context=100, cap=64, answer=10)
    assert (room.thought, room.answer) == (8, 10)


def test_a_prompt_that_fills_the_context_is_refused_with_the_remedy() -> None:
    with pytest.raises(UsageError, match="retrieve fewer passages"):
        room_for(prompt=99, context=100, cap=0, answer=1)
