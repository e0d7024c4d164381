"""Metadata filters, parsed: `{"team": "finance", "year": {"gte": 2020, "lt": 2023}}` as conditions that must all hold.

Whatever searches is given these, not the ids they let through: a database makes SQL of them (`where`), a view on a
server its own language. Types count: true is not 1, "2020" is not 2020; 1 and 1.0 are equal numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast, get_args

from ..errors import UsageError
from .integrity.checks import check_text, check_value

__all__ = ["BUILT_IN", "MAX_CONDITIONS", "MAX_VALUES", "Condition", "Operator", "Scalar", "parse_where"]

Scalar = str | int | float | bool
Operator = Literal["eq", "ne", "in", "gt", "gte", "lt", "lte"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
BUILT_IN = ("document_id", "title", "source", "language", "media_type")  # of every document; all other keys: metadata
MAX_VALUES, MAX_CONDITIONS = 10_000, 100  # of one list; of a whole filter


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a passage's document. `value` is a tuple for "in", else one value.

    A document without the key meets "ne" alone. Order is that of numbers, or of text by code points; a value of the
    other kind is in no order. A document whose value is a list meets a condition if one of its values does, and "ne" if
    none is equal.
    """

    key: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]

    @property
    def values(self) -> tuple[Scalar, ...]:
        """The values of "in"; the one value of another operator."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


def parse_where(where: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The conditions that `where` asks for, all of which must hold; none for an empty filter.

    Raises UsageError for an operator that does not exist or a value that cannot be compared. Whether a metadata key
    exists in the index is not known here.
    """
    count = sum(max(1, len(wanted)) if isinstance(wanted, Mapping) else 1 for wanted in where.values())
    if count > MAX_CONDITIONS:
        raise UsageError(f"the filter has {count} conditions, the limit is {MAX_CONDITIONS}; ask for fewer")
    return tuple(condition for key, wanted in where.items() for condition in _of_key(key, wanted))


def _of_key(key: str, wanted: Any) -> Iterator[Condition]:
    check_text("a filter key", key)
    if not isinstance(wanted, Mapping):
        wanted = {"in": wanted} if isinstance(wanted, (list, tuple, set, frozenset)) else {"eq": wanted}
    if not wanted:
        raise UsageError(f"the filter on {key!r} is empty; give a value, a list, or one of {', '.join(OPERATORS)}")
    for operator, value in wanted.items():
        if operator not in OPERATORS:
            raise UsageError(f"{operator!r} is not an operator (filter on {key!r}); known: {', '.join(OPERATORS)}")
        yield Condition(key, cast(Operator, operator), _value(key, operator, value))


def _value(key: str, operator: str, value: Any) -> Scalar | tuple[Scalar, ...]:
    if operator == "in":
        return _list(key, value)
    checked = _checked(key, value)
    if operator in ("eq", "ne"):
        return checked
    if isinstance(value, bool):
        raise UsageError(f"the filter {operator!r} on {key!r} got {value}; compare numbers or text")
    if key in BUILT_IN and not isinstance(value, str):
        raise UsageError(f"{key!r} is text; the filter {operator!r} got {value!r}, give text")
    return checked


def _list(key: str, value: Any) -> tuple[Scalar, ...]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        raise UsageError(f"the filter 'in' on {key!r} wants a list of values, not {value!r}")
    values = list(value)
    if len(values) > MAX_VALUES:
        raise UsageError(
            f"the filter on {key!r} has {len(values)} values, the limit is {MAX_VALUES}; filter by a range, or by "
            "metadata that fewer values tell apart"
        )
    return tuple(_checked(key, one) for one in values)


def _checked(key: str, value: Any) -> Scalar:
    if isinstance(value, date):  # and a datetime: as metadata keeps it
        return value.isoformat()
    check_value(f"the filter value of {key!r}", value)
    return cast(Scalar, value)
