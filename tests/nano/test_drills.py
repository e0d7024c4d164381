"""Drills: right sums, right picks, and the very sentences that thoughts end with."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from ragkit.nano.curriculum import LONG, TOKENS_A_LINE, lesson_at, make_row, make_world, pick_question
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


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_table_holds_right_lines_and_only_their_results_carry_loss(
    tokenizer: Any, packer: Packer, language: str
) -> None:
    words = LANGUAGES[language]
    item = table(Random(3), packer, words, 40)
    text = tokenizer.decode(item.ids)
    lines = [line.strip() for line in text.split(".") if line.strip()]
    assert len(lines) == 40
    results = []
    for line in lines:
        a, b, *total = (int(n) for n in re.findall(r"\d+", line))
        if total:
            assert a + b == total[0]
            results.append(str(total[0]))
        else:
            assert any(f"{line}." == comparison(words, a, b, most=most) for most in (True, False))
            results.append(line.rpartition(" ")[2])
    assert {words.yes, words.no} < set(results)
    learnt = [(i, w) for i, w in zip(item.ids, item.weights, strict=True) if w]
    assert tokenizer.decode([i for i, _ in learnt]).split() == results
    assert {w for _, w in learnt} == {RESULT_WEIGHT}
    assert item.positions == list(range(item.positions[0], item.positions[0] + len(item.ids)))


def test_every_row_begins_with_a_table(tokenizer: Any, packer: Packer) -> None:
    row = make_row(Random(5), packer, lesson_at(1.0), LONG)
    assert set(row[0].weights) == {0, RESULT_WEIGHT}
    assert tokenizer.decode(row[0].ids).count(".") == LONG // TOKENS_A_LINE
    assert sum(len(item.ids) for item in row) <= LONG


@pytest.mark.parametrize("language", ["en", "ru"])
def test_drills_ask_in_their_language_and_answer_what_their_thought_says(
    tokenizer: Any, packer: Packer, language: str
) -> None:
    rng, seen = Random(7), set()
    for _ in range(80):
        text = tokenizer.decode(drill(rng, packer, LANGUAGES[language]).ids)
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
            said = thought.partition("<think>")[2]
            assert [int(n) for n in re.findall(r"\d+", said)] == [a, b]
            picked = a if said.endswith(f" {LANGUAGES[language].yes}.") else b
            assert f" {picked}." in answer
        else:
            seen.add("sum" if ended else "table")
    assert seen == {"table", "sum", "larger", "claim"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_comparison_says_yes_of_the_first_and_no_of_the_second(language: str) -> None:
    words, rng = LANGUAGES[language], Random(11)
    assert comparison(words, 9, 4, most=True).endswith(f" {words.yes}.")
    assert comparison(words, 9, 4, most=False).endswith(f" {words.no}.")
    found = 0
    while found < 20:
        world = make_world(rng, level=2, language=language, split="train", long=False, searching=False)
        question = pick_question(rng, world, {"compare": 1.0}, tries=1)
        if question is None:
            continue
        found += 1
        first = question.closing.endswith(f" {words.yes}.")
        assert question.answer == question.lookups[0 if first else 1][0]
        assert re.findall(r"\d+", question.closing) == [world.facts[fact] for fact in question.lookups]
