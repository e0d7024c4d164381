"""Figures in the terminal: names are never cut, intervals stay within what a metric can be, marks are explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ragkit.eval.metrics.compare import Comparison, compare_scores
from ragkit.eval.metrics.curves import curve_of
from ragkit.eval.metrics.statistics import estimate, paired
from ragkit.eval.metrics.summary import estimate_row
from ragkit.eval.reporting.charts import curve_chart
from ragkit.eval.reporting.pages import groups_of, no_budget, notes_of, points_of, tiles_of
from ragkit.eval.reporting.terminal import show_comparison, show_summary

from ragkit.cli.output import Say

from .fakes import swept_rows

LONGEST = "groundedness_by_answer"
EQUAL = ("em", "hit@1", "recall@5")


@pytest.fixture
def found() -> Comparison:
    """Shares and amounts of any size that differ, and three metrics that do not."""
    rng, names = np.random.default_rng(0), [str(i) for i in range(60)]
    a = (rng.random(60) < 0.5).astype(float)
    pairs = {
        "accuracy": (a, np.maximum(a, rng.random(60) < 0.5)),
        LONGEST: (rng.random(60), rng.random(60)),
        "seconds": (rng.random(60) / 1000, rng.random(60) / 500),
        "prompt_tokens": (9000 * a, 700 * (1 - a)),
        **dict.fromkeys(EQUAL, (a, a)),
    }
    return Comparison(60, 0, 0, {}, tuple(compare_scores(m, x, y, names) for m, (x, y) in pairs.items()))


@pytest.mark.parametrize("width", [80, 109, 110, 120])
def test_a_comparison_is_whole_in_a_terminal_of_any_usual_width(
    found: Comparison, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_comparison(Say(), found)
    shown = capsys.readouterr().out
    rows = [line.split() for line in shown.splitlines()]
    assert [r[0] for r in rows if r and r[0] in {d.metric for d in found.metrics}] == [
        "accuracy",
        LONGEST,
        "seconds",
        "prompt_tokens",
    ]
    assert "3 of 7 metrics are equal on every question; --all shows them" in shown
    assert ("bootstrap" in shown, "MDE: smallest" in shown) == (width >= 110, width >= 110)
    table = [line for line in shown.splitlines() if line.startswith(" ")]
    assert max(map(len, table)) <= width and "…" not in "".join(table).replace(" … ", "")  # no cell is cut


def test_all_shows_the_equal_ones_and_none_has_a_table_of_its_own(
    found: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    show_comparison(Say(), found, every=True)
    shown = capsys.readouterr().out
    assert all(f" {name} " in shown for name in EQUAL) and "--all" not in shown
    same = Comparison(60, 0, 0, {}, tuple(d for d in found.metrics if d.equal))
    show_comparison(Say(), same)
    assert capsys.readouterr().out == "3 of 3 metrics are equal on every question; --all shows them\n"


def test_a_difference_of_shares_ends_at_one(capsys: pytest.CaptureFixture[str]) -> None:
    shares = compare_scores("accuracy", [0, 0, 1], [1, 1, 0], ["a", "b", "c"])
    amounts = compare_scores("seconds", [0, 0, 1], [1, 1, 0], ["a", "b", "c"])
    assert shares.difference.low < -1 and shares.difference.high > 1
    show_comparison(Say(), Comparison(3, 0, 0, {}, (shares, amounts)))
    one, two = (line for line in capsys.readouterr().out.splitlines() if "…" in line)
    assert "-1.000 … +1.000" in one and "-2.535 … +3.202" in two


def test_shown_intervals_stay_within_what_a_metric_can_be() -> None:
    few = estimate_row(estimate([0.0, 1.5, 3.0], amount=True))
    share = estimate_row(estimate([0.9, 1.0, 0.4]))
    assert few["low"] < 0 and share["high"] > 1
    summary = {"metrics": {"citations": few, "f1": share, "mrr": share}}
    shown = {m["name"]: m["interval"] for g in groups_of(summary) for m in g["metrics"]}
    assert shown["citations an answer"].startswith("0 – ") and shown["token F1"].endswith("– 100.0 %")
    assert next(t["detail"] for t in tiles_of(summary) if t["name"] == "MRR").endswith("– 100.0 %")


def swept(count: int) -> dict[str, Any]:
    return curve_of(swept_rows(count), {"caps": [0, 16], "samples": [1]})


def test_a_gain_ends_at_a_hundred_points() -> None:
    summary = swept(80)
    summary["curves"][0]["gain"] = estimate_row(paired([0, 0, 1], [1, 1, 0]))
    gain = next(t for t in tiles_of(summary) if t["name"] == "gain by thinking")
    assert (gain["value"], gain["detail"]) == ("+33.3 pts", "-100.0 – +100.0")


def test_too_few_questions_recommend_no_budget_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    summary = swept(6)
    told = no_budget(summary["curves"][0])
    assert told == "too few questions to recommend a budget (6; differences below 100 points cannot be seen)"
    assert tiles_of(summary)[0] == {"name": "recommended budget", "value": "—", "detail": "too few questions"}
    assert not any(p["recommended"] for p in points_of(summary))
    assert told[1:] in notes_of({}, summary)[0]["text"]
    assert "too few to recommend a budget" in curve_chart(summary["curves"], 6).axes[0].get_title(loc="left")
    show_summary(Say(), Path("run"), summary)
    shown = capsys.readouterr().out
    assert "*" not in shown and told[1:] in " ".join(shown.split())


def test_enough_questions_mark_the_recommended_budget_and_say_what_the_mark_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = swept(80)
    assert no_budget(summary["curves"][0]) == ""
    assert [p["cap"] for p in points_of(summary) if p["recommended"]] == [16]
    assert "ring" in curve_chart(summary["curves"], 80).axes[0].get_title(loc="left")
    show_summary(Say(), Path("run"), summary)
    shown = capsys.readouterr().out
    assert "16 *" in shown and "* recommended: the smallest budget not shown to be worse" in shown


def test_a_summary_without_the_verdict_is_shown_as_it_was() -> None:
    summary = swept(6)
    kept = summary["curves"][0]["recommended"]
    for name in ("loss", "unseen", "too_few"):
        del kept[name]
    assert tiles_of(summary)[0]["value"] == str(kept["cap"]) and not notes_of({}, summary)
