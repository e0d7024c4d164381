"""Words are compared as a reader compares them: numbers by value, names whole, endings forgiven."""

from __future__ import annotations

import pytest

from ragkit.reader.flags import FLAGS, flag_tokens, match_words
from ragkit.reader.tokens import FUNCTION, NAME, NUMBER, POLAR_WORD, WORD, read_words


def kinds(text: str) -> dict[str, int]:
    return {text[w.start : w.end]: w.kind for w in read_words(text)}


def test_kinds_of_words() -> None:
    found = kinds("The 1,000 euros of Maria Keller were not paid within twelve days.")
    assert (found["1,000"], found["twelve"]) == (NUMBER, NUMBER)
    assert (found["Maria"], found["Keller"], found["not"], found["of"], found["paid"]) == (
        NAME,
        NAME,
        POLAR_WORD,
        FUNCTION,
        WORD,
    )
    assert kinds("В книге не сказано о PyTorch.")["PyTorch"] == NAME
    assert kinds("В книге не сказано о PyTorch.")["не"] == POLAR_WORD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000 euros", "1000 euros"),
        ("1 000 книг", "1000 книг"),
        ("29.00 EUR", "29 EUR"),
        ("3,5 %", "3.50 %"),
        ("twelve days", "12 days"),
        ("двенадцать дней", "12 дней"),
    ],
)
def test_numbers_are_compared_by_value(one: str, other: str) -> None:
    assert match_words(one, other)[0] == 2


@pytest.mark.parametrize(("one", "other"), [("2.1", "21"), ("1999", "1998"), ("five", "seven"), ("3.11", "3.1")])
def test_other_numbers_are_others(one: str, other: str) -> None:
    assert match_words(one, other) == [0]


def test_endings_are_forgiven_and_names_are_told_apart() -> None:
    assert match_words("утверждает", "утверждать") == [1]
    assert match_words("approves", "approved") == [1]
    assert match_words("Keller", "Kramer") == [0]


def test_every_token_has_the_mark_of_its_word_and_side() -> None:
    marks = flag_tokens("Who pays 5?", "Ann pays 6.", [(0, 0), (4, 8), (9, 10), (4, 8), (9, 10)], [None, 0, 0, 1, 1])
    assert marks[0] == 0
    assert marks[1] != marks[3]  # the same word on the other side
    assert marks[2] != marks[1]
    assert all(0 <= m < FLAGS for m in marks)
