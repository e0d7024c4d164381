"""Metadata filters as SQL: `{"team": "finance"}`, `{"team": ["a", "b"]}`, `{"year": {"gte": 2020, "lt": 2023}}`.

Every key and value is a bound parameter. Types count: true is not 1, "2020" is not 2020; 1 and 1.0 are equal numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, false, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from ..errors import UsageError
from .checks import check_text, check_value
from .content import documents

__all__ = ["BUILT_IN", "compile_where"]

BUILT_IN = ("document_id", "title", "source", "language", "media_type")
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
MAX_VALUES, MAX_CONDITIONS = 10_000, 100  # of one list; of a whole filter
OPERATORS = ("eq", "ne", "in", *_ORDER)
Scalar = str | int | float | bool


def compile_where(where: Mapping[str, Any], *, sqlite: bool) -> list[ColumnElement[bool]]:
    """The conditions on `documents` that `where` asks for, all of which must hold.

    Raises UsageError for an operator that does not exist or a value that cannot be compared. Whether a metadata key
    exists in the index is not known here.
    """
    count = sum(max(1, len(wanted)) if isinstance(wanted, Mapping) else 1 for wanted in where.values())
    if count > MAX_CONDITIONS:
        raise UsageError(f"the filter has {count} conditions, the limit is {MAX_CONDITIONS}; ask for fewer")
    return [_key(key, wanted, sqlite) for key, wanted in where.items()]


def _key(key: str, wanted: Any, sqlite: bool) -> ColumnElement[bool]:
    check_text("a filter key", key)
    if not isinstance(wanted, Mapping):
        wanted = {"in": wanted} if isinstance(wanted, (list, tuple, set, frozenset)) else {"eq": wanted}
    if not wanted:
        raise UsageError(f"the filter on {key!r} is empty; give a value, a list, or one of {', '.join(OPERATORS)}")
    return and_(*(_condition(key, operator, value, sqlite) for operator, value in wanted.items()))


def _condition(key: str, operator: str, value: Any, sqlite: bool) -> ColumnElement[bool]:
    if operator not in OPERATORS:
        raise UsageError(f"{operator!r} is not an operator (filter on {key!r}); known: {', '.join(OPERATORS)}")
    if operator == "in":
        if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
            raise UsageError(f"the filter 'in' on {key!r} wants a list of values, not {value!r}")
        return _any_of(key, list(value), sqlite)
    if operator == "eq":
        return _equal(key, value, sqlite)
    if operator == "ne":
        return not_(_equal(key, value, sqlite))
    return _ordered(key, operator, value, sqlite)


def _checked(key: str, value: Any) -> Scalar:
    check_value(f"the filter value of {key!r}", value)
    checked: Scalar = value
    return checked


def _kinds(value: Scalar) -> tuple[str, ...]:
    """SQLite's names of the JSON types that `value` may equal."""
    if isinstance(value, bool):
        return ("true",) if value else ("false",)
    return ("text",) if isinstance(value, str) else ("integer", "real")


def _equal(key: str, value: Any, sqlite: bool) -> ColumnElement[bool]:
    value = _checked(key, value)
    if key in BUILT_IN:
        return documents.c[key] == value if isinstance(value, str) else false()
    if not sqlite:
        stored = documents.c.metadata.op("->")(cast(key, String))
        return func.coalesce(stored == _jsonb(value), false())
    return _in_sqlite(key, value, lambda item: item == literal(value))


def _any_of(key: str, values: list[Any], sqlite: bool) -> ColumnElement[bool]:
    """Equal to one of the values, which go to the database as one bound list for each of their kinds."""
    if len(values) > MAX_VALUES:
        raise UsageError(
            f"the filter on {key!r} has {len(values)} values, the limit is {MAX_VALUES}; filter by a range, or by "
            "metadata that fewer values tell apart"
        )
    checked = [_checked(key, one) for one in values]
    if key in BUILT_IN:
        texts = [one for one in checked if isinstance(one, str)]
        return documents.c[key].in_(_listed(texts, sqlite)) if texts else false()
    if not sqlite:
        stored = documents.c.metadata.op("->")(cast(key, String))
        return func.coalesce(stored.in_(select(func.jsonb_array_elements(_jsonb(checked)).column_valued())), false())
    kinds: dict[tuple[str, ...], list[Scalar]] = {}
    for one in checked:
        kinds.setdefault(_kinds(one), []).append(one)
    return or_(false(), *(_in_sqlite(key, same[0], _among(same)) for same in kinds.values()))


def _among(values: list[Scalar]) -> Callable[[Any], Any]:
    return lambda item: item.in_(_listed(values, sqlite=True))


def _listed(values: Sequence[Scalar], sqlite: bool) -> Any:
    """The values as rows of a subquery over one bound parameter."""
    if sqlite:
        text = bindparam(None, json.dumps(values), type_=String, unique=True)
        return select(func.json_each(text).table_valued("value").c.value)
    return select(func.jsonb_array_elements_text(_jsonb(values)).column_valued())


def _ordered(key: str, operator: str, value: Any, sqlite: bool) -> ColumnElement[bool]:
    value = _checked(key, value)
    if isinstance(value, bool):
        raise UsageError(f"the filter {operator!r} on {key!r} got {value}; compare numbers or text")
    compare = _ORDER[operator]
    if key in BUILT_IN:
        if not isinstance(value, str):
            raise UsageError(f"{key!r} is text; the filter {operator!r} got {value!r}, give text")
        column = documents.c[key]
        return compare(column if sqlite else column.collate("C"), value)  # type: ignore[no-any-return]
    if sqlite:
        return _in_sqlite(key, value, lambda item: compare(item, literal(value)))
    stored = documents.c.metadata.op("->")(cast(key, String))
    if isinstance(value, str):
        plain = documents.c.metadata.op("->>", return_type=String())(cast(key, String))
        same_type, holds = "string", compare(plain.collate("C"), value)
    else:
        same_type, holds = "number", compare(stored, _jsonb(value))
    return func.coalesce(and_(func.jsonb_typeof(stored) == same_type, holds), false())


def _jsonb(value: Scalar | Sequence[Scalar]) -> ColumnElement[Any]:
    return cast(bindparam(None, json.dumps(value), type_=String, unique=True), JSONB)


def _in_sqlite(key: str, value: Scalar, holds: Callable[[Any], Any]) -> ColumnElement[bool]:
    # json_each and not a JSON path: SQLite's paths cannot quote every key
    item = func.json_each(documents.c.metadata).table_valued("key", "value", "type")
    conditions = [item.c.key == key, item.c.type.in_(_kinds(value))]
    if not isinstance(value, bool):
        conditions.append(holds(item.c.value))
    return select(literal(1)).select_from(item).where(*conditions).exists()
