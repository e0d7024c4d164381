"""What a report says beside its figures: why two are far apart, what is in none, how many clusters there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.reporting.pages import groups_of, notes_of, tiles_of
from ragkit.eval.running.evaluate import run_folder
from ragkit.eval.sets.reading import make_set


def figure(mean: float, n: int = 40, clusters: int = 40) -> dict[str, Any]:
    return {"mean": mean, "low": mean, "high": mean, "error": 0.0, "n": n, "clusters": clusters}


def summary(**more: Any) -> dict[str, Any]:
    metrics = {"accuracy": figure(0.9), "em": figure(0.0), "words": figure(14.0)}
    return {"rule": "contains", "metrics": metrics, "samples": 44, "failed": {"samples": 0, "reasons": {}}, **more}


def test_accuracy_far_above_exact_match_is_explained() -> None:
    (note,) = notes_of({}, summary())
    assert note["text"].startswith("Accuracy 90.0 % beside exact match 0.0 %: an answer is right that contains")
    assert notes_of({}, summary(rule="em")) == []


def test_failed_samples_are_told_to_be_in_no_figure() -> None:
    told = [n["text"] for n in notes_of({}, summary(rule="em", failed={"samples": 4, "reasons": {"x": 4}}))]
    assert told == ["4 of 44 samples failed: they are neither right nor wrong, and in no figure."]


def test_an_interval_over_clusters_says_how_many_there_are() -> None:
    found = summary()
    found["metrics"]["accuracy"] = figure(0.9, n=40, clusters=16)
    labels = [m["label"] for group in groups_of(found) for m in group["metrics"]]
    assert labels[:2] == ["accuracy 90.0 %, n=40 in 16 clusters", "exact match 0.0 %, n=40"]


@pytest.mark.parametrize(("slope", "told"), [(7.31, 0), (0.42, 1), (None, 0)])
def test_no_gain_beyond_a_hundred_points_is_told(slope: float | None, told: int) -> None:
    curve = {
        "recommended": {"cap": 64, "accuracy": figure(0.9)},
        "gain": figure(0.5),
        "control": 1.0,
        "scaling": {"performance": 0.9, "per_doubling": 0.1, "per_1000": slope},
    }
    tiles = tiles_of({"curves": [curve]})
    assert sum("1,000" in tile["detail"] for tile in tiles) == told


def test_seconds_of_questions_asked_side_by_side_are_not_called_latency() -> None:
    times = {"p50": 1.0, "p95": 2.0, "mean": 1.2}
    assert tiles_of(summary(latency_s={}, in_flight_s=times))[-1]["name"] == "time in flight p50"
    assert tiles_of(summary(latency_s=times, in_flight_s=times))[-1]["name"] == "latency p50"


def test_a_run_that_no_one_named_lives_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "home"))
    chosen = make_set("mine", [{"question": "Q?", "answers": []}])
    assert run_folder(chosen, "run").parent == tmp_path / "home" / "eval-runs"
