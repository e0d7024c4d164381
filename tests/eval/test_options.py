"""What the evaluation's commands share tells in one line what they lack."""

from __future__ import annotations

import pytest
from ragkit.eval.options import engine_of

from ragkit.errors import UsageError


@pytest.mark.parametrize("model", [None, "extractive"])
def test_judging_without_a_language_model_is_one_line_with_the_remedy(model: str | None) -> None:
    with pytest.raises(UsageError, match="needs a language model; name one with --model") as caught:
        engine_of(model)
    assert "\n" not in str(caught.value)
