"""Answers compare by words, numbers and characters in every language; SQuAD's definitions equal its script's."""

from __future__ import annotations

import collections
import random
import re
import string

import pytest
from ragkit.eval.metrics import squad
from ragkit.eval.metrics.answers import contains, contains_forms, exact_match, f1, normalise


def squad_normalise(text: str) -> str:
    """The script's four steps, in its order."""
    text = text.lower()
    text = "".join(ch for ch in text if ch not in set(string.punctuation))
    text = re.sub(r"\b(a|an|the)\b", " ", text, flags=re.UNICODE)
    return " ".join(text.split())


def squad_f1(gold: str, prediction: str) -> float:
    golds, said = squad_normalise(gold).split(), squad_normalise(prediction).split()
    same = sum((collections.Counter(golds) & collections.Counter(said)).values())
    if len(golds) == 0 or len(said) == 0:
        return int(golds == said)
    if same == 0:
        return 0
    precision, recall = 1.0 * same / len(said), 1.0 * same / len(golds)
    return (2 * precision * recall) / (precision + recall)


def squad_scores(golds: list[str], prediction: str) -> tuple[float, float]:
    kept = [g for g in golds if squad_normalise(g)] or [""]
    exact = max(int(squad_normalise(g) == squad_normalise(prediction)) for g in kept)
    return exact, max(squad_f1(g, prediction) for g in kept)


PIECES = [
    "a",
    "an",
    "the",
    "The",
    "A",
    "cat",
    "Cat",
    "cats",
    "big",
    "big",
    "dog's",
    "U.S.",
    "3.5",
    "1,000",
    "naïve",
    "Ünal",
    "—",
    "“quoted”",
    "straße",
    "theatre",
    "x-ray",
    "!",
    "...",
    "",
    "\t",
    "\u00a0",
    "東京",
    "the-the",
    "İstanbul",
    "it's",
]


def random_text(rng: random.Random) -> str:
    return " ".join(rng.choice(PIECES) for _ in range(rng.randint(0, 7)))


def test_equal_to_the_squad_script_on_10000_random_cases() -> None:
    rng = random.Random(0)
    partial = 0
    for _ in range(10_000):
        golds, prediction = [random_text(rng) for _ in range(rng.randint(0, 4))], random_text(rng)
        exact, overlap = squad_scores(golds, prediction)
        assert squad.exact_match(prediction, golds) == exact, (prediction, golds)
        assert squad.f1(prediction, golds) == overlap, (prediction, golds)
        partial += 0 < overlap < 1
    assert partial > 1000  # the cases were not all trivial


def test_f1_counts_repeated_words() -> None:
    assert f1("dog dog", ["dog dog dog dog"]) == pytest.approx(2 * 1 * 0.5 / 1.5)


@pytest.mark.parametrize(("prediction", "golds", "score"), [("", [], 1.0), ("x", [], 0.0), ("", ["x"], 0.0)])
def test_without_a_gold_answer_saying_nothing_is_right(prediction: str, golds: list[str], score: float) -> None:
    assert exact_match(prediction, golds) == f1(prediction, golds) == score


def test_an_article_counts_where_nothing_else_is_left() -> None:
    assert contains("The grade is A.", ["A"]) == exact_match("A", ["a"]) == 1.0
    assert contains("It has vitamin.", ["vitamin A"]) == 0.0
    assert exact_match("The Beatles", ["Beatles"]) == exact_match("die Straße", ["Straße"], "de") == 1.0
    assert exact_match("", ["The", "cat"]) == 0.0


