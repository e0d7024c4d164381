"""Invented worlds: the same for the same seed, apart between splits, true in every step, not to be guessed."""

from __future__ import annotations

import re
from random import Random

import pytest
from ragkit.nano.training.curriculum import make_world
from ragkit.nano.transcripts import read, search
from ragkit.nano.world.names import invent, split_of
from ragkit.nano.world.questions import KINDS, MIN_RIVALS, Question, make_question
from ragkit.nano.world.real_names import REAL_NAMES
from ragkit.nano.world.worlds import World

LANGUAGES = ("en", "ru")


def some_questions(language: str, kind: str, count: int, *, about_one: bool = False) -> list[tuple[World, Question]]:
    rng = Random(7)
    found: list[tuple[World, Question]] = []
    while len(found) < count:
        world = make_world(rng, level=2, language=language, split="test", long=False, searching=about_one)
        question = make_question(rng, world, kind)
        if question is not None:
            found.append((world, question))
    return found


def test_a_seed_gives_the_same_world_and_questions() -> None:
    def once() -> tuple[object, ...]:
        rng = Random(11)
        world = make_world(rng, level=2, language="en", split="train", long=True, searching=False)
        return tuple(world.passages), tuple(make_question(rng, world, kind) for kind in KINDS)

    assert once() == once()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_test_name_or_a_real_name_is_ever_in_training(language: str) -> None:
    rng = Random(3)
    for kind in "PCTM":
        for _ in range(300):
            for word in re.findall(r"[^\W\d_]{3,}", invent(rng, kind, "ru" if language == "ru" else "en", "train")):
                if word[0].isupper() and not word.isupper():
                    assert split_of(word) != "real" or word == "New"  # of New York, and of any other New
            own = invent(rng, kind, language, "test").split()
            assert any(split_of(part) == "test" for word in own for part in word.split("-"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_real_names_come_only_when_asked_for(language: str) -> None:
    real = {name for names in REAL_NAMES[language].values() for name in names}
    rng = Random(5)
    for kind in "PCTM":
        assert invent(rng, kind, language, "real") in real
        assert not real & {invent(rng, kind, language, split) for split in ("train", "test") for _ in range(300)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_step_of_a_thought_is_stated_in_the_passage_it_cites(language: str, kind: str) -> None:
    for world, question in some_questions(language, kind, 12):
        (turn,) = read(world, question).turns
        cited = [int(n) for n in re.findall(r"\[(\d+)\]", turn.thought)]
        stated = [fact for fact in question.lookups if fact in world.facts]
        assert len(cited) == len(stated)
        for number, fact in zip(cited, stated, strict=True):
            passage = world.passages[number - 1]
            assert fact in passage.facts
            assert fact[0] in passage.text
            assert world.facts[fact] in passage.text
        assert turn.answer is not None
        assert set(re.findall(r"\[\d+\]", turn.answer)) <= set(re.findall(r"\[\d+\]", turn.thought))


@pytest.mark.parametrize("kind", ["hop1", "hop2", "hop3", "hop4"])
def test_a_chain_leads_from_the_entity_in_the_question_to_the_answer(kind: str) -> None:
    for world, question in some_questions("en", kind, 15):
        entity = question.lookups[0][0]
        assert entity in question.text
        for fact in question.lookups:
            assert fact[0] == entity
            entity = world.facts[fact]
        assert entity == question.answer
        assert question.answer not in question.text


@pytest.mark.parametrize("kind", ["hop3", "hop4"])
def test_long_questions_leave_at_least_three_answers_to_guess_from(kind: str) -> None:
    for world, question in some_questions("en", kind, 30):
        assert world.rivals(question.lookups[-1][1]) >= MIN_RIVALS


def test_unanswerable_questions_ask_for_what_no_passage_states() -> None:
    for world, question in some_questions("en", "none", 20):
        assert question.lookups[-1] not in world.facts
        assert all(fact in world.facts for fact in question.lookups[:-1])


def test_sums_and_comparisons_are_right() -> None:
    for world, question in some_questions("en", "sum", 10):
        assert question.answer == str(sum(int(world.facts[fact]) for fact in question.lookups))
    for world, question in some_questions("en", "compare", 10):
        values = {fact[0]: int(world.facts[fact]) for fact in question.lookups}
        wants_less = any(word in question.text for word in ("younger", "less"))
        assert question.answer == (min if wants_less else max)(values, key=lambda name: values[name])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["hop1", "hop2", "hop3", "none", "sum"])
def test_a_search_conversation_numbers_on_and_cites_what_it_was_shown(language: str, kind: str) -> None:
    for world, question in some_questions(language, kind, 8, about_one=True):
        talk = search(Random(1), world, question)
        lines: list[str] = []
        for turn in talk.turns:
            for number in re.findall(r"\[(\d+)\]", turn.thought):
                assert int(number) <= len(lines), "cites a passage before it was shown"
            if turn.results is not None:
                assert turn.query
                lines += turn.results.split("\n")
        assert [line.split("]")[0] for line in lines] == [f"[{i}" for i in range(1, len(lines) + 1)]
        assert talk.turns[-1].answer is not None
        assert all(turn.answer is None for turn in talk.turns[:-1])
