"""What can be quoted of a passage, one piece each: its sentences, and whole rows of its tables with their header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .blocks import line_spans
from .sentences import sentence_spans

__all__ = ["Statement", "statements"]

_RULE = re.compile(r"\|?\s*:?-{1,}:?\s*(\|\s*:?-{1,}:?\s*)*\|?\Z")  # the line under a Markdown table's header


@dataclass(frozen=True, slots=True)
class Statement:
    """passage[start:end] without outer white space; `header` names the columns when it is a row of a table."""

    start: int
    end: int
    header: str = ""


def statements(text: str, header: str = "") -> list[Statement]:
    """The sentences and rows of a passage in order. header: the line of column names that its first rows stand under.

    A table's own header and the rule under it say nothing alone: they are left out where a row follows.

    >>> text = "Prices. Per kilo.\\n\\n| Fruit | Euro |\\n| --- | --- |\\n| Pear | 3 |\\n"
    >>> [(text[s.start:s.end], s.header) for s in statements(text)]
    [('Prices.', ''), ('Per kilo.', ''), ('| Pear | 3 |', '| Fruit | Euro |')]
    """
    if header and not header.startswith("|"):  # separated values: every line is a row
        spans = line_spans(text, 0, len(text), quoted=True)
        spans = [(a, b) for a, b in spans if text[a:b] != header] or spans
        return [Statement(a, b, header) for a, b in spans]
    found: list[Statement] = []
    at = 0
    for start, end in _tables(text):
        found += _sentences(text, at, start)
        rows = line_spans(text, start, end)
        rule = next((i for i, (a, b) in enumerate(rows[:3]) if _RULE.match(text, a, b)), None)
        if rule is not None:
            header = text[slice(*rows[rule - 1])] if rule else ""
            rows = rows[rule + 1 :] or rows[:rule]
        found += [Statement(a, b, "" if text[a:b] == header else header) for a, b in rows]
        header, at = "", end
    return found + _sentences(text, at, len(text))


def _sentences(text: str, start: int, end: int) -> list[Statement]:
    if not text[start:end].strip():
        return []
    return [Statement(start + a, start + b) for a, b in sentence_spans(text[start:end])]


_TABLE = re.compile(r"(?:^\|.*\|[ \t]*(?:\n|\Z))+", re.MULTILINE)


def _tables(text: str) -> list[tuple[int, int]]:
    """The runs of lines that begin and end with a bar."""
    return [match.span() for match in _TABLE.finditer(text)]
