"""A sweep draws each thought once, gets the curve that the engine was built with, and finds its knee."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ragkit.eval.metrics.curve import control, inverse_scaling, recommended, scaling
from ragkit.eval.metrics.curves import curve_of, pareto
from ragkit.eval.running import asking
from ragkit.eval.running import sweep as module
from ragkit.eval.running.runs import read_run
from ragkit.eval.running.sweep import Grid, sweep

from ragkit.engines.draws import Draw, Drawn
from ragkit.errors import CapabilityError, UsageError

from .fakes import COUNT, ThinkingEngine, ThinkingRAG, questions

CAPS = (0, 4, 8, 16, 24, 32)


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline of these tests has no index that could be told apart or change."""
    about = {"model": {}, "strategy": "cot", "budget": {}, "k": 6, "sampling": {}, "prompts": {}, "corpus": {}}
    monkeypatch.setattr(asking, "asking_of", lambda rag, **told: dict(about))
    monkeypatch.setattr(asking, "IndexWatch", lambda index: None)
    monkeypatch.setattr(ThinkingRAG, "index", None, raising=False)


def swept(folder: Path, rag: ThinkingRAG | None = None, grid: Grid | None = None) -> dict[str, Any]:
    return sweep(rag or ThinkingRAG(), questions(), folder, grid or Grid(CAPS), quiet=True)


def test_the_curve_is_the_one_the_engine_was_built_with(tmp_path: Path) -> None:
    (curve,) = swept(tmp_path)["curves"]
    answerable = [i for i in range(COUNT) if i % 10 != 9]
    for point in curve["points"][:-1]:
        right = sum(point["cap"] >= i % 5 * 8 for i in answerable)
        assert point["accuracy"]["mean"] == pytest.approx(right / COUNT)
        mean = np.mean([min(point["cap"], i % 5 * 8 + 4) for i in range(COUNT)])
        assert point["thinking_tokens"] == pytest.approx(mean)
        assert point["truncated"] == pytest.approx(np.mean([point["cap"] <= i % 5 * 8 + 4 for i in range(COUNT)]))
        assert point["control"] == 1.0
    assert curve["points"][-1]["cap"] == "natural" and curve["points"][-1]["truncated"] == 0
    assert curve["recommended"]["cap"] in (16, 24) and curve["alarm"] is None  # the true knee is 24
    assert curve["gain"]["low"] > 0.4


def test_every_thought_is_drawn_once_for_all_budgets(tmp_path: Path) -> None:
    rag = ThinkingRAG()
    cost = swept(tmp_path, rag)["cost"]
    thoughts = sum(i % 5 * 8 + 4 for i in range(COUNT))
    assert cost["natural_tokens"] == thoughts + COUNT
    assert rag.engine.tokens_drawn == cost["drawn_tokens"] == thoughts + COUNT + cost["forced"]
    alone = sum(min(cap, i % 5 * 8 + 4) for cap in CAPS for i in range(COUNT))
    assert cost["drawn_tokens"] < 0.75 * alone


def test_a_sweep_resumes_without_drawing_again(tmp_path: Path) -> None:
    first, rag = swept(tmp_path), ThinkingRAG()
    second = swept(tmp_path, rag)
    assert rag.engine.tokens_drawn == 0 and second["run"]["resumed"] == COUNT
    assert [c["points"] for c in first["curves"]] == [c["points"] for c in second["curves"]]


def test_votes_use_the_first_samples_and_cost_all_of_them(tmp_path: Path) -> None:
    one, three = swept(tmp_path, grid=Grid((0, 8), samples=(1, 3)))["curves"]
    assert [p["accuracy"] for p in one["points"]] == [p["accuracy"] for p in three["points"]]
    for a, b in zip(one["points"], three["points"], strict=True):
        assert b["tokens"] == pytest.approx(3 * a["tokens"])
    assert not any(p["frontier"] for p in three["points"])  # three times the cost for the same


