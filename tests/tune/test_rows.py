"""Sets are written and read whole; no document is in two splits; what is wrong with a line is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import NotFoundError, UsageError
from ragkit.tune.rows import Row, read_sets, set_hash, split_of, split_questions, write_set


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
    assert abs(shares["train"] - 0.7) < 0.07 and abs(shares["test"] - 0.2) < 0.06
    assert apart[5] == ("d5", split_of("d5"))


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
