"""Notebooks (IPYNB): Markdown cells, code and what it printed; pictures and other encoded output are left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ...errors import LoadError
from ..blocks import Blocks
from ..encoding import decode
from ..parsed import Job, Parsed, clean
from .plain import markdown_title

__all__ = ["parse_notebook"]

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LONGEST_OUTPUT = 20_000  # characters of one cell's output; the rest is told


def parse_notebook(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; the title is the first heading."""
    try:
        notebook = json.loads(decode(data, job))
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        language = str(notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python"))
    except (ValueError, RecursionError, KeyError, TypeError, IndexError) as exc:
        raise LoadError(f"it is not a notebook that can be read ({exc})") from exc
    blocks = Blocks()
    pictures = 0
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict):
            continue
        source = _joined(cell.get("source", cell.get("input")))
        if cell.get("cell_type") == "code":
            blocks.code(source, language=language)
            for output in cell.get("outputs") or []:
                text, picture = _output(output)
                pictures += picture
                if len(text) > _LONGEST_OUTPUT:
                    job.note(f"an output of {len(text)} characters was cut at {_LONGEST_OUTPUT}")
                blocks.code(text[:_LONGEST_OUTPUT])
        else:
            blocks.paragraph(source.strip("\n"))
    if pictures:
        job.note(f"{pictures} pictures among its outputs were not read")
    text = clean(blocks.text())
    yield Parsed(text, markdown_title(text) or job.stem, media_type=job.media_type)


def _joined(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def _output(output: Any) -> tuple[str, int]:
    """What an output says, and how many pictures it shows instead."""
    if not isinstance(output, dict):
        return "", 0
    data = output.get("data")
    if isinstance(data, dict):
        picture = any(str(kind).startswith("image/") for kind in data)
        text = _joined(data.get("text/markdown") or data.get("text/plain"))
        return ("" if picture and text.lstrip().startswith("<") else text), int(picture)
    if output.get("output_type") == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}", 0
    return _COLOURS.sub("", _joined(output.get("text"))), 0
