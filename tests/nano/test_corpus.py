"""Worlds as documents and questions, the commands that make them, and the parts of the evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ragkit.nano.__main__ import main
from ragkit.nano.chat import call_text
from ragkit.nano.evaluate import Cell, WordSearch, bare, expected, parse_call
from ragkit.nano.world.corpus import build_corpus, corpus_questions


def test_every_document_names_its_entity_and_every_answer_stands_in_a_relevant_one(tmp_path: Path) -> None:
    assert main(["world", "--out", str(tmp_path), "--documents", "120", "--questions", "60", "--seed", "4"]) == 0
    documents = [json.loads(line) for line in (tmp_path / "documents.jsonl").read_text().splitlines()]
    questions = [json.loads(line) for line in (tmp_path / "questions.jsonl").read_text().splitlines()]
    texts = {d["id"]: d["text"] for d in documents}
    assert len(texts) == 120
    assert len({q["question"] for q in questions}) == 60
    assert all(d["title"] in d["text"] for d in documents)
    for question in questions:
        assert set(question["relevant"]) <= set(texts)
        kind = question["meta"]["kind"]
        assert (question["answers"] == []) == (kind == "unanswerable")
        if kind.startswith("hop"):
            assert question["answers"][0] in texts[question["relevant"][-1]]
            assert len(question["relevant"]) == question["meta"]["hops"] == int(kind[3:])


def test_a_world_is_the_same_for_a_seed_and_other_for_another() -> None:
    one, two, three = (build_corpus(seed, 60).passages for seed in (1, 1, 2))
    assert one == two != three


def test_two_thousand_documents_hold_questions_of_four_hops() -> None:
    world = build_corpus(1, 2000)
    assert len(world.passages) == len(world.kinds) == 2000
    questions = corpus_questions(2, world, 50, {"hop2": 1.0, "hop3": 1.0, "hop4": 1.0})
    assert {len(q.lookups) for q in questions} == {2, 3, 4}
    with pytest.raises(ValueError, match="below 20"):
        build_corpus(1, 5)


def test_an_answer_is_judged_without_its_citations() -> None:
    world = build_corpus(1, 60)
    question = corpus_questions(1, world, 1, {"hop1": 1.0})[0]
    assert bare(f" The answer is {question.answer} [3] [12].") == expected(world, question)
    assert bare(" The answer is not in the documents.") != expected(world, question)


def test_a_written_search_is_read_back_and_a_broken_one_is_none() -> None:
    assert parse_call(call_text('seat of "Veltro"')) == 'seat of "Veltro"'
    assert parse_call(" The answer is Orm [2].") is None
    assert parse_call('<tool_call>\n{"name": "search"}\n</tool_call>') is None


def test_word_search_finds_the_document_that_shares_rare_words() -> None:
    texts = ["Ann works at Veltro.", "Veltro is based in Orm.", "Bob works at Zed."]
    finder = WordSearch(["Ann", "Veltro", "Bob"], texts)
    assert finder.best("seat of Veltro", 2) == [1, 0]
    assert finder.best("employer of Bob", 1) == [2]


def test_intervals_are_wilsons() -> None:
    low, high = Cell("x", 81, 263).interval()
    assert low == pytest.approx(0.2553, abs=1e-4)  # Newcombe 1998, table I
    assert high == pytest.approx(0.3662, abs=1e-4)
