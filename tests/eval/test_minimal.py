"""Minimal pairs change one thing and nothing else, in four languages."""

from __future__ import annotations

from random import Random

import pytest
from ragkit.eval.sets.minimal import CHANGES, change, names_of, reword, rivals

from ragkit.reader.tokens import NUMBER, read_words

TEXTS = {
    "en": "In May 2019 the works of Anna Borel hired 340 people. It was not larger than the plant of Maria Keller.",
    "ru": "В мае 2019 года завод нанял 340 человек, и Анна Борель не знала об этом. Больше всех принял Иван Келлер.",
    "uk": "У травня 2019 року завод прийняв 340 людей, і Анна Борель не знала. Більше за всіх прийняв Іван Келлер.",
    "de": "Im Mai 2019 stellte Anna Borel 340 Leute ein. Das war nicht mehr als bei Maria Keller.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_changed_number_leaves_every_other_word(language: str) -> None:
    for seed in range(20):
        made = change("number", TEXTS[language], rivals(TEXTS[language]), Random(seed))
        assert made is not None
        before = [w.form for w in read_words(TEXTS[language])]
        after = [w.form for w in read_words(made.text)]
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
        assert made.was in TEXTS[language] and made.now in made.text


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("kind", ["date", "name", "negation"])
def test_each_kind_changes_the_text_and_names_what_it_changed(language: str, kind: str) -> None:
    made = change(kind, TEXTS[language], [*rivals(TEXTS[language]), "Olga Brandt", "Ольга Брандт"], Random(1))
    assert made is not None and made.kind == kind
    assert made.text != TEXTS[language]


def test_nothing_to_change_is_none() -> None:
    assert all(change(kind, "so it goes", [], Random(0)) is None for kind in CHANGES)


def test_rewording_keeps_every_number_outside_brackets() -> None:
    for text in TEXTS.values():
        for seed in range(30):
            kept = {w.form for w in read_words(reword(text, Random(seed))) if w.kind == NUMBER}
            assert kept <= {w.form for w in read_words(text) if w.kind == NUMBER}


def test_names_stand_inside_sentences() -> None:
    assert names_of("The works of Anna Borel, near Lund.") == ["Anna Borel", "Lund"]
