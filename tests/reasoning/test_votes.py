"""What a vote takes for one answer: the same words differently said are, two of the offered choices are not."""

from __future__ import annotations

import pytest

from ragkit.reasoning.votes import ABSTAINS, vote_key

WHERE = "Where is the employer of Ann based?"


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (WHERE, "The answer is Orm [2].", "It is based in Orm."),
        (WHERE, "ORM", "The employer of Ann is based in Orm [1] [2]."),
        ("How much does it cost?", "1,500 euros [1]", "It is 1500 euros."),
        ("Who is older, Ann or Bo?", "Bo is older by 3 years [1].", "Bo is 3 years older."),
    ],
)
def test_the_same_answer_in_other_words_is_one(question: str, one: str, other: str) -> None:
    assert vote_key(question, one) == vote_key(question, other)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (WHERE, "Orm [2].", "Lind [2]."),
        (WHERE, "It is based in Orm.", "It is not based in Orm."),
        ("Who is older, Ann or Bo?", "Bo is older by 3 years.", "Ann is older by 3 years."),
        ("Кто старше, Анна или Борис?", "Борис старше на 3 года.", "Анна старше на 3 года."),
        ("Хто старший: Анна чи Борис?", "Борис старший на 3 роки.", "Анна старша на 3 роки."),
        ("Which is higher, Blue Hill or White Hill?", "Blue Hill by 5 metres.", "White Hill by 5 metres."),
    ],
)
def test_different_answers_are_two(question: str, one: str, other: str) -> None:
    assert vote_key(question, one) != vote_key(question, other)


def test_abstentions_are_one_whatever_their_words() -> None:
    assert vote_key(WHERE, "The documents do not say.") == vote_key(WHERE, "Not in these documents.") == ABSTAINS
