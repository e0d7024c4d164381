"""Comparing runs: few false alarms, planted effects found, surprises refused by name, thresholds as exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ragkit.eval.cli import eval_app
from ragkit.eval.metrics.compare import compare, compare_scores, gate
from ragkit.eval.running.asking import Asker
from ragkit.eval.running.runner import jobs_of, run_jobs
from ragkit.eval.running.runs import Run
from typer.testing import CliRunner

from ragkit.errors import EvalError

from ..fakes import COUNT, FakeRAG, questions


def pair(rng: np.random.Generator, n: int, effect: float, clusters: int | None = None) -> tuple[Any, Any, list[str]]:
    """Two runs on the same questions: a question is hard or easy in both, and one in four is answered anew."""
    groups = np.arange(n) if clusters is None else rng.integers(0, clusters, n)
    hardness = rng.random(int(groups.max()) + 1)[groups] * 0.3 + rng.random(n) * 0.7
    a = hardness < 0.5
    anew = rng.random(n) < 0.25
    b = np.where(anew, rng.random(n) < 0.5, a)
    b = np.where(~b & (rng.random(n) < 2 * effect), True, b)
    return a.astype(float), b.astype(float), [str(g) for g in groups]


def alarm_rate(runs: int, n: int, effect: float, seed: int, clusters: int | None = None) -> float:
    rng = np.random.default_rng(seed)
    return sum(_significant(*pair(rng, n, effect, clusters)) for _ in range(runs)) / runs


def _significant(a: Any, b: Any, names: list[str]) -> bool:
    from ragkit.eval.metrics.statistics import paired

    found = paired(a, b, names)
    return found.low > 0 or found.high < 0


def test_equal_runs_are_called_different_about_one_time_in_twenty() -> None:
    assert 0.03 <= alarm_rate(1000, 400, 0.0, seed=1) <= 0.07


def test_equal_runs_over_clustered_questions_too() -> None:
    assert 0.03 <= alarm_rate(1000, 400, 0.0, seed=2, clusters=80) <= 0.07


def test_ten_points_at_400_questions_are_found() -> None:
    assert alarm_rate(300, 400, 0.10, seed=3) >= 0.95


def test_the_verdict_is_the_one_of_the_paired_interval() -> None:
    a, b, names = pair(np.random.default_rng(4), 200, 0.1)
    found = compare_scores("accuracy", a, b, names)
    assert found.significant == _significant(a, b, names)
    assert found.p is not None and found.wins - found.losses == round((b - a).sum())
    assert found.bootstrap[0] == pytest.approx(found.difference.low, abs=0.02)
    assert compare_scores("f1", a * 0.5, b * 0.5, names).p is None


def make(folder: Path, rag: FakeRAG, **fingerprint: Any) -> Path:
    asked = questions()
    about = {"questions": asked.sha256, "corpus": {"content": "abc"}, **fingerprint}
    with Run(folder, {"fingerprint": about, "set": {"questions": COUNT, "name": "fake"}, "command": "run"}) as run:
        run_jobs(run, jobs_of(run, asked.questions), Asker(rag), total=COUNT, quiet=True)
    return folder


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The second run fails on two questions that the first one gets right."""
    folder = tmp_path_factory.mktemp("runs")
    right = ("What is number 1?", "What is number 3?", "What is number 4?", "What is number 5?")
    return (
        make(folder / "a", FakeRAG(), budget=0),
        make(folder / "b", FakeRAG(broken=right), budget=64, prompts={"answer": "2"}),
    )


def test_unannounced_differences_are_refused_by_name(two: tuple[Path, Path]) -> None:
    with pytest.raises(EvalError, match=r"budget: 0 / 64; prompts: None .*--expect budget --expect prompts"):
        compare(*two)
    with pytest.raises(EvalError, match=r"differ in more than was announced — prompts"):
        compare(*two, expect=["budget"])
    assert set(compare(*two, expect=["budget", "prompts"]).differing) == {"budget", "prompts"}


def test_failed_samples_are_in_no_figure_and_are_counted(two: tuple[Path, Path]) -> None:
    compared = compare(*two, expect=["budget", "prompts"])
    found = compared.get("accuracy")
    assert found.losses == found.wins == 0
    assert compared.failed_b == compared.questions - found.difference.n > 0


def test_thresholds(two: tuple[Path, Path]) -> None:
    found = compare(two[0], two[0])
    assert gate(found, min_delta=0.0, max_regression=0.0) == ""
    assert "below the wanted" in gate(found, min_delta=0.01)
    worse = compare(*two, expect=["budget", "prompts"])
    assert "questions that A answered failed in B" in gate(worse, max_regression=0.01)
    assert gate(worse, max_regression=0.5) == ""
    with pytest.raises(EvalError, match="no metric 'nonsense'"):
        gate(found, metric="nonsense", min_delta=0)


def test_the_command_is_a_gate(two: tuple[Path, Path]) -> None:
    a, b = map(str, two)
    command = ["compare", a, b, "--expect", "budget", "--expect", "prompts", "--json"]
    assert CliRunner().invoke(eval_app, command).exit_code == 0
    missed = CliRunner().invoke(eval_app, [*command, "--max-regression", "0.01"])
    assert missed.exit_code == 1 and '"missed": "accuracy cannot be judged' in missed.output
