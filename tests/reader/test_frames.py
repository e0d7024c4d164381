"""Lines that a document repeats from page to page are its frame, and nothing that tells something is."""

from __future__ import annotations

from ragkit.reader.frames import is_frame
from ragkit.types import Chunk


def pages(*texts: str) -> list[Chunk]:
    return [
        Chunk(id=n, document_id="d", ordinal=n, text=t, start=1000 * n, end=1000 * n + len(t))
        for n, t in enumerate(texts)
    ]


def test_lines_that_count_the_pages_are_frame() -> None:
    report = pages(*(f"Acme Group | Q3 2022 Form 10-Q | {n}\n\nIt says {w}." for n, w in enumerate("abcd", 1)))
    assert is_frame("Acme Group | Q3 2022 Form 10-Q | 3", report)
    assert not is_frame("It says b.", report)


def test_a_notice_on_every_page_is_frame_and_one_that_stands_twice_is_none() -> None:
    notice = "I certify that this report is true."
    assert is_frame(notice, pages(*[f"Part.\n\n{notice}\n"] * 3))
    assert not is_frame(notice, pages(*[f"Part.\n\n{notice}\n"] * 2))


def test_a_notice_that_is_broken_otherwise_on_each_page_is_the_same() -> None:
    report = pages("Confidential and\ninternal", "Confidential\nand internal", "Confidential and internal")
    assert is_frame("Confidential and internal", report)


def test_sentences_alike_but_for_their_figures_are_no_frame() -> None:
    prices = pages(*(f"Step {n} costs {7 * n} euros.\n" for n in range(1, 6)))
    assert not is_frame("Step 2 costs 14 euros.", prices)
    fares = pages(*(f"Daily allowance in zone {n}\nis {w}\n" for n, w in ((1, "low"), (7, "high"), (3, "none"))))
    assert not is_frame("Daily allowance in zone 7", fares)


def test_passages_that_overlap_repeat_nothing() -> None:
    text = "The only place where this is said"
    one = [Chunk(id=n, document_id="d", ordinal=n, text=text, start=40, end=40 + len(text)) for n in range(4)]
    assert not is_frame(text, one)
