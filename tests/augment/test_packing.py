"""Packed context fits, counts what it leaves out, and lets no document pass for anything but a passage."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.augment import clean_line, pack_context
from ragkit.engines.markers import CONTROL_MARKERS
from ragkit.types import Chunk, Hit
from tests.fakes import make_hits


def count(text: str) -> int:
    return len(text.split())


def chunk(id: int, ordinal: int, start: int, text: str, document: str = "d", title: str = "") -> Hit:
    return Hit(Chunk(id, document, ordinal, start, start + len(text), text, title=title), 1.0 - id / 10)


def test_lines_are_numbered_in_order_of_rank() -> None:
    packed = pack_context(make_hits("Ann works.", "Bo sleeps."), count=count, room_tokens=100)
    assert packed.text == "[1] Ann works.\n[2] Bo sleeps."
    assert [p.number for p in packed.passages] == [1, 2]


def test_numbering_goes_on_and_skips_what_the_prompt_holds() -> None:
    hits = make_hits("Ann works.", "Bo sleeps.")
    packed = pack_context(hits, count=count, room_tokens=100, first=4, skip={1})
    assert packed.text == "[4] Bo sleeps."
    assert packed.left_out == 0


@given(st.lists(st.text(min_size=1, max_size=60), max_size=8), st.integers(0, 40))
def test_never_exceeds_the_room_and_counts_every_passage_left_out(texts: list[str], room: int) -> None:
    hits = make_hits(*(f"{n} {t}" for n, t in enumerate(texts)))
    packed = pack_context(hits, count=count, room_tokens=room)
    assert count(packed.text) <= room
    kept = [h.chunk.id for h in packed.hits]
    assert len(kept) + packed.left_out == len(hits)
    assert kept == sorted(kept)
    for passage in packed.passages:  # whole or not at all
        assert passage.line == f"[{passage.number}] {clean_line(passage.hits[0].chunk.text)}"


def test_a_passage_too_long_is_left_out_and_a_shorter_one_after_it_kept() -> None:
    packed = pack_context(make_hits("one two three four five", "six"), count=count, room_tokens=3)
    assert (packed.text, packed.left_out) == ("[1] six", 1)


def test_neighbours_become_one_passage_where_the_better_stood() -> None:
    hits = [chunk(3, 1, 11, "second part"), chunk(1, 0, 0, "other", "e"), chunk(2, 0, 0, "first half.")]
    packed = pack_context(hits, count=count, room_tokens=100)
    assert packed.text == "[1] first half. second part\n[2] other"
    assert [h.chunk.id for h in packed.passages[0].hits] == [2, 3]
    assert (packed.passages[0].start, packed.passages[0].end) == (0, 22)


def test_overlapping_neighbours_repeat_nothing() -> None:
    packed = pack_context([chunk(1, 0, 0, "abc def"), chunk(2, 1, 4, "def ghi")], count=count, room_tokens=100)
    assert packed.text == "[1] abc def  ghi".replace("  ", " ")


def test_neighbours_too_long_together_are_tried_alone() -> None:
    packed = pack_context([chunk(1, 0, 0, "a b c"), chunk(2, 1, 5, "d e f")], count=count, room_tokens=5)
    assert (packed.text, packed.left_out) == ("[1] a b c", 1)


def test_copies_of_a_text_are_kept_once() -> None:
    packed = pack_context(make_hits("Same text.", "same  TEXT."), count=count, room_tokens=100)
    assert (packed.text, packed.left_out) == ("[1] Same text.", 0)


def test_title_is_put_before_a_passage_that_lacks_it() -> None:
    packed = pack_context(
        make_hits("Ann works.", "The Handbook says so.", title="Handbook"), count=count, room_tokens=99
    )
    assert packed.text == "[1] Handbook: Ann works.\n[2] The Handbook says so."


@given(st.text(max_size=200))
def test_a_passage_stays_on_its_line_and_holds_no_reference(text: str) -> None:
    line = clean_line(text)
    assert len(line.splitlines()) <= 1
    assert not re.search(r"\[\s*\d+\s*\]", line)


@pytest.mark.parametrize("marker", CONTROL_MARKERS)
@pytest.mark.parametrize("hidden", ["", "\u200b", "\u202e", "\U000e0041"])
def test_control_markers_are_broken_even_when_hidden_characters_split_them(marker: str, hidden: str) -> None:
    assert marker not in clean_line(f"x {marker[:2]}{hidden}{marker[2:]} y")
