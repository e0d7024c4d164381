"""`ragkit eval` from names to figures, over a real index with a small encoder and no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval import asking
from ragkit.eval.cli import eval_app
from typer.testing import CliRunner

from ragkit.config import settings
from ragkit.index import Index, open_store
from tests.fakes import WordEncoder


@pytest.fixture
def questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve documents with a question each, beside an index that holds them."""
    folder = tmp_path / "set"
    folder.mkdir()
    names = [f"Zor{i}an" for i in range(12)]
    documents = [{"id": f"d{i}", "title": n, "text": f"{n} lives in Town{i}."} for i, n in enumerate(names)]
    rows = [
        {"id": f"q{i}", "question": f"Where does {n} live?", "answers": [f"Town{i}"], "relevant": [f"d{i}"]}
        for i, n in enumerate(names)
    ]
    for file, lines in (("documents.jsonl", documents), ("questions.jsonl", rows)):
        (folder / file).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    real = asking.Index
    monkeypatch.setattr(asking, "Index", lambda *args, **options: real(*args, **{"encoder": WordEncoder(), **options}))
    return folder


def call(*arguments: str) -> Any:
    done = CliRunner().invoke(eval_app, [*arguments, "--json"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_folder_is_indexed_asked_and_scored(questions: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    found = call("run", str(questions), "--out", out)
    assert found["complete"] and found["questions"] == 12 and found["failed"]["samples"] == 0
    assert found["metrics"]["hit@1"]["mean"] > 0.8 and found["metrics"]["accuracy"]["n"] == 12
    assert call("run", str(questions), "--out", out)["run"]["resumed"] == 12
    checked = call("score", out, "--rule", "em")
    assert checked["rule"] == "em" and checked["metrics"]["accuracy"] == checked["metrics"]["em"]
    assert Path(call("report", out)[0]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert call("compare", out, out)["metrics"][0]["difference"]["mean"] == 0


def test_searches_alone(questions: Path, tmp_path: Path) -> None:
    found = call("run", str(questions), "--retrieval-only", "--out", str(tmp_path / "r"), "--limit", "6")
    assert found["questions"] == 6 and found["metrics"]["recall@5"]["mean"] > 0.8 and "accuracy" not in found["metrics"]


def test_an_index_that_changed_is_another_run(questions: Path, tmp_path: Path) -> None:
    from ragkit.errors import EvalError

    out = str(tmp_path / "run")
    call("run", str(questions), "--retrieval-only", "--out", out)
    with (questions / "documents.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "new", "title": "New", "text": "Something new."}\n')
    with pytest.raises(EvalError, match=r"another corpus\."):
        call("run", str(questions), "--retrieval-only", "--out", out)


def test_gold_can_be_corrected_without_asking_again(questions: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    before = call("run", str(questions), "--out", out)["metrics"]["accuracy"]["mean"]
    fixed = tmp_path / "fixed.jsonl"
    rows = [json.loads(line) for line in (questions / "questions.jsonl").read_text().splitlines()]
    fixed.write_text("".join(json.dumps({**r, "answers": ["nowhere at all"]}) + "\n" for r in rows))
    assert before > 0 and call("score", out, "--set", str(fixed))["metrics"]["accuracy"]["mean"] == 0


def test_a_recommended_budget_becomes_the_indexes_own(tmp_path: Path) -> None:
    index = Index("i", encoder=WordEncoder())
    index.add({"id": "d", "text": "Some text."})
    asking.write_budget(index, 64)
    assert open_store(settings()).index("i").settings["budget"] == 64
    asking.write_budget(index, "natural")
    assert "budget" not in open_store(settings()).index("i").settings