def test_every_sample_is_answered_with_its_own_seed_under_every_cap(tmp_path: Path) -> None:
    class Watched(ThinkingEngine):
        async def draw(self, draw: Draw) -> Drawn:
            if 1 in draw.prompt_ids:  # an answer, not a thought
                seeds.append(draw.seed)
            return await super().draw(draw)

    seeds: list[int | None] = []
    rag = ThinkingRAG()
    rag.engine = Watched()
    sweep(rag, questions(1), tmp_path, Grid((0, 2), samples=(3,)), seed=7, quiet=True)
    assert sorted(map(str, seeds)) == ["7"] * 3 + ["8"] * 3 + ["9"] * 3  # two caps and the natural answer


def test_samples_of_a_sweep_can_be_read_by_themselves(tmp_path: Path) -> None:
    swept(tmp_path, grid=Grid((0, 8)))
    manifest, rows = read_run(tmp_path)
    found = curve_of(rows, manifest["grid"])
    assert [p["cap"] for p in found["curves"][0]["points"]] == [0, 8, "natural"]


def test_an_engine_without_thoughts_is_refused(tmp_path: Path) -> None:
    rag = ThinkingRAG()
    rag.engine = None  # type: ignore[assignment]
    with pytest.raises(CapabilityError, match="no thoughts that could be cut"):
        swept(tmp_path, rag)


