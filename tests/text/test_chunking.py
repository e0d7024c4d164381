"""Passages: exact offsets, nothing lost, nothing too long, cut where the structure allows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ragkit.errors import UsageError
from ragkit.text import Passage, chunk_text

from .growth import grows_linearly


def by_words(texts: Sequence[str]) -> list[int]:
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def by_bytes(texts: Sequence[str]) -> list[int]:
    """A tokenizer that knows no word: every byte is a token."""
    return [len(text.encode()) for text in texts]


def unknown_when_long(texts: Sequence[str]) -> list[int]:
    """Like WordPiece: a word of more than 20 characters is one unknown token, a shorter one is cut in pairs."""
    return [sum(1 if len(w) > 20 else (len(w) + 1) // 2 for w in text.split()) for text in texts]


def not_additive(texts: Sequence[str]) -> list[int]:
    """The whole has more tokens than its parts together."""
    return [len(text.split()) + len(text) // 10 for text in texts]


COUNTERS = [by_words, by_bytes, unknown_when_long, not_additive]
MEDIA_TYPES = [
    "text/plain",
    "text/markdown",
    "text/x-python",
    "text/html",
    "text/csv",
    "text/x-rst",
    "text/x-org",
    "text/x-asciidoc",
    "text/x-tex",
    "application/pdf",
]
_PIECES = st.sampled_from(
    [
        "word ", "Sentence one. ", "слово ", "字", "。", "a\u0301", "👩\u200d👩\u200d👧", "\r\n", "\n", "\n\n",
        "\n\r\n", "\r", "\f", "# Heading\n", "## Sub\n\n", "Setext\n===\n", "- item\n", "  - nested\n", "1. first\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n", "```\ncode()\n\n  more\n```\n", "```", "    indented\n", "> quote\n",
        "[ref]: http://x\n", "<div>\n", "\t", " ", "\u2003", "x" * 90, "\x00", "\u2028", "= Title =\n", "***\n",
        "* Org\n", "\\section{T}\n", "Rst\n===\n",
        "Cash $ 1,200 $ 900\n", "a,b\n", "sep=;\n",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=60).map("".join))


@settings(max_examples=300, deadline=None)
@example(
    text="000000000\r0000000 0\r000000\r0 000000000000000000000 0 0 0 0\r0\r" + "0" * 124 + " 0 0",
    media_type="text/plain",
    counter=not_additive,
    max_tokens=16,
    overlap=None,
)  # a cut leaves a piece that begins where the next passage's overlap does
@given(
    text=TEXTS,
    media_type=st.sampled_from(MEDIA_TYPES),
    counter=st.sampled_from(COUNTERS),
    max_tokens=st.sampled_from([16, 24, 60, 254]),
    overlap=st.sampled_from([None, 0, 8]),
)
def test_passages_are_exact_ordered_stripped_small_enough_and_lose_nothing(
    text: str, media_type: str, counter: object, max_tokens: int, overlap: int | None
) -> None:
    assert callable(counter)
    passages = chunk_text(text, media_type=media_type, count_tokens=counter, max_tokens=max_tokens, overlap=overlap)
    covered = bytearray(len(text))
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip() != ""
        assert counter([passage.text])[0] <= max_tokens
        covered[passage.start : passage.end] = b"\x01" * (passage.end - passage.start)
    starts = [(p.start, p.end) for p in passages]
    assert starts == sorted(starts)
    assert len({p.start for p in passages}) == len(passages)
    assert all(covered[i] or char.isspace() for i, char in enumerate(text))


MARKDOWN = """# Handbook

Welcome.

## Travel

### Approval

Travel over 2,000 euros is approved by the director.

- flights
- trains

```python
def approve(trip):

    return trip.cost < 2000
```

| class | limit |
|-------|-------|
| A     | 2000  |

Setext
======

