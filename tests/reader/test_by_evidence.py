"""The threshold in place of a trained reader: words by their rarity, whatever they are typed with."""

from __future__ import annotations

import pytest

from ragkit.reader.by_evidence import EvidenceReader, coverage, stems
from ragkit.reader.candidates import candidates
from tests.fakes import WordEncoder
from tests.reader.test_candidates import hit


def test_coverage_counts_rare_words_more_and_words_beside_half() -> None:
    said = [stems("the cat sleeps"), stems("the dog sleeps"), stems("the dog barks")]
    none: frozenset[str] = frozenset()
    shares = coverage("Which cat sleeps?", [(s, none) for s in said])
    assert shares[0] == pytest.approx(1.0)
    assert 0 < shares[1] < 0.5  # "sleeps" is in two sentences, "cat" in one, so it weighs less
    assert shares[2] == 0.0
    beside = coverage("Which cat sleeps?", [(stems("the cat"), stems("it sleeps"))])[0]
    assert 0.5 < beside < 1.0  # "cat" is said, "sleeps" stands beside and counts half


def test_words_are_compared_whatever_they_are_typed_with() -> None:
    assert stems("Отчёт п’ять") == stems("отчет пʼять")
    assert coverage("Ещё чёрный чай?", [(stems("Еще черный чай."), frozenset())]) == [1.0]


def test_words_are_compared_by_their_first_letters() -> None:
    assert stems("утверждает начальника") == stems("утверждать начальнику")


def test_best_sentence_is_first_and_evidence_is_a_share() -> None:
    text = "The finance director approves travel. Trains are preferred to flights."
    ranked = EvidenceReader(WordEncoder()).read("Who approves travel?", candidates([hit(text)]))
    assert "approves" in ranked[0].candidate.text
    assert all(0.0 <= f.chance <= 1.0 for f in ranked)
