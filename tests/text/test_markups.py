"""Headings of the light markups make sections; a line that introduces a list stays with it."""

from __future__ import annotations

import pytest

from ragkit.text import chunk_text
from ragkit.text.figures import figure_tables


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/x-rst", "Hours\n=====\n\nOpen daily.\n\nSunday\n------\n\nClosed.\n"),
        ("text/x-org", "* Hours\n\nOpen daily.\n\n** Sunday :note:\n\nClosed.\n"),
        ("text/x-asciidoc", "= Hours\n\nOpen daily.\n\n== Sunday\n\nClosed.\n"),
        ("text/x-tex", "\\section{Hours}\n\nOpen daily.\n\n\\subsection*{Sunday}\n\nClosed.\n"),
    ],
)
def test_headings_of_light_markups_make_sections(media_type: str, text: str) -> None:
    passages = chunk_text(text, media_type=media_type)
    assert [p.section for p in passages] == [("Hours",), ("Hours", "Sunday")]
    assert all(text[p.start : p.end] == p.text for p in passages)


def test_line_that_introduces_a_list_stays_with_it() -> None:
    text = "Some words of text before. " * 6 + "\n\nThe board approves:\n\n" + "- one more thing to do\n" * 8
    for passage in chunk_text(text, media_type="text/markdown", most=64, target=42):
        assert not passage.text.endswith("approves:")


def test_rows_of_figures_are_told_from_prose() -> None:
    text = (
        "Sales grew in 2022 and 2021. They were 5 and 4.\nThree Months Ended\nJune 25, 2022 June 26, 2021\n"
        "Products $ 63,355 $ 63,948\nServices 19,604 17,486\nOther items:\nGrants (12) —\nTotal 82,947 81,434\n"
        "See the notes for what this means to the year.\n"
    )
    (table,) = figure_tables(text, 0, len(text))
    assert text[table.start : table.rows] == "Three Months Ended\nJune 25, 2022 June 26, 2021\n"
    assert text[table.rows : table.end].startswith("Products") and text[: table.end].endswith("81,434")