@pytest.mark.parametrize("caps", [(), (8, 4), (4, 4), (-1, 4)])
def test_caps_must_ascend(caps: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        Grid(caps)


def test_scaling_is_the_mean_slope_over_all_pairs() -> None:
    got = scaling([100, 200, 400], [0.2, 0.4, 0.5])
    assert got.per_1000 == pytest.approx((2.0 + 1.0 + 0.5) / 3)
    assert got.per_doubling == pytest.approx((0.2 + 0.15 + 0.1) / 3)
    assert got.performance == 0.5
    assert scaling([0, 100], [0.1, 0.2]).per_doubling is None
    assert scaling([5, 5], [0.1, 0.2]).per_1000 is None


def test_control_is_the_share_within_the_cap() -> None:
    assert control([1, 5, 9], 5) == pytest.approx(2 / 3) and control([1, 99], None) == 1.0


def right(questions: int, *columns: range) -> np.ndarray:
    """Scores of budgets that are right on these questions, and wrong on the others."""
    return np.array([[float(i in column) for column in columns] for i in range(questions)])


def test_recommended_is_the_smallest_budget_not_shown_to_be_worse() -> None:
    """Of 400 questions the third budget loses 4 and wins none, which chance does too (p = .125); 8 it seldom does."""
    found = recommended(right(400, range(120), range(312), range(316), range(320)))
    assert (found.budget, found.best, found.loss, found.too_few) == (2, 3, pytest.approx(0.01), False)


def test_fewer_losses_are_made_up_for_by_wins() -> None:
    found = recommended(right(400, range(120), range(8, 320), range(6, 319)))
    assert (found.budget, found.best, found.too_few) == (1, 2, False)


def test_six_questions_recommend_nothing_whatever_they_say() -> None:
    for scores in (right(6, range(3), range(5)), right(6, range(5), range(5)), right(6, range(5), range(3))):
        assert recommended(scores).too_few and recommended(scores).unseen == 1.0
    assert recommended(right(1, range(0), range(1))).too_few


def test_a_loss_that_may_be_chance_is_not_recommended() -> None:
    """4 of 40 questions lost are 10 points, but no proof: exact McNemar gives p = .125."""
    found = recommended(right(40, range(4), range(32), range(36)))
    assert found.budget == 1 and found.too_few and found.loss < found.unseen
    assert not recommended(right(40, range(4), range(36), range(36))).too_few


def test_the_smallest_of_equal_budgets_is_recommended_where_a_loss_would_show() -> None:
    assert recommended(right(100, range(60), range(60))).too_few  # 6 questions of 100 are more than 5 points
    found = recommended(right(400, range(240), range(240)))
    assert (found.budget, found.unseen, found.too_few) == (0, pytest.approx(6 / 400), False)


def test_questions_that_move_together_show_less() -> None:
    rng = np.random.default_rng(6)
    once = (rng.random((100, 2)) < 0.6).astype(float)
    alone, told = recommended(np.repeat(once, 5, 0)), recommended(np.repeat(once, 5, 0), list(np.repeat(range(100), 5)))
    assert told.unseen == pytest.approx(alone.unseen * 5**0.5, rel=0.02)
    assert recommended(once, ["same"] * 100).unseen == 1.0


def test_a_planted_knee_is_recommended() -> None:
    rng, found = np.random.default_rng(7), []
    for _ in range(100):
        hardness, anew = rng.random((400, 1)), rng.random((400, 5)) < 0.1
        scores = np.where(anew, rng.random((400, 5)), hardness) < np.array([0.15, 0.15, 0.33, 0.9, 0.9])
        found.append(recommended(scores.astype(float)))
    assert sum(f.budget == 3 for f in found) >= 90
    assert not any(f.too_few or f.budget < 3 for f in found)


def test_equal_budgets_seldom_recommend_more_than_the_smallest() -> None:
    rng = np.random.default_rng(8)
    found = [recommended(sweep_without_effect(rng, 6, 1500)) for _ in range(100)]
    assert sum(f.budget > 0 for f in found) <= 10 and not any(f.too_few for f in found)


def sweep_without_effect(rng: np.random.Generator, caps: int, count: int = 150) -> np.ndarray:
    """A/A: a question is answered anew at some caps and as before at others, whatever the cap."""
    hard = rng.beta(1, 1, count)
    scores = np.empty((count, caps))
    scores[:, -1] = rng.random(count) < hard
    for c in range(caps - 2, -1, -1):
        anew = rng.random(count) < 0.3
        scores[:, c] = np.where(anew, rng.random(count) < hard, scores[:, c + 1])
    return scores


def alarms(runs: int, caps: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    return (
        sum(inverse_scaling(sweep_without_effect(rng, caps), seed=i, draws=400) is not None for i in range(runs)) / runs
    )


def test_equal_budgets_seldom_raise_the_alarm() -> None:
    assert alarms(200, 6, 1) <= 0.075


@pytest.mark.slow
def test_equal_budgets_raise_the_alarm_in_at_most_5_percent_of_sweeps() -> None:
    assert alarms(2000, 4, 2) <= 0.05
    assert alarms(2000, 8, 3) <= 0.05


def test_a_real_fall_raises_the_alarm_and_is_named() -> None:
    rng = np.random.default_rng(4)
    scores = (rng.random((400, 4)) < np.array([0.3, 0.7, 0.6, 0.5])).astype(float)
    alarm = inverse_scaling(scores)
    assert alarm is not None and (alarm.start, alarm.end) == (1, 3) and alarm.p < 0.01


def test_a_rising_curve_raises_no_alarm() -> None:
    rng = np.random.default_rng(5)
    assert inverse_scaling((rng.random((400, 4)) < np.array([0.3, 0.4, 0.5, 0.6])).astype(float)) is None


def test_the_frontier_holds_what_no_point_beats() -> None:
    assert pareto([(1, 0.2), (2, 0.5), (3, 0.5), (4, 0.4), (2, 0.3)]) == [True, True, False, False, False]


def test_the_grid_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    swept(tmp_path, grid=Grid((0, 8)))
    manifest, _ = read_run(tmp_path)
    assert manifest["fingerprint"]["grid"] == {
        **asdict(Grid((0, 8), ks=(6,))),
        "caps": [0, 8],
        "samples": [1],
        "ks": [6],
        "hops": [],
    }
    assert module.Grid is Grid
