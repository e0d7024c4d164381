"""The length of an answer says as much in a script without spaces as in one with them."""

from __future__ import annotations

import pytest
from ragkit.eval.metrics.units import length_in_words


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("The answer is 42.", 4),
        ("Отпуск утверждает начальник отдела", 4),
        ("答案是四十二。", 6),
        ("東京は日本の首都です。", 10),
        ("iPhone 手机", 3),
        ("GPT模型", 3),
        ("กำ", 2),
        ("กี่", 1),
        ("", 0),
    ],
)
def test_words_and_characters_are_counted(text: str, length: int) -> None:
    assert length_in_words(text) == length
