"""Citations as ALCE's script scores them, grounding, and abstention against worked cases."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from ragkit.eval.metrics.abstention import abstention, simpleqa_f
from ragkit.eval.metrics.citations import Cited, cited_sentences, premises, score_citations, without_markers
from ragkit.eval.metrics.groundedness import claims_of, corrected_rate, grounding


def holds(premise: str, claim: str) -> bool:
    """A claim is a set of letters; a premise entails it if it has them all."""
    return set(claim) <= set(premise)


def alce(sentences: list[Cited], docs: Mapping[int, str]) -> tuple[float, float]:
    """The published script's loop, for at most three citations a sentence, all in range."""
    entail = entail_prec = total = 0
    for sent in sentences:
        ref = list(sent.numbers)
        joint = -1
        if len(ref) == 0 or any(r not in docs for r in ref):
            joint = 0
        else:
            ref = ref[:3]
            total += len(ref)
        if joint == -1:
            joint = int(holds("\n".join(docs[r] for r in ref), sent.text))
        entail += joint
        if joint and len(ref) > 1:
            for psgs_id in ref:
                if holds(docs[psgs_id], sent.text):
                    entail_prec += 1
                else:
                    subset = ref.copy()
                    subset.remove(psgs_id)
                    entail_prec += not holds("\n".join(docs[r] for r in subset), sent.text)
        else:
            entail_prec += joint
    return entail / len(sentences), entail_prec / total if total else 0


def test_equal_to_alce_on_10000_random_answers() -> None:
    rng = random.Random(0)
    for _ in range(10_000):
        docs = {n: "".join(rng.sample("abcde", rng.randint(1, 4))) for n in range(1, 5)}
        sentences = [
            Cited("".join(rng.sample("abcde", rng.randint(1, 3))), tuple(rng.sample(list(docs), rng.randint(0, 3))))
            for _ in range(rng.randint(1, 4))
        ]
        got = score_citations(sentences, docs, holds)
        assert (got.recall, got.precision) == pytest.approx(alce(sentences, docs), abs=1e-12)


def test_a_marker_out_of_range_costs_recall_and_the_others_count_as_imprecise() -> None:
    got = score_citations([Cited("a", (1, 9))], {1: "a"}, holds)
    assert (got.recall, got.precision, got.citations) == (0.0, 0.0, 1)


def test_nothing_cited_is_zero_not_undefined() -> None:
    got = score_citations([Cited("a", ())], {1: "a"}, holds)
    assert (got.recall, got.precision) == (0.0, 0.0)


def test_recall_rests_on_three_passages_and_a_fourth_must_stand_alone() -> None:
    docs = {1: "a", 2: "b", 3: "c", 4: "d", 5: "abc"}
    assert score_citations([Cited("abcd", (1, 2, 3, 4))], docs, holds).recall == 0.0
    assert score_citations([Cited("abc", (1, 2, 3, 4))], docs, holds).precision == 0.75
    assert score_citations([Cited("abc", (1, 2, 3, 5))], docs, holds).precision == 1.0


def test_every_pair_that_scoring_asks_for_is_announced() -> None:
    rng, docs = random.Random(1), {1: "ab", 2: "bc", 3: "cd", 4: "a"}
    for _ in range(500):
        sentence = Cited("abc", tuple(rng.choices([1, 2, 3, 4, 5], k=rng.randint(0, 5))))
        announced = set(premises(sentence, docs))

        def known(premise: str, claim: str, announced: set[str] = announced) -> bool:
            assert premise in announced
            return holds(premise, claim)

        score_citations([sentence], docs, known)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("One. [1] Two [2][3].", [("One.", (1,)), ("Two.", (2, 3))]),
        ("One [1]. Two.", [("One.", (1,)), ("Two.", ())]),
        ("Ответ: Киев [2].", [("Ответ: Киев.", (2,))]),
        ("[1]", []),
        ("", []),
    ],
)
def test_markers_belong_to_the_sentence_they_end(text: str, want: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(c.text, c.numbers) for c in cited_sentences(text)] == want


def test_markers_are_taken_out_and_nothing_else() -> None:
    assert without_markers("Array[i] has [3] parts [1] [2].") == "Array[i] has parts."


def test_unreadable_verdicts_are_counted_apart() -> None:
    got = grounding([0.9, 0.5, None, 0.1])
    assert (got.entailed, got.not_entailed, got.unparsed, got.share) == (1, 2, 1, pytest.approx(1 / 3))
    assert grounding([None]).share is None
    assert claims_of("A is b [1]. C is d.") == ["A is b.", "C is d."]


def test_the_corrected_rate_undoes_the_checkers_errors() -> None:
    for truth in (0.0, 0.3, 1.0):
        observed = truth * 0.85 + (1 - truth) * (1 - 0.7)
        assert corrected_rate(observed, 0.85, 0.7) == pytest.approx(truth)
    assert corrected_rate(0.05, 0.9, 0.8) == 0.0
    assert corrected_rate(0.5, 0.5, 0.5) is None


def test_abstention_worked_by_hand() -> None:
    got = abstention(
        [True] * 4 + [False] * 2, [False, False, False, True, True, False], [True, True, False, False] + [False] * 2
    )
    assert got.coverage == 0.75 and got.false_rejection == 0.25 and got.rejection == 0.5
    assert got.attempted == pytest.approx(2 / 3)
    assert got.f == pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3))
    nothing = abstention([False], [True], [False])
    assert (nothing.coverage, nothing.attempted, nothing.f, nothing.rejection) == (None, None, None, 1.0)
    assert simpleqa_f(0.0, 0.0) == 0.0
