"""`ragkit batch`: every question once, an answer a line; what was cut short is gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragkit import RAG, Index
from ragkit.errors import EngineError, UsageError
from ragkit.rag.batches import Batch, read_questions
from tests.rag.scripted import ScriptedEngine

from .conftest import Run

QUESTIONS = "Who approves travel?\n\nHow many days of leave are there?\n"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("rules")
def test_every_question_is_answered_once_and_a_second_run_goes_on(ragkit: Run, tmp_path: Path) -> None:
    asked, out = tmp_path / "questions.txt", tmp_path / "answers.jsonl"
    asked.write_text(QUESTIONS)
    command = ("batch", asked, "--out", out, "--index", "rules", "--json")
    assert ragkit(*command).data == {"out": str(out), "questions": 2, "asked": 2, "failed": 0}
    assert {row["id"] for row in rows(out)} == {"1", "3"}
    asked.write_text(QUESTIONS + '{"id": "x", "question": "Who approves travel over 2,000 euros?"}\n')
    with out.open("a") as file:
        file.write('{"id": "x", "question": "Who appr')  # as a run leaves it that is killed while it writes
    assert ragkit(*command).data["asked"] == 1
    assert [row["id"] for row in rows(out)][2:] == ["x"]
    assert ragkit(*command).data["asked"] == 0


def test_what_failed_is_told_and_asked_again(rules: Index, tmp_path: Path) -> None:
    def broken(request: object) -> str:
        raise EngineError("gone")

    asked, out = read_questions(QUESTIONS), tmp_path / "a.jsonl"
    engine = ScriptedEngine(broken)
    rag = RAG(rules, model=engine)
    assert Batch(rag, asked, out).run() == 2
    assert [row["error"] for row in rows(out)] == [{"type": "EngineError", "message": "gone"}] * 2
    assert [one.id for one in Batch(rag, asked, out).left] == ["1", "3"]


def test_a_file_of_another_model_or_other_questions_is_left_alone(rules: Index, tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    Batch(RAG(rules), read_questions(QUESTIONS), out).run()
    before = out.read_bytes()
    with pytest.raises(UsageError, match="was begun with the model 'extractive'"):
        Batch(RAG(rules, model=ScriptedEngine("yes")), read_questions(QUESTIONS), out)
    with pytest.raises(UsageError, match="another question of the name '1'"):
        Batch(RAG(rules), read_questions("Who else?"), out)
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no question"),
        ('{"question": 3}', 'line 1 has no "question"'),
        ('a\n{"id": 1, "question": "b"}', "twice"),
        ('{"question": ', "line 1 is not JSON"),
    ],
)
def test_a_file_that_holds_no_questions_says_where(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_questions(text)
