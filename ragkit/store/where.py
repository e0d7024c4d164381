"""Conditions on documents as SQL, for SQLite and PostgreSQL. Every key and value is a bound parameter.

A metadata value is looked at as the list of its values, of one where it is no list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from .conditions import BUILT_IN, Condition, Scalar
from .content import documents

__all__ = ["compile_where"]

_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


def compile_where(conditions: Sequence[Condition], *, sqlite: bool) -> list[ColumnElement[bool]]:
    """The conditions on `documents`, all of which must hold."""
    return [_condition(each, sqlite) for each in conditions]


def _condition(asked: Condition, sqlite: bool) -> ColumnElement[bool]:
    if asked.operator == "in":
        return _any_of(asked.key, asked.values, sqlite)
    (value,) = asked.values
    if asked.operator == "eq":
        return _equal(asked.key, value, sqlite)
    if asked.operator == "ne":
        return not_(_equal(asked.key, value, sqlite))
    return _ordered(asked.key, asked.operator, value, sqlite)


def _kinds(value: Scalar) -> tuple[str, ...]:
    """SQLite's names of the JSON types that `value` may equal."""
    if isinstance(value, bool):
        return ("true",) if value else ("false",)
    return ("text",) if isinstance(value, str) else ("integer", "real")


def _equal(key: str, value: Scalar, sqlite: bool) -> ColumnElement[bool]:
    if key in BUILT_IN:
        return documents.c[key] == value if isinstance(value, str) else false()
    if not sqlite:
        return _in_postgres(key, lambda item: item == _jsonb(value))
    return _in_sqlite(key, value, lambda item: item == literal(value))


def _any_of(key: str, values: Sequence[Scalar], sqlite: bool) -> ColumnElement[bool]:
    """Equal to one of the values, which go to the database as one bound list for each of their kinds."""
    if key in BUILT_IN:
        texts = [one for one in values if isinstance(one, str)]
        return documents.c[key].in_(_listed(texts, sqlite)) if texts else false()
    if not sqlite:
        wanted = select(func.jsonb_array_elements(_jsonb(values)).column_valued())
        return _in_postgres(key, lambda item: item.in_(wanted))
    kinds: dict[tuple[str, ...], list[Scalar]] = {}
    for one in values:
        kinds.setdefault(_kinds(one), []).append(one)
    return or_(false(), *(_in_sqlite(key, same[0], _among(same)) for same in kinds.values()))


def _among(values: list[Scalar]) -> Callable[[Any], Any]:
    return lambda item: item.in_(_listed(values, sqlite=True))


def _listed(values: Sequence[Scalar], sqlite: bool) -> Any:
    """The values as rows of a subquery over one bound parameter."""
    if sqlite:
        text = bindparam(None, json.dumps(list(values)), type_=String, unique=True)
        return select(func.json_each(text).table_valued("value").c.value)
    return select(func.jsonb_array_elements_text(_jsonb(values)).column_valued())


def _ordered(key: str, operator: str, value: Scalar, sqlite: bool) -> ColumnElement[bool]:
    compare = _ORDER[operator]
    if key in BUILT_IN:
        column = documents.c[key]
        return compare(column if sqlite else column.collate("C"), value)  # type: ignore[no-any-return]
    if sqlite:
        return _in_sqlite(key, value, lambda item: compare(item, literal(value)))
    if isinstance(value, str):
        return _in_postgres(key, lambda item: and_(func.jsonb_typeof(item) == "string", compare(_text(item), value)))
    return _in_postgres(key, lambda item: and_(func.jsonb_typeof(item) == "number", compare(item, _jsonb(value))))


def _jsonb(value: Scalar | Sequence[Scalar]) -> ColumnElement[Any]:
    return cast(bindparam(None, json.dumps(value), type_=String, unique=True), JSONB)


def _in_postgres(key: str, holds: Callable[[Any], Any]) -> ColumnElement[bool]:
    stored = documents.c.metadata.op("->", return_type=JSONB())(cast(key, String))
    several = case((func.jsonb_typeof(stored) == "array", stored), else_=func.jsonb_build_array(stored))
    one = func.jsonb_array_elements(several).table_valued("value", name="one")
    held = holds(type_coerce(one.c.value, JSONB()))
    return and_(stored.is_not(None), select(literal(1)).select_from(one).where(held).exists())


def _text(item: Any) -> Any:
    """A JSON string as text, ordered by code points."""
    return item.op("#>>", return_type=String())(cast(literal("{}", String()), ARRAY(String))).collate("C")


def _in_sqlite(key: str, value: Scalar, holds: Callable[[Any], Any]) -> ColumnElement[bool]:
    # json_each and not a JSON path: SQLite's paths cannot quote every key
    item = func.json_each(documents.c.metadata).table_valued("key", "value", "type")
    one = func.json_each(item.c.value).table_valued("value", "type", name="one")

    def met(row: Any) -> ColumnElement[bool]:
        same = row.c.type.in_(_kinds(value))
        return same if isinstance(value, bool) else and_(same, holds(row.c.value))

    among = and_(item.c.type == "array", select(literal(1)).select_from(one).where(met(one)).exists())
    return select(literal(1)).select_from(item).where(item.c.key == key, or_(met(item), among)).exists()