The end.
"""


def chunk_markdown(**options: Any) -> list[Passage]:
    return chunk_text(MARKDOWN, media_type="text/markdown", count_tokens=by_words, **options)


def test_each_section_is_a_passage_that_begins_with_its_heading() -> None:
    passages = chunk_markdown()
    assert [p.section for p in passages] == [("Handbook",), ("Handbook", "Travel", "Approval"), ("Setext",)]
    assert passages[1].text.startswith("## Travel\n\n### Approval\n\nTravel over")
    assert passages[2].text == "Setext\n======\n\nThe end."


def test_a_heading_stays_with_what_follows_even_in_small_passages() -> None:
    for passage in chunk_markdown(max_tokens=24, target=10):
        assert not re.fullmatch(r"(#+ .*\s*)+", passage.text)


def test_code_and_tables_that_fit_are_kept_whole() -> None:
    passages = chunk_markdown(max_tokens=40, target=20, overlap=0)
    for block in (re.search(r"```.*```", MARKDOWN, re.S), re.search(r"\| class.*2000  \|", MARKDOWN, re.S)):
        assert block is not None
        assert any(block[0] in p.text for p in passages)


def test_paragraphs_of_one_section_are_merged_up_to_the_target() -> None:
    text = "\n\n".join(f"Short paragraph number {i}." for i in range(100))
    passages = chunk_text(text, count_tokens=by_words)
    assert 2 <= len(passages) <= 4
    sizes = by_words([p.text for p in passages])
    assert min(sizes) > 100


def test_neighbours_share_whole_sentences() -> None:
    text = " ".join(f"This is sentence number {i} of the text." for i in range(200))
    passages = chunk_text(text, count_tokens=by_words, max_tokens=100, overlap=20)
    for before, after in pairwise(passages):
        assert before.start < after.start < before.end
        shared = text[after.start : before.end]
        assert shared.startswith("This is") and shared.endswith("the text.")
        assert by_words([shared])[0] <= 20


def test_source_code_is_cut_between_top_level_definitions() -> None:
    body = "    total = 0\n\n    for x in range(10):\n        total += x\n\n    return total"
    text = "\n\n\n".join(f"def function_{i}():\n{body}" for i in range(40))
    for passage in chunk_text(text, media_type="text/x-python", count_tokens=by_words):
        assert passage.text.startswith("def ") and passage.text.endswith("return total")


def test_page_is_the_one_the_passage_starts_on() -> None:
    pages = ["First page. " * 60, "Second page. " * 60, "Third page. " * 60]
    offsets = [0, len(pages[0]), len(pages[0]) + len(pages[1])]
    passages = chunk_text("".join(pages), pages=offsets, count_tokens=by_words, overlap=0)
    assert {p.page for p in passages} == {1, 2, 3}
    for passage in passages:
        assert passage.page is not None
        assert offsets[passage.page - 1] <= passage.start
    assert chunk_text("No pages.", count_tokens=by_words)[0].page is None


def test_wiki_headings_open_sections_in_plain_text() -> None:
    text = " = Game = \n\nIt is a game.\n\n = = Plot = = \n\nThere is a war."
    assert [p.section for p in chunk_text(text, count_tokens=by_words)] == [("Game",), ("Game", "Plot")]


def test_marks_and_joiners_are_not_torn_from_their_letters() -> None:
    text = "👩\u200d👩\u200d👧" * 200
    for passage in chunk_text(text, count_tokens=by_bytes, max_tokens=40, overlap=0):
        assert not passage.text.startswith("\u200d") and not passage.text.endswith("\u200d")


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_white_space_alone_gives_no_passage(media_type: str) -> None:
    assert chunk_text(" \r\n\t\u2003\n\n", media_type=media_type, count_tokens=by_words) == []


def test_counting_is_asked_for_a_few_times_only() -> None:
    calls = 0

    def counting(texts: Sequence[str]) -> list[int]:
        nonlocal calls
        calls += 1
        return by_words(texts)

    chunk_text(("word " * 5000 + "\n\n") * 5, count_tokens=counting)
    assert calls <= 6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_tokens": 8}, "passages of 8 are below 16"),
        ({"target": 300}, "target=300 is outside 1..254"),
        ({"overlap": 200}, "overlap=200 is outside 0..127"),
    ],
)
def test_impossible_sizes_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        chunk_text("text", count_tokens=by_words, **options)


@pytest.mark.parametrize(
    "unit", ["a", "a. ", "word ", "a\n\n", "日", ",a", "# a\n\n", "- a\n", "a\u0301", "> ", "| a ", "```\n", "["]
)
@pytest.mark.parametrize("media_type", MEDIA_TYPES[:3])
def test_time_is_linear_in_the_length(unit: str, media_type: str) -> None:
    assert grows_linearly(lambda t: chunk_text(t, media_type=media_type, count_tokens=by_words), unit, 60_000)
