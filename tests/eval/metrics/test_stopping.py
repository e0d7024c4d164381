"""A stopping rule is fitted with a promise, and over many draws of the questions the promise is kept."""

from __future__ import annotations

import numpy as np
import pytest
from ragkit.eval.metrics.stopping import PATHS, Table, Thought, fewest_questions, fit, p_value

from ragkit.errors import UsageError
from ragkit.stopping import Probe, StoppingRule

CHECKPOINTS = (0, 16, 32, 48, 64, 96, 128)


def thoughts(n: int, seed: int, *, trap: float = 0.0) -> list[Thought]:
    """Questions known after a random while and thought about for longer; a share `trap` looks settled too early."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(n):
        known, trapped = int(rng.integers(8, 70)), rng.random() < trap
        length = known + int(rng.integers(20, 120))
        probes, right = [], []
        for place, c in enumerate([*(c for c in CHECKPOINTS if c < length), length]):
            done = c >= known
            guess = "trap" if trapped else f"guess {place}"
            sure = 0.992 if done else float(rng.uniform(0.8, 0.995) if trapped else rng.uniform(0.3, 0.85))
            probes.append(Probe("right" if done else guess, sure))
            right.append(float(done))
        made.append(Thought(tuple(probes), tuple(right), (3,) * len(probes), length))
    return made


def test_a_table_does_what_the_rule_says_one_thought_after_the_other() -> None:
    drawn = thoughts(60, 1, trap=0.2)
    table = Table(drawn, CHECKPOINTS)
    for agree, stride in PATHS:
        for least in (0.99, 0.95, 0.6, 0.0):
            rule = StoppingRule(CHECKPOINTS[::stride], agree, least)
            found = table.outcome(rule)
            for i, t in enumerate(drawn):
                passed = [j for j, c in enumerate(CHECKPOINTS) if c in rule.checkpoints and c < t.length]
                stop = next(
                    (n for n in range(len(passed)) if rule.settled([t.probes[j] for j in passed[: n + 1]])), None
                )
                looked = passed if stop is None else passed[: stop + 1]
                thinking = t.length if stop is None else CHECKPOINTS[passed[stop]]
                assert found.thinking[i] == thinking
                assert found.tokens[i] == thinking + 3 * (len(looked) + (stop is None))
                assert found.right[i] == (1.0 if stop is None else t.right[passed[stop]])


def test_thoughts_that_go_on_after_the_answer_is_known_are_cut_without_loss() -> None:
    made = fit(thoughts(400, 2), CHECKPOINTS)
    assert made.rule is not None and made.risk == 0 and made.accuracy == made.natural_accuracy
    assert made.thinking_tokens < 0.7 * made.natural_thinking_tokens and made.tokens < made.natural_tokens


def test_the_promise_is_broken_in_at_most_delta_of_calibrations() -> None:
    """With traps, bold rules lose more than epsilon: fitted again and again, at most a tenth of the rules may."""
    epsilon, delta, whole = 0.05, 0.1, Table(thoughts(20_000, 3, trap=0.15), CHECKPOINTS)
    rounds = [fit(thoughts(300, 100 + i, trap=0.15), CHECKPOINTS, epsilon=epsilon, delta=delta) for i in range(100)]
    rules = [made.rule for made in rounds if made.rule is not None]
    broken = sum(float(whole.outcome(rule).harm.mean()) > epsilon for rule in rules)
    assert len(rules) > 50 and broken <= delta * len(rounds)
    bold = whole.outcome(StoppingRule(CHECKPOINTS, 1, 0.9)).harm.mean()
    assert bold > epsilon  # so that the promise was worth something


def test_too_few_questions_promise_nothing() -> None:
    need = fewest_questions(0.02, 0.1)
    assert need == 223 and "at least 223" in fit(thoughts(need - 1, 4), CHECKPOINTS).why
    assert fit(thoughts(need, 4), CHECKPOINTS).rule is not None


def test_questions_of_one_cluster_count_as_one() -> None:
    made = fit(thoughts(400, 5), CHECKPOINTS, clusters=[i // 4 for i in range(400)])
    assert made.rule is None and "100 clusters" in made.why


def test_thoughts_that_end_in_time_are_left_alone() -> None:
    short = [Thought((Probe("a", 0.1), Probe("b", 0.9)), (0.0, 1.0), (9, 9), 4) for _ in range(300)]
    made = fit(short, (0,))
    assert made.rule is None and "costs more tokens" in made.why


def test_p_values_are_those_of_the_binomial_and_never_smaller_for_other_losses() -> None:
    assert p_value([0] * 100, 0.02) == pytest.approx(0.98**100)
    assert p_value([1, *[0] * 99], 0.02) == pytest.approx(0.98**100 + 100 * 0.02 * 0.98**99)
    assert p_value([0.5, 0.5, *[0] * 98], 0.05) >= p_value([1, *[0] * 99], 0.05)
    assert p_value([1.0, 0.5], 0.02) == 1.0


@pytest.mark.parametrize(("epsilon", "delta"), [(0.0, 0.1), (1.0, 0.1), (0.02, 2.0)])
def test_a_promise_that_is_none_is_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        fit(thoughts(10, 6), CHECKPOINTS, epsilon=epsilon, delta=delta)
