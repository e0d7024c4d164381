"""Conditions on documents as SQL, for SQLite and PostgreSQL. Every key and value is a bound parameter."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, false, func, literal, not_, or_, select
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
        stored = documents.c.metadata.op("->")(cast(key, String))
        return func.coalesce(stored == _jsonb(value), false())
    return _in_sqlite(key, value, lambda item: item == literal(value))


def _any_of(key: str, values: Sequence[Scalar], sqlite: bool) -> ColumnElement[bool]:
    """Equal to one of the values, which go to the database as one bound list for each of their kinds."""
    if key in BUILT_IN:
        texts = [one for one in values if isinstance(one, str)]
        return documents.c[key].in_(_listed(texts, sqlite)) if texts else false()
    if not sqlite:
        stored = documents.c.metadata.op("->")(cast(key, String))
        return func.coalesce(stored.in_(select(func.jsonb_array_elements(_jsonb(values)).column_valued())), false())
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
