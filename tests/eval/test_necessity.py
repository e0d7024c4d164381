"""Necessity in runs: citations the answers rest on are needed, copies and distractors are not, and noise is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.metrics.compare import compare
from ragkit.eval.reporting.pages import groups_of, notes_of
from ragkit.eval.running.asking import asking_of
from ragkit.eval.running.evaluate import evaluate, score
from ragkit.eval.running.necessity import ask_without, pipeline_of
from ragkit.eval.running.runs import read_run
from ragkit.eval.sets.reading import make_set

from ragkit.errors import EvalError
from ragkit.index import Index
from ragkit.rag import RAG
from tests.fakes import WordEncoder
from tests.reasoning.reader import FACTS, QUESTION, RuleEngine, reads

SPARE = "The mayor of Orm is Bo, they say."


def asked(*texts: str) -> tuple[RAG, Any]:
    index = Index("facts", encoder=WordEncoder())
    index.add([{"id": f"d{i}", "text": text} for i, text in enumerate(texts)])
    engine = RuleEngine(reads)
    rows = [{"id": f"q{i}", "question": QUESTION, "answers": ["Bo"], "relevant": ["d0", "d1", "d2"]} for i in range(3)]
    return RAG(index, model=engine, strategy="cot", k=8), make_set("facts", rows)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[RAG, Path]]:
    monkeypatch.setattr("ragkit.eval.running.asking.model_identity", lambda model: {"name": model})
    rag, questions = asked(*FACTS)
    evaluate(rag, questions, tmp_path / "run", quiet=True)
    yield rag, tmp_path / "run"
    rag.close()


def test_the_cited_passage_is_needed_and_a_distractor_is_not(run: tuple[RAG, Path]) -> None:
    rag, folder = run
    outcome = ask_without(folder, rag)
    assert (outcome.drawn, outcome.failed) == (3, 0)
    metrics = score(folder)["metrics"]
    assert metrics["necessity"]["mean"] == 1.0 and metrics["necessity"]["n"] == 3
    assert metrics["necessity"]["low"] < 1.0 == metrics["necessity"]["high"]
    assert metrics["distractor_changes"]["mean"] == 0.0 and metrics["distractor_changes"]["n"] == 3
    row = json.loads((folder / "necessity.jsonl").read_text().splitlines()[0])
    assert row["cited"][0]["changed"] and "documents" in row["cited"][0]["text"]  # without it: an abstention
    assert row["distractor"]["chunk_id"] not in [c["chunk_id"] for c in row["cited"]]


def test_it_is_asked_once_and_the_samples_stay_as_they_were(run: tuple[RAG, Path]) -> None:
    rag, folder = run
    before = (folder / "samples.jsonl").read_bytes()
    assert ask_without(folder, rag).drawn == 3
    assert ask_without(folder, rag).drawn == 0
    assert (folder / "samples.jsonl").read_bytes() == before
    assert compare(folder, folder).get("necessity_by_answer").difference.mean == 0


def test_a_second_source_makes_a_citation_unnecessary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragkit.eval.running.asking.model_identity", lambda model: {"name": model})
    rag, questions = asked(*FACTS, SPARE)
    evaluate(rag, questions, tmp_path, quiet=True)
    ask_without(tmp_path, rag)
    assert score(tmp_path)["metrics"]["necessity"]["mean"] == 0.0


def test_an_ask_that_fails_is_counted_and_asked_again(run: tuple[RAG, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    rag, folder = run
    engine: Any = rag.engine
    rule, engine.rule = engine.rule, lambda prompt: 1 / 0
    assert ask_without(folder, rag).failed == 3
    assert "necessity" not in score(folder)["metrics"]
    engine.rule = rule
    assert ask_without(folder, rag).failed == 0
    assert score(folder)["metrics"]["necessity"]["mean"] == 1.0


def test_report_and_terminal_show_it_and_warn_where_a_distractor_changes_answers() -> None:
    share = {"mean": 0.2, "low": 0.1, "high": 0.3, "n": 10, "clusters": 10, "error": 0.05}
    summary = {"metrics": {"necessity": share, "distractor_changes": share}}
    shown = [m["name"] for g in groups_of(summary) for m in g["metrics"]]
    assert shown == ["citations needed, of all", "changed by a distractor"]
    assert any("may be chance" in n["text"] for n in notes_of({}, summary))
    calm = {"metrics": {"distractor_changes": {**share, "mean": 0.04}}}
    assert notes_of({}, calm) == []


def test_a_run_is_asked_again_only_as_it_was(tmp_path: Path) -> None:
    index = Index("facts", encoder=WordEncoder())
    index.add([{"id": f"d{i}", "text": text} for i, text in enumerate(FACTS)])
    rows = [{"id": "q", "question": "Who works at Veltro?", "answers": ["Ann"], "relevant": ["d0"]}]
    with RAG(index, model="extractive", k=3) as rag:
        evaluate(rag, make_set("facts", rows), tmp_path, quiet=True)
        manifest, _ = read_run(tmp_path)
        assert manifest["index"] == "facts" and asking_of(rag, seed=None, samples=1)["k"] == 3
    with pipeline_of(tmp_path, index=index) as same:
        assert (same.k, same.strategy.name) == (3, "extractive") and ask_without(tmp_path, same).failed == 0
    assert "necessity" in score(tmp_path)["metrics"]
    index.add({"id": "new", "text": "Something new."})
    with pytest.raises(EvalError, match=r"another corpus\.documents \(5, now 6\).*--necessity"):
        pipeline_of(tmp_path, index=index)
