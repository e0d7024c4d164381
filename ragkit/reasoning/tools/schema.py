"""Check a tool's arguments against its JSON schema: the part of the standard that tools use.

Checked: type, enum, const, required, properties, additionalProperties, items, minimum, maximum, minLength, maxLength,
minItems, maxItems, anyOf, oneOf (as anyOf), and $ref into the schema's own $defs. Other keywords do not restrict.
NaN and the infinities are no numbers of JSON and are accepted nowhere; whole numbers may have any length.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["schema_problem"]

_DEPTH = 24
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
    "null": (type(None),),
}


def schema_problem(value: Any, schema: Mapping[str, Any], *, name: str = "arguments") -> str | None:
    """Return one line that says what is wrong with `value`, or None when `schema` accepts it.

    >>> schema_problem({"k": "3"}, {"type": "object", "properties": {"k": {"type": "integer"}}})
    'k must be integer, not string'
    """
    return _problem(value, schema, name, schema, _DEPTH)


def _problem(value: Any, schema: Any, name: str, root: Mapping[str, Any], depth: int) -> str | None:
    if not isinstance(schema, Mapping) or depth == 0:
        return None
    if isinstance(schema.get("$ref"), str):
        return _problem(value, _referred(schema["$ref"], root), name, root, depth - 1)
    for key in ("anyOf", "oneOf"):
        options = schema.get(key)
        if isinstance(options, Sequence) and options:
            problems = [_problem(value, option, name, root, depth - 1) for option in options]
            if all(problems):
                return problems[0]
    return (
        _type_problem(value, schema, name)
        or _limit_problem(value, schema, name)
        or _parts_problem(value, schema, name, root, depth)
    )


def _referred(ref: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in ref.removeprefix("#").strip("/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _kind(value: Any) -> str:
    for name in ("boolean", "integer", "number", "string", "array", "object", "null"):
        if isinstance(value, _TYPES[name]):
            return name
    return type(value).__name__


def _type_problem(value: Any, schema: Mapping[str, Any], name: str) -> str | None:
    wanted = schema.get("type")
    if wanted is None:
        return None
    names = [wanted] if isinstance(wanted, str) else [w for w in wanted if isinstance(w, str)]
    kind = _kind(value)
    whole = isinstance(value, float) and value.is_integer()
    if any(n == kind or (n == "number" and kind == "integer") or (n == "integer" and whole) for n in names):
        return None
    return f"{name} must be {' or '.join(names)}, not {kind}"


def _limit_problem(value: Any, schema: Mapping[str, Any], name: str) -> str | None:
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if allowed is not None and value not in allowed:
        return f"{name} must be one of {', '.join(map(str, allowed))[:200]}"
    size: int | float  # an int is compared as it is: as a float it could overflow
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        size, least, most, unit = value, "minimum", "maximum", ""
        if isinstance(value, float) and not math.isfinite(value):
            return f"{name} must be a finite number, not {value}"
    elif isinstance(value, str):
        size, least, most, unit = len(value), "minLength", "maxLength", " characters"
    elif isinstance(value, (list, tuple)):
        size, least, most, unit = len(value), "minItems", "maxItems", " items"
    else:
        return None
    if schema.get(least) is not None and size < schema[least]:
        return f"{name} is below {schema[least]}{unit}"
    if schema.get(most) is not None and size > schema[most]:
        return f"{name} is above {schema[most]}{unit}"
    return None


def _parts_problem(value: Any, schema: Mapping[str, Any], name: str, root: Mapping[str, Any], depth: int) -> str | None:
    if isinstance(value, (list, tuple)):
        each = (_problem(v, schema.get("items"), f"{name}[{i}]", root, depth - 1) for i, v in enumerate(value))
        return next(filter(None, each), None)
    if not isinstance(value, Mapping):
        return None
    known = schema.get("properties") or {}
    missing = [key for key in schema.get("required") or () if key not in value]
    if missing:
        return f"{', '.join(missing)} is missing"
    rest = schema.get("additionalProperties", True)
    strange = [str(key) for key in value if key not in known]
    if strange and rest is False:
        return f"{strange[0][:60]} is unknown; known: {', '.join(known) or 'none'}"
    each = (_problem(v, known.get(key, rest), str(key), root, depth - 1) for key, v in value.items())
    return next(filter(None, each), None)
