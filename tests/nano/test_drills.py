"""Drills: right sums, right picks, and the very sentences that thoughts end with."""

from __future__ import annotations

import re
from itertools import groupby
from random import Random
from typing import Any

import pytest
from ragkit.nano.chat import START
from ragkit.nano.training.curriculum import LONG, lesson_at, make_row, make_world, pick_question
from ragkit.nano.training.drills import RESULT_WEIGHT, choice, drill, table
from ragkit.nano.training.packing import Item, Packer
from ragkit.nano.world.questions import comparison
from ragkit.nano.world.worlds import LANGUAGES

SUM = re.compile(r"(\d+) \+ (\d+) = (\d+)\.")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_table_holds_right_lines_and_only_their_results_carry_loss(
    tokenizer: Any, packer: Packer, language: str
) -> None:
    words = LANGUAGES[language]
    item = table(Random(3), packer, words, 60)
    learnt = [(i, w) for i, w in zip(item.ids, item.weights, strict=True) if w]
    assert {w for _, w in learnt} == {RESULT_WEIGHT}
    assert item.positions == list(range(item.positions[0], item.positions[0] + len(item.ids)))
    shown = results_marked(tokenizer, item)
    sums = re.findall(r"(\d+) \+ (\d+) = <(\d+)>\.", shown)
    assert all(int(a) + int(b) == int(total) for a, b, total in sums)
    bare = shown.replace("<think>", "").replace("</think>", "")
    lines = [line.strip() for line in re.findall(r"[^.]*<[^>]*>\.", bare)]
    decided = [line for line in lines if re.search(rf"<({words.yes}|{words.no})>\.$", line)]
    for line in decided:
        a, b = (int(n) for n in re.findall(r"\d+", line))
        assert re.sub("[<>]", "", line) in (comparison(words, a, b, most=most) for most in (True, False))
    choices = [line for line in lines if "?" in line or line.startswith(words.answer.partition(" {o}")[0])]
    assert len(sums) + len(decided) + len(choices) == 60
    assert min(len(sums), len(decided), len(choices)) > 3


def results_marked(tokenizer: Any, item: Item) -> str:
    """The text of a table with what carries loss in angle brackets."""
    shown = ""
    for loss, tokens in groupby(zip(item.ids, item.weights, strict=True), key=lambda pair: pair[1] > 0):
        text = tokenizer.decode([i for i, _ in tokens])
        shown += f" <{text.strip()}>" if loss else text
    return shown


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_choice_names_the_one_that_its_sentence_decides_for(language: str) -> None:
    words, rng = LANGUAGES[language], Random(9)
    for _ in range(40):
        given, result = choice(rng, words)
        asked, _, thought = given.partition("<think>")
        first = thought.partition("</think>")[0].endswith(f" {words.yes}.")
        names = re.split(r" or | или ", asked.rstrip(" ?"))
        assert (names[0].endswith(result), names[1].endswith(result)) == (first, not first)


def test_every_row_begins_with_a_table(packer: Packer) -> None:
    row = make_row(Random(5), packer, lesson_at(1.0), LONG)
    assert set(row[0].weights) == {0, RESULT_WEIGHT}
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
        if not text.startswith(START):
            seen.add("table")
            continue
        thought, _, answer = text.partition("</think>")
        if "[1]" in thought:
            seen.add("claim")
            said = (LANGUAGES[language].yes, LANGUAGES[language].no)
            assert any(f" {word} [1]" in answer for word in said)
        elif "+" not in thought:
            seen.add("larger")
            a, b = (int(n) for n in re.findall(r"\d+", thought.partition("assistant")[0]))
            said = thought.partition("<think>")[2]
            assert [int(n) for n in re.findall(r"\d+", said)] == [a, b]
            picked = a if said.endswith(f" {LANGUAGES[language].yes}.") else b
            assert f" {picked}." in answer
        else:
            seen.add("sum")
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
