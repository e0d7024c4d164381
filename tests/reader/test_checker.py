"""The checker as it ships: a sentence of the text is supported, the same one with a thing changed is not."""

from __future__ import annotations

import pytest

from ragkit.embedding import Encoder
from ragkit.reader import SupportChecker
from ragkit.reader.adapter import WEIGHTS

TEXT = (
    "The workshop opened in 1987. It employs 34 people in Lund. Maria Keller runs it, and it is not open on Sundays. "
    "A tyre change costs 80 euros, an oil change 60."
)


@pytest.fixture(scope="module")
def checker() -> SupportChecker:
    return SupportChecker(Encoder())


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("It employs 34 people in Lund.", "It employs 43 people in Lund."),
        ("The workshop opened in 1987.", "The workshop opened in 1978."),
        ("It employs 34 people in Lund.", "It employs 34 people in Oslo."),
    ],
)
def test_a_changed_sentence_is_told_from_the_quoted_one(checker: SupportChecker, said: str, changed: str) -> None:
    good, bad = checker.check([(TEXT, said), (TEXT, changed)])
    assert good is not None and bad is not None
    assert good > checker.threshold > bad


def test_the_adapter_is_small_and_named() -> None:
    assert (WEIGHTS / "adapter.safetensors").stat().st_size < 3 * 2**20
