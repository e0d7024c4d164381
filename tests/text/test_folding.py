"""Words that a reader takes for the same compare as the same, wherever words are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.rag.leaning import stem
from ragkit.reasoning.votes import vote_key
from ragkit.text import fold
from ragkit.text.folding import APOSTROPHES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Отчёт", "ОТЧЕТ"),
        (unicodedata.normalize("NFD", "Отчёт"), "отчет"),
        ("ё", "Е"),
        ("ПʼЯТЬ", "п'ять"),
        ("Straße", "STRASSE"),
        ("ﬁle", "file"),
        ("İzmir", "izmir"),
    ],
)
def test_spellings_of_one_word_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_every_apostrophe_folds_to_the_plain_one(apostrophe: str) -> None:
    assert fold(f"об{apostrophe}єкт") == "об'єкт"


@pytest.mark.parametrize(("one", "other"), [("їжа", "іжа"), ("край", "краи"), ("гроші", "ґроші"), ("было", "біло")])
def test_letters_that_tell_words_apart_stay(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(alphabet=st.sampled_from("аеёЁІїЙйʼ’'`´ßİAbc 12-")))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_votes_count_spellings_of_one_answer_as_one() -> None:
    assert vote_key("Кто сдаёт отчет?", "Пётр сдает отчёт [1].") == vote_key("Кто сдаёт отчет?", "Петр") == "петр"
    assert vote_key("Хто п’є каву?", "Дем'ян [1]") == vote_key("Хто п’є каву?", "Демʼян")


def test_a_follow_up_and_its_question_share_words_in_either_spelling() -> None:
    assert stem("Отчёты") == stem("отчета")
    assert stem("П’яти") == stem("пʼятий")
