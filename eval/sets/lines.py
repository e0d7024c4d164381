"""Rows of a JSONL or CSV file with their line numbers, and what is wrong with a line that is none."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import EvalError

__all__ = ["GOLD", "Line", "read_lines"]

GOLD = ("answers", "golden_answers", "answer")
"""Names of the field that holds the gold answers; the first one that a line has is taken."""
_LISTS = (*GOLD, "relevant")
_COLUMNS = ("id", "question", *_LISTS, "meta")


@dataclass(frozen=True, slots=True)
class Line:
    """Line `number` (from 1) holds `row`; `problem` says why it could not be read, else it is empty."""

    number: int
    row: Any
    problem: str


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the rows of a .csv file, or of JSON lines; blank lines are passed over."""
    try:
        yield from _csv(path) if path.suffix.lower() == ".csv" else _jsonl(path)
    except OSError as exc:
        raise EvalError(f"{path} cannot be read: {exc.strerror}") from exc


def _jsonl(path: Path) -> Iterator[Line]:
    with path.open("rb") as lines:  # bytes: one bad line must not hide the others, and U+2028 ends no line
        for number, raw in enumerate(lines, 1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if text:
                    yield Line(number, json.loads(text), "")
            except UnicodeDecodeError as exc:
                yield Line(number, None, f"not UTF-8 (byte {exc.start})")
            except json.JSONDecodeError as exc:
                yield Line(number, None, f"not JSON ({exc.msg} at column {exc.colno})")
            except RecursionError:
                yield Line(number, None, "JSON nested too deeply")


def _csv(path: Path) -> Iterator[Line]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            names = reader.fieldnames or []
            if "question" not in names:
                raise EvalError(f"{path.name} line 1: no column 'question'; a CSV begins with its columns' names")
            for raw in reader:
                if None in raw or None in raw.values():
                    yield Line(reader.line_num, None, f"not {len(names)} columns")
                else:
                    yield _row(reader.line_num, raw)
    except csv.Error as exc:
        raise EvalError(f"{path.name} is not valid CSV: {exc}") from exc
    except UnicodeDecodeError as exc:
        raise EvalError(f"{path.name} is not UTF-8 (byte {exc.start}); save it as UTF-8") from exc


def _row(number: int, raw: dict[str, str]) -> Line:
    row: dict[str, Any] = {"id": raw.get("id", "").strip(), "question": raw["question"]}
    meta: dict[str, Any] = {name: value for name, value in raw.items() if name not in _COLUMNS and value}
    try:
        for name in _LISTS:
            if name in raw:
                row[name] = _list(raw[name])
        if raw.get("meta"):
            meta |= json.loads(raw["meta"])
    except (ValueError, TypeError):
        return Line(number, None, "a cell is not the JSON that it begins as")
    return Line(number, {**row, "meta": meta}, "")


def _list(cell: str) -> list[Any]:
    if cell.lstrip().startswith("["):
        value = json.loads(cell)
        if isinstance(value, list):
            return value
    return [part.strip() for part in cell.split("|") if part.strip()]
