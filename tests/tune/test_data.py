"""What is learnt is what is served: the strategies' own prompts, search's own distractors, checked answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ragkit.eval.sets.reading import Question

from ragkit.citing.abstention import abstention, is_abstention
from ragkit.engines.base import Capabilities, Request, Sample
from ragkit.errors import EvalError, UsageError
from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.tune.data import Recipe, make_rows
from ragkit.tune.layout import lay_out
from ragkit.tune.models import Learner
from ragkit.tune.rows import read_sets
from ragkit.tune.tokens import IGNORED, encode_row
from tests.rag.scripted import ScriptedEngine

GOLD = Recipe(withheld=0.0, k=4)


class Overheard(ScriptedEngine):
    """An engine with the tokenizer of a model; it remembers the ids it was given."""

    capabilities = Capabilities(budget=True, token_ids=True)

    def __init__(self, student: Learner) -> None:
        super().__init__("Nothing.")
        self._tokenizer = student.tokenizer

    @property
    def tokenizer(self) -> Any:
        return self._tokenizer


@pytest.mark.parametrize("strategy", ["direct", "cot"])
def test_the_prompt_of_a_row_is_to_the_token_what_the_strategy_asks_when_it_serves(
    index: Index, questions: list[Question], student: Learner, tmp_path: Path, strategy: str
) -> None:
    teacher = ScriptedEngine(lambda r: "Nothing.")
    recipe = replace(GOLD, strategy=strategy)
    for question in questions:  # served first, so that the teacher knows what would be asked
        assert question.answers
    asked = Overheard(student)
    rag = RAG(index, model=asked, strategy=strategy, k=4)
    rag.batch([q.question for q in questions])
    served = {tuple(r.prompt_ids) for r in asked.asked}

    def right(request: Request) -> str:
        text = str(request.messages[-1]["content"])
        line = next(i for i, li in enumerate(text.splitlines(), 1) if f"mayor of {text.split()[-1][:-1]} is" in li)
        found = text.splitlines()[line - 1].split(" is ")[1].split(".")[0]
        return f"It is {found} [{line}]."

    teacher = ScriptedEngine(right)
    make_rows(index, questions, tmp_path / "s.jsonl", student=student, recipe=recipe, teacher=teacher)
    rows = read_sets([tmp_path / "s.jsonl"])
    assert len(rows) == len(questions)
    for row in rows:
        encoded = encode_row(row, student.tokenizer)
        prompt = encoded.ids[: next(i for i, x in enumerate(encoded.labels) if x != IGNORED)]
        if row.cut is None:
            assert prompt in served


def test_gold_answers_cite_the_passage_that_tells_and_thoughts_need_a_teacher(
    index: Index, questions: list[Question], student: Learner, tmp_path: Path
) -> None:
    made = make_rows(index, questions, tmp_path / "s.jsonl", student=student, recipe=GOLD)
    assert (made.rows, sum(made.splits.values()), made.left_out) == (10, 10, {})
    for row in read_sets([tmp_path / "s.jsonl"]):
        number = row.answer.partition("[")[2][0]
        (line,) = [t for t in str(row.messages[-1]["content"]).splitlines() if t.startswith(f"[{number}] ")]
        assert row.answers[0] in row.answer and f"mayor of {row.id} is {row.answers[0]}" in line
        assert (row.thought, row.thinking, row.cut) == ("", False, None)
    with pytest.raises(UsageError, match="name a --teacher"):
        make_rows(index, questions, tmp_path / "t.jsonl", student=student, recipe=replace(GOLD, strategy="cot"))


def test_a_share_of_rows_lacks_the_answer_and_abstains(index: Index, questions: list[Question]) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(30):
        for question in questions:
            layout = lay_out(index, question, 4, rng=Random(f"{seed}{question.id}"), withheld=0.2)
            assert layout is not None
            kinds[layout.kind] += 1
            here = any(f"mayor of {question.id} is" in h.chunk.text for h in layout.hits)
            assert here is (layout.kind == "gold") and 0 < len(layout.hits) <= 4
    assert 0.13 < kinds["withheld"] / sum(kinds.values()) < 0.27


def test_passages_that_search_ranks_below_the_cut_take_the_place_of_the_last_distractors(index: Index) -> None:
    question = Question("x", "Tell me of wide rivers and mayors", ("Master7",), ("Sund",))
    for k in (1, 2, 4):
        layout = lay_out(index, question, k, rng=Random(1), withheld=0.0)
        assert layout is not None and len(layout.hits) == k
        assert any(h.document_id == "Sund" for h in layout.hits)


def test_a_teachers_thought_is_kept_only_if_its_answer_is_right_and_cited_and_the_shortest_of_them(
    index: Index, student: Learner, tmp_path: Path
) -> None:
    class Teacher(ScriptedEngine):
        async def generate(self, request: Request) -> list[Sample]:
            (said, *_) = await super().generate(request)
            texts = [("long " * 9, "It is Master0 [1]."), ("short", "It is Master0 [1]."), ("", "It is Master0.")]
            wrong = [("hm", "It is Master9 [1]."), ("no", abstention("who"))]
            return [replace(said, thinking=t, answer=a) for t, a in (*texts, *wrong)][: request.n]

    def made(samples: int) -> Any:
        out = tmp_path / f"{samples}.jsonl"
        question = Question("q", "Who is the mayor of Orm?", ("Master0",), ("Orm",), {"cluster": "Orm"})
        recipe = Recipe("cot", 1, samples, withheld=0.0, cut=0.0)
        make_rows(index, [question], out, student=student, recipe=recipe, teacher=Teacher("…"))
        return read_sets([out])[0]

    if made(5).split == "train":
        row = made(5)
        assert (row.thought, row.answer) == ("short", "It is Master0 [1].")
        assert row.worse is not None and "Master0 [1]" not in row.worse["answer"]
        assert made(1).worse is None


def test_questions_that_gave_no_row_are_counted_by_reason(
    index: Index, questions: list[Question], student: Learner, tmp_path: Path
) -> None:
    gone = Question("gone", "Who is it?", ("Nobody",), ("nowhere",))
    made = make_rows(index, [*questions, gone], tmp_path / "s.jsonl", student=student, recipe=GOLD)
    assert made.left_out == {"whose passages search does not find": 1} and made.rows == 10
    with pytest.raises(EvalError, match="none of 1 questions gave a row: 1 whose passages"):
        make_rows(index, [gone], tmp_path / "t.jsonl", student=student, recipe=GOLD)
    with pytest.raises(UsageError, match="no questions"):
        make_rows(index, [], tmp_path / "t.jsonl", student=student, recipe=GOLD)


def test_a_set_that_was_broken_off_goes_on_and_ends_the_same(
    index: Index, questions: list[Question], student: Learner, tmp_path: Path
) -> None:
    make_rows(index, questions, tmp_path / "whole.jsonl", student=student, recipe=GOLD)
    done: list[int] = []

    def stop(n: int, total: int) -> None:
        done.append(n)
        if n == 4:
            raise RuntimeError("broken off")

    out = tmp_path / "s.jsonl"
    with pytest.raises(RuntimeError, match="broken off"):
        make_rows(index, questions, out, student=student, recipe=GOLD, tell=stop)
    assert not out.exists()
    again: list[int] = []
    make_rows(index, questions, out, student=student, recipe=GOLD, tell=lambda n, total: again.append(n))
    assert again[0] >= 4 and out.read_text() == (tmp_path / "whole.jsonl").read_text()
    assert not out.with_name("s.jsonl.log").exists()


def test_the_abstention_of_a_row_is_one_that_evaluation_knows(
    index: Index, questions: list[Question], student: Learner, tmp_path: Path
) -> None:
    made = make_rows(index, questions, tmp_path / "s.jsonl", student=student, recipe=replace(GOLD, withheld=0.6))
    rows = read_sets([tmp_path / "s.jsonl"])
    assert made.rows == len(rows) and {r.layout for r in rows} == {"gold", "withheld"}
    assert all(is_abstention(r.answer) is (r.layout != "gold") for r in rows)


def test_an_answer_that_no_passage_holds_word_for_word_is_cited_all_the_same(
    index: Index, student: Learner, tmp_path: Path
) -> None:
    odd = Question("odd", "Who is the mayor of Orm?", ("▁",), ("Orm",))
    make_rows(index, [odd], tmp_path / "s.jsonl", student=student, recipe=GOLD)
    (row,) = read_sets([tmp_path / "s.jsonl"])
    number = row.answer.removeprefix("▁ [").removesuffix("].")
    assert f"[{number}] The mayor of Orm" in str(row.messages[-1]["content"])
