"""Vectors are looked at as they will be stored, and refused in one line before anything is written."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.changes import FloatArray
from ragkit.errors import UsageError
from ragkit.store import IndexRecord, Store
from ragkit.types import Document

from .samples import passages_of, put

UNIT = np.array([1, 0, 0, 0], np.float32)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (UNIT * 1e30, "infinity as float16"),
        (UNIT * 7e4, "infinity as float16"),
        (UNIT * 0, "length 0 "),
        (UNIT * 1e-9, "length 0 "),
        (UNIT * 5, "length 5 "),
        (UNIT + np.float32("nan"), "NaN"),
        (UNIT + np.float32("inf"), "NaN or infinity"),
    ],
)
def test_row_that_is_no_direction_is_refused(store: Store, index: IndexRecord, row: FloatArray, said: str) -> None:
    text = "ten chars!ten more…!"
    vectors = np.stack([UNIT, row]).astype(np.float32)
    for write in (
        lambda: store.put(index.id, Document("a", text), passages_of(text), vectors, content_hash="h"),
        lambda: store.stage_vectors(index.id, "other", np.array([1, 2]), vectors),
    ):
        with pytest.raises(UsageError, match=said) as caught:
            write()
        assert "\n" not in str(caught.value)
    assert store.counts(index.id) == (0, 0)
    assert store.check(index.id) == []


def test_rounding_to_half_precision_is_no_fault(store: Store, index: IndexRecord) -> None:
    put(store, index.id, "a")
    assert store.check(index.id) == []
