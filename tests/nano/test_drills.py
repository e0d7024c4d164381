"""Drills: right sums, right picks, and the very sentences that thoughts end with."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from ragkit.nano.curriculum import LONG, TOKENS_A_SUM, lesson_at, make_row, make_world, pick_question
from ragkit.nano.drills import RESULT_WEIGHT, drill, table
from ragkit.nano.packing import Packer
from ragkit.nano.questions import comparison
from ragkit.nano.tokenizer import build_tokenizer
from ragkit.nano.worlds import LANGUAGES

SUM = re.compile(r"(\d+) \+ (\d+) = (\d+)\.")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return build_tokenizer()


@pytest.fixture(scope="module")
def packer(tokenizer: Any) -> Packer:
    return Packer(tokenizer)


def test_a_table_holds_right_sums_and_only_their_results_carry_loss(tokenizer: Any, packer: Packer) -> None:
    item = table(Random(3), packer, 20)
    sums = [tuple(map(int, found)) for found in SUM.findall(tokenizer.decode(item.ids))]
    assert len(sums) == 20
    assert all(a + b == total for a, b, total in sums)
    learnt = [(i, w) for i, w in zip(item.ids, item.weights, strict=True) if w]
    assert tokenizer.decode([i for i, _ in learnt]).split() == [str(total) for *_, total in sums]
    assert {w for _, w in learnt} == {RESULT_WEIGHT}
    assert item.positions == list(range(item.positions[0], item.positions[0] + len(item.ids)))


def test_every_row_begins_with_a_table(tokenizer: Any, packer: Packer) -> None:
    row = make_row(Random(5), packer, lesson_at(1.0), LONG)
    assert len(SUM.findall(tokenizer.decode(row[0].ids))) == LONG // TOKENS_A_SUM
    assert sum(len(item.ids) for item in row) <= LONG


@pytest.mark.parametrize("language", ["en", "ru"])
def test_drills_ask_in_their_language_and_answer_what_their_thought_says(
    tokenizer: Any, packer: Packer, language: str
) -> None:
    rng, seen = Random(7), set()
    for _ in range(80):
        text = tokenizer.decode(drill(rng, packer, language).ids)
        for a, b, total in SUM.findall(text):
            assert int(a) + int(b) == int(total)
        thought, ended, answer = text.partition("</think>")
        if "[1]" in thought:
            seen.add("claim")
            said = (LANGUAGES[language].yes, LANGUAGES[language].no)
            assert any(f" {word} [1]" in answer for word in said)
        elif ended and "+" not in thought:
            seen.add("larger")
            a, b = (int(n) for n in re.findall(r"\d+", thought.partition("assistant")[0]))
            picked, other, number = (int(n) for n in re.findall(r"\d+", thought.partition("<think>")[2]))
            assert (picked, other) == ((a, b) if number == 1 else (b, a))
            assert f" {picked}." in answer
        else:
            seen.add("sum" if ended else "table")
    assert seen == {"table", "sum", "larger", "claim"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_comparison_says_which_of_the_two_that_were_asked_about_it_is(language: str) -> None:
    words, rng = LANGUAGES[language], Random(11)
    assert "1" in comparison(words, 9, 4, most=True).rpartition(":")[2]
    assert "2" in comparison(words, 9, 4, most=False).rpartition(":")[2]
    found = 0
    while found < 20:
        world = make_world(rng, level=2, language=language, split="train", long=False, searching=False)
        question = pick_question(rng, world, {"compare": 1.0}, tries=1)
        if question is None:
            continue
        found += 1
        number = int(re.findall(r"\d+", question.closing)[-1])
        assert question.answer == question.lookups[number - 1][0]
        assert question.closing.startswith(world.facts[question.lookups[number - 1]])
