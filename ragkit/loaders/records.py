"""Records {"id", "title", "text", "metadata"} as documents: dicts, JSON, JSONL, CSV and TSV.

A record may also say `source`, `language` and `media_type`; `page_content` is read as `text` (LangChain's word); any
other key joins the metadata. A record without text has nothing to search and is left out.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import LoadError
from .encoding import decode
from .parsed import Job, Parsed, clean, clean_metadata, one_line

__all__ = ["is_record", "parse_csv", "parse_guess", "parse_json", "parse_jsonl", "record"]

_OWN = ("id", "title", "text", "page_content", "metadata", "source", "language", "media_type")
_STATED = ("id", "title", "source", "language", "media_type")  # what a column of that name states about the row
_DECODE = json.JSONDecoder(parse_constant=str).decode
_SEPARATOR = re.compile(r"\ufeff?sep=(.)\n", re.IGNORECASE)
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,17}")


def is_record(value: object) -> bool:
    """Whether `value` is an object with a text of its own."""
    return isinstance(value, Mapping) and (
        isinstance(value.get("text"), str) or isinstance(value.get("page_content"), str)
    )


def record(fields: Mapping[str, Any], where: str, *, row: int = 0) -> Parsed:
    """One record as a document. `where` names it in the error: ``line 7``; `row` is its number in a file."""
    text = fields.get("text", fields.get("page_content"))
    if not isinstance(text, str):
        raise LoadError(f'{where} has no "text" of type string; give {{"id", "title", "text", "metadata"}}')
    key = fields.get("id")
    if key is not None and (isinstance(key, bool) or not isinstance(key, (str, int)) or not clean(str(key)).strip()):
        raise LoadError(f"{where} has the id {key!r}; an id is a text or a whole number, or left out")
    metadata = fields.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise LoadError(f"{where} has metadata of type {type(metadata).__name__}; give an object of keys and values")
    rest = {name: value for name, value in fields.items() if name not in _OWN}
    return Parsed(
        clean(text),
        one_line(str(fields.get("title") or "")),
        "" if key is None else clean(str(key)).strip(),
        clean(str(fields.get("source") or "")),
        clean(str(fields.get("language") or "")),
        clean(str(fields.get("media_type") or "")) or "text/plain",
        clean_metadata({**rest, **metadata}),
        row=row,
    )


def parse_json(data: bytes, job: Job) -> Iterator[Parsed]:
    """A record, or a list of them: one document each. Any other JSON: one document, indented."""
    text = clean(decode(data, job))
    if not text.strip():
        return
    value = _loads(text, "it")
    if is_record(value):
        yield record(value, "the record")
    elif isinstance(value, list) and value and all(is_record(item) for item in value):
        for number, item in enumerate(value, 1):
            yield record(item, f"record {number}", row=number)
    else:
        pretty = json.dumps(value, ensure_ascii=False, indent=1)
        yield Parsed(clean(pretty) + "\n", job.stem, media_type=job.media_type)


def parse_jsonl(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document per line with a record. If the first line is none: one document, its lines as they are."""
    text = clean(decode(data, job))
    first = True
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        value = _loads(line, f"line {number}")
        if first and not is_record(value):
            yield Parsed(text, job.stem, media_type=job.media_type)
            return
        first = False
        if not isinstance(value, Mapping):
            raise LoadError(f"line {number} is no record; every line must be an object, as the first is")
        yield record(value, f"line {number}", row=number)


def parse_guess(data: bytes, job: Job) -> Iterator[Parsed]:
    """What has no telling name and starts like JSON: JSON, JSONL, or else text."""
    text = clean(decode(data, job))
    for parse in (parse_json, parse_jsonl):
        try:
            json.loads(text if parse is parse_json else text.lstrip().partition("\n")[0])
        except (ValueError, RecursionError):
            continue
        yield from parse(data, job)
        return
    yield Parsed(text, job.stem, media_type="text/plain")


def _loads(text: str, where: str) -> Any:
    try:
        return _DECODE(text)
    except RecursionError as exc:
        raise LoadError(f"{where} nests too deeply for JSON") from exc
    except ValueError as exc:
        raise LoadError(f"{where} is not valid JSON ({exc})") from exc


def parse_csv(data: bytes, job: Job) -> Iterator[Parsed]:
    """With a `text` column: one document per row, `id` and `title` by their columns, the rest metadata.

    Without one: the whole file as one document. Columns of numbers become numbers, so that filters can compare them.
    """
    text = clean(decode(data, job, charset=job.charset))
    told = _SEPARATOR.match(text)  # what Excel writes on a line of its own before the header
    table_text = text[told.end() :] if told else text
    header_line = table_text.lstrip("\n").partition("\n")[0]
    delimiter = "\t" if job.media_type == "text/tab-separated-values" else max(",;\t|", key=header_line.count)
    delimiter = told[1] if told else delimiter
    csv.field_size_limit(job.limits.characters)
    rows = csv.reader(io.StringIO(table_text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next((row for row in rows if any(row)), [])
        names = [name.strip() for name in header]
        names = [name.lower() if name.lower() in ("text", *_STATED) else name for name in names]
        if "text" not in names:
            yield Parsed(text, job.stem, media_type=job.media_type)
            return
        repeated = {name for name in names if name and names.count(name) > 1}
        if repeated:
            raise LoadError(f"its header repeats {', '.join(sorted(repeated))}; give every column a name of its own")
        table = [(rows.line_num, row) for row in rows if any(row)]
    except csv.Error as exc:
        raise LoadError(f"line {rows.line_num} is not valid CSV ({exc})") from exc
    for line, row in table:
        if len(row) > len(names):
            raise LoadError(
                f"line {line} has {len(row)} cells for {len(names)} columns; quote cells that hold '{delimiter}'"
            )
    kinds = {
        name: _kind([row[i] for _, row in table if i < len(row)]) for i, name in enumerate(names) if name not in _OWN
    }
    for number, (line, row) in enumerate(table, 1):
        cells = {name: cell for name, cell in zip(names, row, strict=False) if name and cell.strip()}
        fields: dict[str, Any] = {name: cells[name].strip() for name in _STATED if name in cells}
        fields["text"] = cells.get("text", "")
        fields["metadata"] = {
            name: kinds.get(name, str)(cell.strip()) for name, cell in cells.items() if name not in fields
        }
        yield record(fields, f"line {line}", row=number)


def _kind(cells: list[str]) -> type[str] | type[int] | type[float]:
    """What all cells of a column are; leading zeros make a text (postal codes)."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if all(_INTEGER.fullmatch(cell) for cell in filled):
        return int
    if all(_INTEGER.fullmatch(cell) or _DECIMAL.fullmatch(cell) for cell in filled):
        return float
    return str
