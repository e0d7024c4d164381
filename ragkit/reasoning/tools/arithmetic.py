"""Arithmetic on a line of text, without `eval`: numbers, + - * / // % **, parentheses, all within limits.

Numbers are read as documents of several languages write them:

    1,500  1 500  1500      one and a half thousand; the space may be a no-break or a thin one
    1,5  1.5                one and a half: a comma that cannot separate thousands is a decimal comma
    1,500,000.25  0,125     1500000.25 and 0.125
    1,500,5  1.500,25       refused: which is the decimal mark is a guess

A comma separates thousands when one to three digits stand before it, the first not 0, and exactly three behind it;
behind groups that spaces make it is a decimal comma: 1 500,250 is 1500.25.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

from ...errors import UsageError

__all__ = ["calculate"]

MAX_CHARACTERS = 200
MAX_BITS = 4096  # of any whole number on the way

Number = int | float
_SIGNS = str.maketrans(
    {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "^": "\x00"}
    | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")  # no-break, figure, thin and narrow no-break space
)
_NUMBER = re.compile(
    r"(?<![\w.,])(?:(?P<commas>[1-9]\d{0,2}(?:,\d{3})+)|[1-9]\d{0,2}(?: \d{3})+(?:,\d+)?|\d+,\d+)(?![\d,])"
)
_FOREIGN = re.compile(r"[^0-9.eE+\-*/%() ]")
_BINARY: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def calculate(expression: str) -> str:
    """Return the value of `expression`, floats with 12 digits. Raises UsageError, one line, for anything else.

    >>> calculate("(2 + 3) × 1,000"), calculate("12 000 * 1,5"), calculate("2 ** 10 / 3")
    ('5000', '18000', '341.333333333')
    """
    if len(expression) > MAX_CHARACTERS:
        raise UsageError(f"the expression has {len(expression)} characters, at most {MAX_CHARACTERS} are read")
    text = expression.translate(_SIGNS).replace("\x00", "**").strip().removesuffix("=").strip()
    text = _NUMBER.sub(_python_number, text)
    if _FOREIGN.search(text):
        raise UsageError(f"{expression[:60]!r} is no arithmetic; write numbers, + - * / // % ** and ( )")
    try:
        tree = ast.parse(text, mode="eval")
        value = _value(tree.body)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as exc:
        if isinstance(exc, UsageError):
            raise
        raise UsageError(f"{expression[:60]!r} is no arithmetic; write numbers, + - * / // % ** and ( )") from exc
    except ZeroDivisionError as exc:
        raise UsageError(f"{expression[:60]!r} divides by zero") from exc
    except OverflowError as exc:
        raise UsageError(f"{expression[:60]!r} is too large to be calculated") from exc
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UsageError(f"{expression[:60]!r} is too large to be calculated")
        return format(value, ".12g")
    return str(value)


def _python_number(number: re.Match[str]) -> str:
    if number["commas"]:
        return number[0].replace(",", "")
    return number[0].replace(" ", "").replace(",", ".")


def _value(node: ast.expr) -> Number:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        number: Number = node.value  # type: ignore[assignment]
        return _within(number)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        inner = _value(node.operand)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow):
            _check_power(left, right)
        return _within(_BINARY[type(node.op)](left, right))
    raise UsageError("only numbers, + - * / // % ** and ( ) can be calculated")


def _check_power(base: Number, exponent: Number) -> None:
    """Refuse before the work is done: the size of a power is known beforehand."""
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MAX_BITS:
        raise UsageError(f"the power is above {MAX_BITS} bits; use a smaller exponent")
    if base < 0 and not float(exponent).is_integer():
        raise UsageError("a fractional power of a negative number is no real number")


def _within(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise UsageError(f"a number is above {MAX_BITS} bits; use smaller ones")
    return value
