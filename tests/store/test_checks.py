"""Names of indexes: any script, no path, one clear line for the rest."""

from __future__ import annotations

import pytest

from ragkit.errors import UsageError
from ragkit.store import check_index_name


@pytest.mark.parametrize("name", ["a", "Отпуск 2026", "v1.2_final-b", "पुस्तक", "文档", "_x", "9", "ї" * 64])
def test_good_names_pass(name: str) -> None:
    assert check_index_name(name) == name


def test_names_are_composed() -> None:
    assert check_index_name("Cafe\u0301") == "Café"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a" * 65,
        ".hidden",
        "-rf",
        "a/b",
        "a\\b",
        "a\0b",
        "a\nb",
        "a:b",
        "..",
        "ice 🍦",
        "a ",
        "a.",
        "a\u202eb",
        "a\u200bb",
        "a*",
        "½",
        "\ud800",
    ],
)
def test_other_names_are_refused_in_one_line(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_index_name(name)
    assert "\n" not in str(caught.value)
    assert "index name" in str(caught.value)
