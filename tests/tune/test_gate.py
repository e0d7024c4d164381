"""A run is kept only where paired answers on unseen documents show it; chance, loss and luck are refused."""

from __future__ import annotations

from random import Random

import pytest

from ragkit.errors import UsageError
from ragkit.tune.gate import judge_rows, verdict
from ragkit.tune.rows import Row

from .test_rows import row


def rows(n: int = 100, kinds: int = 2) -> list[Row]:
    return [row(f"d{i // 2}", kind=f"k{i % kinds}") for i in range(n)]


def test_answers_are_judged_as_an_evaluation_judges_them() -> None:
    asked = [row(), row(), row(), row(layout="none", answers=()), row(layout="withheld")]
    told = ["It is Ann [1].", "It is Bob [1].", "Not in these documents.", "Not in these documents.", "Ann [1]."]
    assert judge_rows(asked, told) == [1, 0, 0, 1, 0]
    assert judge_rows([row()], ["Reasoning: Ann or Bob\nAnswer: Bob [1]"]) == [0]


def test_a_gain_that_the_interval_shows_is_kept() -> None:
    found = verdict(rows(), [0.0] * 50 + [1.0] * 50, [1.0] * 80 + [0.0] * 2 + [1.0] * 18)
    assert found.kept and found.why.startswith("kept: accuracy 0.500 → 0.980 (+0.480 [")


def test_chance_does_not_pass() -> None:
    kept = 0
    for seed in range(200):
        rng = Random(seed)
        kept += verdict(rows(), *([float(rng.random() < 0.5) for _ in range(100)] for _ in range(2))).kept
    assert kept / 200 < 0.06  # one tail of a 95 % interval is 2.5 %


def test_a_gain_paid_for_by_one_kind_of_question_is_refused_and_named() -> None:
    before = [float(i % 2) for i in range(100)]  # all of k1 right, none of k0
    after = [1.0 if i % 2 == 0 else float(i > 40) for i in range(100)]
    found = verdict(rows(), before, after)
    assert found.accuracy.difference.low > 0 and not found.kept
    assert "lost: k1 1.00 → " in found.why


def test_what_was_not_learnt_is_named() -> None:
    found = verdict(rows(), [0.0] * 100, [float(i % 2) for i in range(100)])
    assert found.kept and found.why.endswith("not learnt: k0")
    assert [d.metric for d in found.kinds] == ["k0", "k1"] and found.to_dict()["kept"] is True


def test_too_few_rows_tell_nothing() -> None:
    with pytest.raises(UsageError, match="10 test rows of 5 documents cannot tell"):
        verdict(rows(10), [0.0] * 10, [1.0] * 10)
