"""What a page tells in other languages than HTML: formulas in MathML, questions and answers in JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["formula_text", "stated_answers"]

_MOST = 200  # questions of one page


def formula_text(formula: Any) -> str:
    """A formula in one line: its TeX where that is given, else its signs, with strokes and powers."""
    for note in formula.iter("annotation"):
        if "tex" in str(note.get("encoding", "")).lower() and note.text and note.text.strip():
            return str(note.text.strip())
    return " ".join(_line(formula).split())


def _line(element: Any) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in ("annotation", "annotation-xml", ""):
        return ""
    parts = [_line(child) for child in element]
    if tag == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if tag == "msup" and len(parts) == 2:
        return f"{parts[0]}^{_grouped(parts[1])}"
    if tag == "msub" and len(parts) == 2:
        return f"{parts[0]}_{_grouped(parts[1])}"
    if tag == "msubsup" and len(parts) == 3:
        return f"{parts[0]}_{_grouped(parts[1])}^{_grouped(parts[2])}"
    if tag == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    return (element.text or "").strip() + "".join(parts)


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def stated_answers(root: Any) -> Iterator[tuple[str, str]]:
    """The questions and answers that a page states for search engines (schema.org FAQPage and QAPage)."""
    found = 0
    for script in root.xpath("//script[@type='application/ld+json']"):
        try:
            stack = [json.loads(script.text_content())]
        except (ValueError, RecursionError):
            continue
        while stack and found < _MOST:
            value = stack.pop()
            if isinstance(value, list):
                stack.extend(reversed(value))
            elif isinstance(value, dict):
                answer = value.get("acceptedAnswer")
                answer = answer[0] if isinstance(answer, list) and answer else answer
                if value.get("@type") == "Question" and isinstance(answer, dict):
                    found += 1
                    question = value.get("name") or value.get("text")
                    yield _plain(question), _plain(answer.get("text"))
                else:
                    stack.extend(reversed([v for v in value.values() if isinstance(v, (list, dict))]))


def _plain(value: object) -> str:
    """Words of a value that may hold markup."""
    from lxml import html

    text = str(value or "")
    if "<" in text:
        text = str(html.fragment_fromstring(text, create_parent="div").text_content())
    return " ".join(text.split())
