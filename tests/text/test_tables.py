"""Rows of a table know the names of its columns beside their span, wherever the table was cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.text import chunk_text
from ragkit.text.statements import statements


def by_words(texts: Sequence[str]) -> list[int]:
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


MARKDOWN = "# Valves\n\nAll of hall 3.\n\n| Valve | Owner |\n| --- | --- |\n" + "".join(
    f"| V{n:03} | Person{n} |\n" for n in range(120)
)
CSV = "Name,Leave days\n" + "".join(f"Person{n},{n % 31}\n" for n in range(120))


@pytest.mark.parametrize(
    ("text", "media_type", "header"),
    [(MARKDOWN, "text/markdown", "| Valve | Owner |"), (CSV, "text/csv", "Name,Leave days")],
)
def test_every_passage_of_rows_has_the_header_beside_an_exact_span(text: str, media_type: str, header: str) -> None:
    passages = chunk_text(text, media_type=media_type, count_tokens=by_words, max_tokens=100)
    assert len(passages) > 3
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert header in passage.text or passage.header == header
        above = 0 if header in passage.text else by_words([header])[0]
        assert by_words([passage.text])[0] + above <= 100


def test_prose_after_a_table_has_no_header() -> None:
    text = MARKDOWN + "\nAfter the table.\n\n## Next\n\nMore prose here.\n"
    last = chunk_text(text, media_type="text/markdown", count_tokens=by_words, max_tokens=100)[-1]
    assert (last.header, "More prose" in last.text) == ("", True)


def test_line_that_states_the_separator_names_no_columns() -> None:
    text = "sep=;\nName;Days\n" + "Ann;3\n" * 90
    passages = chunk_text(text, media_type="text/csv", count_tokens=by_words, max_tokens=60)
    assert {p.header for p in passages} == {"Name;Days"}


def test_quoted_cell_with_line_ends_is_not_cut() -> None:
    text = "Name,Note\n" + '"Ann","first\nsecond"\n' * 40
    for passage in chunk_text(text, media_type="text/csv", count_tokens=by_words, max_tokens=60):
        assert passage.text.count('"') % 4 == 0


def test_breaks_are_where_further_pages_start() -> None:
    text = "One. " * 30 + "Two. " * 30
    passages = chunk_text(text, pages=(0, 150), count_tokens=by_words, max_tokens=200)
    assert [(p.page, p.breaks) for p in passages] == [(1, (150,))]


def test_rows_are_whole_and_headers_alone_are_left_out() -> None:
    text = "Intro. More.\n\n| A | B |\n| --- | --- |\n| one. Two | 2 |\n\nEnd."
    assert [(text[s.start : s.end], s.header) for s in statements(text)] == [
        ("Intro.", ""),
        ("More.", ""),
        ("| one. Two | 2 |", "| A | B |"),
        ("End.", ""),
    ]
    rows = "| three | 3 |\n| four | 4 |"
    assert [(rows[s.start : s.end], s.header) for s in statements(rows, "| A | B |")] == [
        ("| three | 3 |", "| A | B |"),
        ("| four | 4 |", "| A | B |"),
    ]
    assert [s.header for s in statements("A,B\n1,2\n3,4", "A,B")] == ["A,B", "A,B"]


_PIECES = st.sampled_from(
    [
        "word ",
        "Stop. ",
        "\n",
        "\n\n",
        "| a | b |\n",
        "| --- | --- |\n",
        "|---|\n",
        "a,b\n",
        '"',
        "|",
        "# H\n",
        "- item\n",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from(["", "| x | y |", "a,b"]))
def test_statements_are_exact_in_order_and_lose_no_word(text: str, header: str) -> None:
    found = statements(text, header)
    at = 0
    for s in found:
        assert at <= s.start <= s.end
        at = s.end
    told = " ".join(text[s.start : s.end] for s in found) + " " + " ".join(s.header for s in found)
    for word in ("word", "Stop", "item"):
        assert told.count(word) >= text.count(word)
