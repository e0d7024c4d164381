"""Spreadsheets (XLSX): each sheet a heading and a table, the values as they were last computed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from ...errors import LoadError
from ..blocks import Blocks
from ..parsed import Job, Parsed, clean, one_line
from ..zips import check_unpacked

__all__ = ["cell_text", "parse_xlsx", "sheet_blocks"]

_MAX_CELLS = 5_000_000
_OLD = b"\xd0\xcf\x11\xe0"


def parse_xlsx(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; hidden sheets are read too, for their values are what formulas elsewhere show."""
    if data.startswith(_OLD):
        raise LoadError("it is encrypted or an old spreadsheet; save it as .xlsx without a password")
    check_unpacked(data, job, "spreadsheet")
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as exc:
        raise LoadError(f"it is not a spreadsheet that can be read ({one_line(str(exc))})") from exc
    blocks = Blocks()
    cells = 0
    for sheet in workbook.worksheets:
        rows: list[list[str]] = []
        for row in sheet.iter_rows(values_only=True):
            cells += len(row)
            if cells > _MAX_CELLS:
                raise LoadError(f"it has more than {_MAX_CELLS} cells; save the sheets that matter as CSV")
            rows.append([cell_text(value) for value in row])
        sheet_blocks(blocks, str(sheet.title), rows, alone=len(workbook.worksheets) == 1)
    title = one_line(str(workbook.properties.title or ""))
    workbook.close()
    yield Parsed(clean(blocks.text(), compose=True), title or job.stem, media_type=job.media_type)


def sheet_blocks(blocks: Blocks, name: str, rows: Sequence[Sequence[str]], *, alone: bool = False) -> None:
    """One sheet: its name as a heading, then its tables; rows that are blank separate tables, lone cells are lines."""
    tables = list(_tables(rows))
    if tables and not (alone and name.lower().startswith(("sheet", "tabelle", "лист", "аркуш", "feuil", "hoja"))):
        blocks.heading(name, 2)
    for table in tables:
        while table and sum(bool(cell) for cell in table[0]) == 1 and len(table) > 1:  # a title above the table
            blocks.paragraph(" ".join(cell for cell in table.pop(0) if cell))
        blocks.table(table)


def _tables(rows: Sequence[Sequence[str]]) -> Iterator[list[list[str]]]:
    """Runs of rows that are not blank, without their empty columns."""
    run: list[Sequence[str]] = []
    for row in [*rows, []]:
        if any(row):
            run.append(row)
        elif run:
            used = [n for n in range(max(map(len, run))) if any(len(r) > n and r[n] for r in run)]
            yield [[r[n] if n < len(r) else "" for n in used] for r in run]
            run = []


def cell_text(value: Any) -> str:
    """A cell's value as it would be written: whole numbers without .0, dates in ISO form without an empty time.

    >>> cell_text(3.0), cell_text(0.1 + 0.2), cell_text(None)
    ('3', '0.3', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value).strip()
