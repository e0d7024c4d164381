"""The shared records refuse what cannot be meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ragkit.errors import ConfigError
from ragkit.types import Budget


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: Budget.of("1024"), "budget thinking_tokens='1024' is no number; give 0 or more"),  # type: ignore[arg-type]
        (lambda: Budget(samples=[2]), r"budget samples=\[2\] is no number; give 1 or more"),  # type: ignore[arg-type]
        (lambda: Budget(thinking_tokens=-1), "budget thinking_tokens=-1 is below 0; give 0 or more"),
        (lambda: Budget(seconds=float("nan")), "budget seconds=nan is below 0"),
    ],
)
def test_budget_that_is_no_budget_is_one_clear_line(made: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        made()


def test_budget_takes_numbers_of_every_kind() -> None:
    numpys: Any = np.int64(64)
    assert Budget.of(numpys) == Budget.of(64) == Budget.of(Budget(thinking_tokens=64))
    assert Budget.of(None).thinking_tokens is None
