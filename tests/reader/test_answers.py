"""The reader that ships: what it is about is compared exactly, and it reads a bounded part of the passages."""

from __future__ import annotations

import pytest

from ragkit.reader.answers import WINDOWS, AnswerReader
from ragkit.reader.candidates import WINDOW_TOKENS, candidates
from ragkit.reader.evidence import tokens_of
from ragkit.reader.identifiers import identifiers
from tests.fakes import WordEncoder
from tests.reader.test_candidates import hit

VALVES = "| Valve | Pressure | Owner |\n| --- | --- | --- |\n" + "".join(
    f"| V{n} | {n % 60} bar | Person{n} |\n" for n in range(100, 160)
)


@pytest.fixture(scope="module")
def reader() -> AnswerReader:
    return AnswerReader(WordEncoder())


def test_the_row_of_an_identifier_is_the_best_and_one_that_is_not_there_is_not_answered(reader: AnswerReader) -> None:
    found = candidates([hit(VALVES)])
    best = reader.read("Who owns valve V150 and at which pressure?", found)[0]
    assert best.candidate.text == "| V150 | 30 bar | Person150 |"
    other = reader.read("Who owns valve V999 and at which pressure?", found)[0]
    assert other.chance < min(reader.low, best.chance / 3)


def test_identifiers_are_whole_words_of_letters_and_digits() -> None:
    assert identifiers("RX-4410-C, GPT‑3, v1.5 of 2020, п3") == {"rx4410c", "gpt3", "v1", "п3"}


def test_no_more_than_a_bounded_part_is_read(reader: AnswerReader) -> None:
    text = " ".join(f"Sentence number {i} tells of apples and of pears." for i in range(400))
    read = reader.weigh("What tells of apples?", candidates([hit(text)]))
    assert sum(tokens_of(w.candidate.text) for w in read) < (WINDOWS + 1) * WINDOW_TOKENS
