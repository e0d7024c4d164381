"""`ragkit eval` from names to figures, over a real index with a small encoder and no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.cli import eval_app
from ragkit.eval.metrics.curves import curve_of
from ragkit.eval.running import asking
from ragkit.eval.running import sweep as sweeping
from ragkit.eval.sets.reading import EXAMPLE
from typer.testing import CliRunner

from ragkit.config import settings
from ragkit.index import Index, open_store
from tests.fakes import WordEncoder

from .fakes import swept_rows


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
    real: Any = Index
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
    assert open_store(settings()).index("i").recommended_budget == 64
    assert Index("i").recommended_budget == 64
    asking.write_budget(index, "natural")
    assert open_store(settings()).index("i").recommended_budget is None


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_help_shows_a_line_of_a_set_in_one_piece(command: str) -> None:
    shown = CliRunner().invoke(eval_app, [command, "--help"], env={"COLUMNS": "80"}).output
    assert EXAMPLE in shown


def test_where_the_run_goes_and_which_index_is_made_are_told(questions: Path, tmp_path: Path) -> None:
    out, name = str(tmp_path / "run"), f"eval-{questions.name}"
    done = CliRunner().invoke(eval_app, ["run", str(questions), "--retrieval-only", "--out", out])
    told = done.stderr.splitlines()
    assert told[0] == f"run: {out}" and told[1].startswith(f"index: {name}, made of the set's documents")
    assert [r.name for r in open_store(settings()).indexes()] == [name]
    named = ["run", str(questions), "--retrieval-only", "--out", str(tmp_path / "other"), "--index", name]
    assert "index:" not in CliRunner().invoke(eval_app, named).stderr


@pytest.mark.parametrize(("count", "kept"), [(6, None), (80, 16)])
def test_a_budget_is_kept_only_where_the_questions_can_tell(
    questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, kept: int | None
) -> None:
    summary = curve_of(swept_rows(count), {"caps": [0, 16], "samples": [1]})
    monkeypatch.setattr(sweeping, "sweep", lambda *args, **options: summary)
    command = ["sweep", str(questions), "--write-config", "--out", str(tmp_path / "s")]
    done = CliRunner().invoke(eval_app, command)
    assert open_store(settings()).index(f"eval-{questions.name}").settings.get("budget") == kept
    told = "too few questions to recommend a budget (6; differences below 100 points cannot be seen)"
    assert (told in done.stderr, done.exit_code) == ((True, 1) if kept is None else (False, 0))
    assert ("16 *" in done.stdout, "* recommended: the smallest" in done.stdout) == (kept == 16, kept == 16)
    plain = CliRunner().invoke(eval_app, [*command, "--json"])
    assert json.loads(plain.stdout)["curves"][0]["recommended"]["too_few"] is (kept is None)
    assert plain.exit_code == done.exit_code