RIGHT = [
    ("ja", "富士山の高さは3776メートルです。", "3776メートル"),
    ("ja", "有給休暇は年に二十日です", "二十日"),
    ("ja", "病気休暇には診断書が必要です", "診断書"),
    ("zh", "公司的年假为每年二十天", "二十天"),
    ("zh", "会议在上海举行。", "上海"),
    ("th", "พนักงานมีวันลาพักร้อนปีละยี่สิบวัน", "ยี่สิบวัน"),
    ("ko", "담당자는 김민수입니다.", "김민수"),
    ("", "It costs 1,000 euros.", "1000 euros"),
    ("en", "It costs 1 000 euros.", "1000 euros"),
    ("en", "It costs 1\u00a0000 euros.", "1,000 euros"),
    ("de", "Es kostet 1.000 Euro.", "1000 Euro"),
    ("de", "Es sind 12,5 %.", "12.5 %"),
    ("ru", "Ставка 0,5 %.", "0.5%"),
    ("en", "29.00", "29"),
    ("en", "It is 5.", "five"),
    ("uk", "Відпустка становить двадцять чотири дні.", "24 дні"),
    ("en", "about 1.2 million people", "1,200,000 people"),
    ("ru", "Её звали Алёна.", "Алена"),
    ("uk", "Це п'ять днів.", "п’ять днів"),
    ("en", "I don’t know", "don't"),
    ("en", "It is “Orion”", "Orion"),
    ("en", "rooms 10–12", "10-12"),
    ("de", "in Zürich", "Zu\u0308rich"),
    ("fr", "C'est l'eau.", "eau"),
    ("en", "Ann’s office", "Ann"),
    ("en", "The answer is B-17.", "B17"),
    ("en", "the U.S. army", "US"),
    ("en", "½ of it", "1/2"),
    ("tr", "İSTANBUL", "istanbul"),
    ("ru", "Это `torch.int64`. [1]", "torch.int64"),
    ("uk", "Складність — `O(n²)`.", "O(n^2)"),
    ("ru", "Формула: $E = mc^2$", "E = mc^2"),
]
WRONG = [
    ("en", "It weighs 2.1 kg.", "21 kg"),
    ("en", "The margin was 1.5%.", "15%"),
    ("en", "The margin was 1.5.", "1.5 %"),
    ("en", "It is -5 degrees.", "5 degrees"),
    ("en", "It is −5 degrees.", "5 degrees"),
    ("en", "The factor is 3.14.", "314"),
    ("de", "Der Wert ist 1,5.", "15"),
    ("de", "Der Wert ist 1.500.", "1,5"),
    ("en", "It is written in C++.", "C"),
    ("en", "It is written in C#.", "C"),
    ("en", "10²", "102"),
    ("ja", "年に二十日です", "十日"),
    ("zh", "会议在上海举行。", "海上"),
    ("en", "H100", "100"),
]


@pytest.mark.parametrize(("language", "said", "gold"), RIGHT)
def test_what_a_reader_takes_for_the_answer_contains_it(language: str, said: str, gold: str) -> None:
    assert contains(said, [gold], language) == 1.0
    assert exact_match(gold, [gold], language) == 1.0


@pytest.mark.parametrize(("language", "said", "gold"), WRONG)
def test_another_number_or_name_is_another_answer(language: str, said: str, gold: str) -> None:
    assert contains(said, [gold], language) == 0.0
    assert exact_match(said, [gold], language) == 0.0


def test_f1_counts_characters_where_words_are_not_set_apart() -> None:
    assert f1("上海市", ["上海"], "zh") == pytest.approx(2 * (2 / 3) * 1 / (2 / 3 + 1))
    assert f1("김민수입니다", ["김민수"], "ko") == pytest.approx(2 * 0.5 * 1 / 1.5)


@pytest.mark.parametrize(
    ("language", "said", "gold"),
    [
        ("ru", "Это согласуют с Марией Келлер.", "Мария Келлер"),
        ("ru", "в Париже", "Париж"),
        ("uk", "Погоджує Марії Келлер у Києві", "Марія Келлер"),
        ("pl", "z Anną Nowak", "Anna Nowak"),
    ],
)
def test_names_in_other_cases_count_under_a_name_of_their_own(language: str, said: str, gold: str) -> None:
    assert contains_forms(said, [gold], language) == 1.0
    assert contains(said, [gold], language) == 0.0


@pytest.mark.parametrize(
    ("language", "said", "gold"),
    [("ru", "Марина Келлер", "Мария Келлер"), ("ru", "Петров", "Петра"), ("ru", "12", "1"), ("en", "Annie", "Ann")],
)
def test_names_of_others_do_not(language: str, said: str, gold: str) -> None:
    assert contains_forms(said, [gold], language) == 0.0


def test_contains_wants_whole_words() -> None:
    assert contains("It is the Eiffel Tower.", ["eiffel tower"]) == 1.0
    assert contains("It is art.", ["ar"]) == 0.0
    assert contains("anything", []) == contains("anything", ["the"]) == 0.0
    assert normalise("The Eiffel Tower!") == "eiffel tower"
