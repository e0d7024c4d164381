"""Fusion is checked on numbers small enough to work out by hand, and against a slow reading of its own formulas."""

from __future__ import annotations

import doctest
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ragkit.fusion
from ragkit.changes import FloatArray, IdArray
from ragkit.fusion import add_closeness, closeness, expected_trust, fill, fuse


def floats(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float32)


def ids(*values: int) -> IdArray:
    return np.array(values, dtype=np.int64)


def test_docstring_examples_hold() -> None:
    assert doctest.testmod(ragkit.fusion).failed == 0


def test_encoder_is_trusted_in_its_own_language_and_not_in_a_foreign_script() -> None:
    assert expected_trust(1.2) == 1.0
    assert expected_trust(2.25) == pytest.approx(0.5)
    assert expected_trust(6.0) == 0.0


@given(st.floats(1, 10), st.floats(1, 10))
def test_trust_never_rises_with_word_pieces(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0.0 <= expected_trust(high) <= expected_trust(low) <= 1.0


def test_a_chunk_the_half_missed_gets_the_lowest_score_of_a_full_list() -> None:
    aligned = fill(ids(2, 5, 7, 9), ids(7, 2), floats(3.0, 1.0), full=True)
    assert aligned.tolist() == [1.0, 1.0, 3.0, 1.0]
    assert aligned.dtype == np.float32


def test_a_chunk_that_matched_no_word_scores_nothing() -> None:
    assert fill(ids(2, 5, 7), ids(7), floats(3.0), full=False).tolist() == [0.0, 0.0, 3.0]


def test_a_half_that_found_nothing_is_all_zeros() -> None:
    assert fill(ids(2, 5), ids(), floats(), full=False).tolist() == [0.0, 0.0]


def test_without_words_in_common_the_dense_order_stands() -> None:
    fused = fuse(floats(0.1, 0.9, 0.5), floats(0, 0, 0), trust=1.0, chunks=1000)
    assert np.argsort(-fused).tolist() == [1, 2, 0]


def test_in_an_unknown_language_the_lexical_order_stands() -> None:
    fused = fuse(floats(0.9, 0.1, 0.2), floats(1.0, 8.0, 4.0), trust=0.0, chunks=1000)
    assert np.argsort(-fused).tolist() == [1, 2, 0]


def test_both_halves_agreeing_beats_either_alone() -> None:
    fused = fuse(floats(0.8, 0.5, 0.8), floats(5.0, 12.0, 12.0), trust=1.0, chunks=500)
    assert int(np.argmax(fused)) == 2


def test_fused_score_is_the_formula() -> None:
    fused = fuse(floats(0.5), floats(10.0), trust=0.5, chunks=999)
    assert float(fused[0]) == pytest.approx(20 * 0.5 * 0.5 + 1.8 * 10 / log(1000), rel=1e-6)


def test_a_score_does_not_depend_on_the_other_candidates() -> None:
    many = fuse(floats(0.3, 0.9, 0.1), floats(4, 2, 7), trust=1.0, chunks=50)
    alone = fuse(floats(0.9), floats(2), trust=1.0, chunks=50)
    assert many[1] == alone[0]


@pytest.mark.parametrize("chunks", [0, 1])
def test_tiny_index_has_finite_scores(chunks: int) -> None:
    assert np.isfinite(fuse(floats(0.3), floats(0.2), trust=1.0, chunks=chunks)).all()


def test_no_candidates_fuse_to_none() -> None:
    assert fuse(floats(), floats(), trust=1.0, chunks=10).shape == (0,)


QUESTION = [("oil", 3.0), ("price", 2.0), ("march", 4.0)]


def test_adjacent_words_are_closer_than_distant_ones() -> None:
    near = closeness(QUESTION, ["oil", "price", "march"])
    far = closeness(QUESTION, ["oil", "a", "b", "price", "c", "d", "march"])
    assert near == pytest.approx(2.0 + 3.0 / 2 + 2.0)
    assert far == pytest.approx(2.0 / 3 + 3.0 / 6 + 2.0 / 3)


def test_one_word_in_common_is_not_a_pair() -> None:
    assert closeness(QUESTION, ["oil", "oil", "well"]) == 0.0
    assert closeness([("oil", 3.0)], ["oil"]) == 0.0
    assert closeness([], ["oil"]) == 0.0


def test_words_far_apart_in_the_question_are_no_pair() -> None:
    question = [("oil", 3.0), ("w", 1.0), ("x", 1.0), ("y", 1.0), ("price", 2.0)]
    assert closeness(question, ["oil", "price"]) == 0.0


words = st.lists(st.sampled_from("abcde"), max_size=12)


@given(words, words)
def test_closeness_is_its_definition_over_all_pairs_of_places(question: list[str], passage: list[str]) -> None:
    weights = {word: 1.0 + i for i, word in enumerate("abcde")}
    expected = 0.0
    for i, a in enumerate(question):
        for b in question[i + 1 : i + 4]:
            gaps = [abs(x - y) for x, p in enumerate(passage) for y, q in enumerate(passage) if (p, q) == (a, b)]
            if a != b and gaps:
                expected += min(weights[a], weights[b]) / min(gaps)
    assert closeness([(w, weights[w]) for w in question], passage) == pytest.approx(expected)


def test_closeness_reorders_only_the_candidates_that_were_read() -> None:
    fused = floats(5.0, 4.9, 4.8)
    raised = add_closeness(fused, [0.0, 6.0], chunks=100)
    assert np.argsort(-raised).tolist() == [1, 0, 2]
    assert raised[2] == fused[2]
    assert fused.tolist() == floats(5.0, 4.9, 4.8).tolist()
