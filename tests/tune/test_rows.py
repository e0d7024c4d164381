"""Sets are written and read whole; no document is in two splits; what is wrong with a line is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import NotFoundError, UsageError
from ragkit.tune.rows import Row, read_sets, set_hash, split_questions, write_set


def row(name: str = "a", **more: Any) -> Row:
    fields: dict[str, Any] = {
        "id": name,
        "split": "train",
        "question": "Who?",
        "answers": ("Ann",),
        "cluster": name,
        "messages": ({"role": "user", "content": "[1] Ann. Who?"},),
        "thinking": True,
        "thought": "Passage 1 says so [1].",
        "answer": "Ann [1].",
    }
    return Row(**{**fields, **more})


def test_a_set_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [row("a", cut=0.25, worse={"thought": "", "answer": "Bob."}), row("b", layout="none", answers=())]
    assert write_set(tmp_path / "s.jsonl", rows) == 2
    assert read_sets([tmp_path / "s.jsonl"]) == rows
    assert set_hash(rows) == set_hash(read_sets([tmp_path / "s.jsonl"])) != set_hash(rows[:1])
    assert [p.name for p in tmp_path.iterdir()] == ["s.jsonl"]


def test_questions_that_share_a_document_share_a_split_through_others_too() -> None:
    names = [[f"d{i}", f"d{i + 1}"] for i in range(60)]
    assert len(set(split_questions(names))) == 1
    apart = split_questions([[f"d{i}"] for i in range(600)])
    shares = {s: sum(1 for _, got in apart if got == s) / 600 for s in ("train", "dev", "test")}
    assert shares == pytest.approx({"train": 0.7, "dev": 0.1, "test": 0.2}, abs=0.01)
    assert apart == split_questions([[f"d{i}"] for i in range(600)]) and apart[5][0] == "d5"


def test_a_few_large_documents_are_spread_over_the_splits() -> None:
    groups = [[f"big{i % 5}"] for i in range(100)] + [[f"small{i}"] for i in range(20)]
    splits = [got for _, got in split_questions(groups)]
    assert splits.count("train") >= 70 and splits.count("dev") >= 8 and splits.count("test") >= 18


def test_a_document_keeps_the_split_of_the_first_set(tmp_path: Path) -> None:
    write_set(tmp_path / "a.jsonl", [row("x", split="test")])
    write_set(tmp_path / "b.jsonl", [row("y", cluster="x"), row("z")])
    assert [r.split for r in read_sets([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])] == ["test", "test", "train"]


def test_lines_that_are_no_rows_are_told_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    write_set(path, [row()])
    good = path.read_text()
    broken = [{**json.loads(good), "split": "other"}, {**json.loads(good), "cut": 2}, {"id": "x"}]
    path.write_text(good + "".join(json.dumps(b) + "\n" for b in broken) + "{\n")
    with pytest.raises(UsageError, match=r"line 2: split 'other'.*line 3: cut 2.*line 4: no 'split'.*and 1 more"):
        read_sets([path])
    path.write_text("")
    with pytest.raises(UsageError, match="holds no rows"):
        read_sets([path])
    with pytest.raises(NotFoundError, match="there is no set"):
        read_sets([tmp_path / "gone.jsonl"])
