"""Answer metrics equal the published SQuAD 2.0 script's definitions on random answers, and handle other languages."""

from __future__ import annotations

import collections
import random
import re
import string

import pytest
from ragkit.eval.metrics.answers import contains, exact_match, f1, normalise


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
    "a", "an", "the", "The", "A", "cat", "Cat", "cats", "big", "big", "dog's", "U.S.", "3.5", "1,000", "naïve", "Ünal",
    "—", "“quoted”", "straße", "theatre", "x-ray", "!", "...", "", "\t", "\u00a0", "東京",
    "the-the", "İstanbul", "it's",
]  # fmt: skip


def random_text(rng: random.Random) -> str:
    return " ".join(rng.choice(PIECES) for _ in range(rng.randint(0, 7)))


def test_equal_to_the_squad_script_on_10000_random_cases() -> None:
    rng = random.Random(0)
    partial = 0
    for _ in range(10_000):
        golds, prediction = [random_text(rng) for _ in range(rng.randint(0, 4))], random_text(rng)
        exact, overlap = squad_scores(golds, prediction)
        assert exact_match(prediction, golds) == exact, (prediction, golds)
        assert f1(prediction, golds) == overlap, (prediction, golds)
        partial += 0 < overlap < 1
    assert partial > 1000  # the cases were not all trivial


def test_f1_counts_repeated_words() -> None:
    assert f1("dog dog", ["dog dog dog dog"]) == pytest.approx(2 * 1 * 0.5 / 1.5)


@pytest.mark.parametrize(("prediction", "golds", "score"), [("", [], 1.0), ("x", [], 0.0), ("", ["x"], 0.0)])
def test_without_a_gold_answer_saying_nothing_is_right(prediction: str, golds: list[str], score: float) -> None:
    assert exact_match(prediction, golds) == f1(prediction, golds) == score


def test_a_gold_answer_that_normalises_to_nothing_does_not_make_silence_right() -> None:
    assert exact_match("", ["The", "cat"]) == 0.0


def test_other_languages_keep_articles_and_drop_unicode_punctuation() -> None:
    assert normalise("«Die Straße», a!", "de") == "die strasse a"
    assert exact_match("„Київ“.", ["київ"], "uk") == 1.0


def test_contains_wants_whole_words() -> None:
    assert contains("It is the Eiffel Tower.", ["eiffel tower"]) == 1.0
    assert contains("It is art.", ["ar"]) == 0.0
    assert contains("anything", []) == contains("anything", ["the"]) == 0.0
