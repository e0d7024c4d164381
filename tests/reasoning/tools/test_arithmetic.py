"""Arithmetic: exact, within limits, and on numbers as English, Russian and Ukrainian documents write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.errors import UsageError
from ragkit.reasoning.tools.arithmetic import calculate


@pytest.mark.parametrize(
    ("expression", "value"),
    [("2+3*4", "14"), ("(1,200 − 350) × 3 ÷ 4", "637.5"), ("2^10", "1024"), ("-7 // 2", "-4"), ("0.1+0.2", "0.3"),
     ("7 % 4 =", "3"), ("1e3", "1000")],
)  # fmt: skip
def test_arithmetic_is_exact(expression: str, value: str) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    ["", "1/0", "9**9**9**9", "9" * 201, "2**99999", "__import__('os')", "x+1", "(1", "1e308*10", "(-8)**0.5",
     "1 if 2 else 3", "max(1,5)", "[1][0]", "'a'*9", "10**4000 * 10**4000", "True + 1", "1or 2", "0.0**-1", "1e999"],
)  # fmt: skip
def test_what_is_no_arithmetic_or_too_large_is_one_clear_line(expression: str) -> None:
    with pytest.raises(UsageError) as caught:
        calculate(expression)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="0123456789+-*/%(). eE,\u00a0\u2009", max_size=60))
def test_any_text_is_calculated_or_refused(text: str) -> None:
    try:
        value = calculate(text)
    except UsageError:
        return
    assert math.isfinite(float(value)) if len(value) < 300 else value.lstrip("-").isdigit()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1,500", "1500"),
        ("1,500.25", "1500.25"),
        ("1,234,567 - 567", "1234000"),
        ("(12,000 + 500) * 3", "37500"),
        ("100,000/1,000", "100"),
    ],
)
def test_english_numbers_have_commas_between_thousands(expression: str, value: str) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1,5", "1.5"),
        ("1,5 * 2", "3"),
        ("0,125 + 0,875", "1"),
        ("2,71828", "2.71828"),
        ("1234,567", "1234.567"),
        ("1 500", "1500"),
        ("12 000*3", "36000"),
        ("12\u00a0000 * 1,5", "18000"),
        ("1\u2009234\u2009567 - 1\u202f000\u202f000", "234567"),
        ("1 500,25 + 1", "1501.25"),
        ("1 500,250", "1500.25"),
        ("350\u00a0000\u00a0/\u00a07", "50000"),
    ],
)
def test_russian_and_ukrainian_numbers_have_spaced_thousands_and_a_decimal_comma(expression: str, value: str) -> None:
    assert calculate(expression) == value


@given(st.integers(0, 10**12), st.sampled_from([",", " ", "\u00a0", "\u2007", "\u2009", "\u202f"]))
def test_thousands_are_read_as_they_are_written(number: int, separator: str) -> None:
    assert calculate(f"{number:,}".replace(",", separator)) == str(number)


@pytest.mark.parametrize(
    "expression",
    ["1,500,5", "1.500,25", "1,5.2", "1, 5", "1,,5", ",5", "1 50", "1  500", "1500 000", "0 500", "1,500 000",
     "0.1 500", "1e3 000", "1 500 00", "1,50,000", "2,5,"],
)  # fmt: skip
def test_a_number_that_could_mean_several_is_refused(expression: str) -> None:
    with pytest.raises(UsageError, match="no arithmetic"):
        calculate(expression)
