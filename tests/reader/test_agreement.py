"""What was changed in a sentence of a text is seen exactly: numbers, names, negations, directions."""

from __future__ import annotations

import pytest

from ragkit.reader.agreement import AGREEMENT, agreement

SENTENCES = {
    "en": "In 2019 the Borel works hired 340 people in Lund, and the wages were not higher than in Malmö.",
    "ru": "В 2019 году завод Борель принял 340 человек, и зарплата была не больше, чем на заводе Мальме.",
    "uk": "У 2019 році завод Борель прийняв 340 людей, і платня була не більше, ніж на заводі Мальме.",
}


def features(claim: str, sentence: str) -> dict[str, float]:
    return dict(zip(AGREEMENT, agreement(claim, [sentence, "Something else stands here."], sentence), strict=True))


@pytest.mark.parametrize("language", SENTENCES)
def test_a_copy_agrees_in_everything(language: str) -> None:
    found = features(SENTENCES[language], SENTENCES[language])
    assert found["all_covered"] == found["copy"] == 1
    assert not any(found[n] for n in AGREEMENT if n.startswith("copy_"))


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize(("was", "now", "feature"), [("340", "430", "copy_number"), ("2019", "2018", "copy_number")])
def test_a_changed_number_or_year_is_seen(language: str, was: str, now: str, feature: str) -> None:
    assert features(SENTENCES[language].replace(was, now), SENTENCES[language])[feature] > 0


@pytest.mark.parametrize(
    ("language", "was", "now"),
    [
        ("en", "were not higher", "were higher"),
        ("en", "hired", "never hired"),
        ("ru", "была не больше", "была больше"),
        ("uk", "була не більше", "була більше"),
    ],
)
def test_a_negation_that_came_or_went_is_seen(language: str, was: str, now: str) -> None:
    sentence = SENTENCES[language]
    assert was in sentence
    assert features(sentence.replace(was, now), sentence)["copy_polar"] > 0


@pytest.mark.parametrize(
    ("language", "was", "now"), [("en", "higher", "lower"), ("ru", "больше", "меньше"), ("uk", "більше", "менше")]
)
def test_the_other_direction_is_seen(language: str, was: str, now: str) -> None:
    assert features(SENTENCES[language].replace(was, now), SENTENCES[language])["opposite"] > 0


def test_a_name_of_elsewhere_is_missing() -> None:
    assert features(SENTENCES["en"].replace("Lund", "Oslo"), SENTENCES["en"])["copy_name"] > 0


def test_a_part_of_a_sentence_needs_no_negation_of_its_other_part() -> None:
    assert features("In 2019 the Borel works hired 340 people in Lund.", SENTENCES["en"])["copy_polar"] == 0
