"""Word's formulas (OMML) in one line: fractions with a stroke, powers after ``^``, indices after ``_``."""

from __future__ import annotations

from typing import Any

__all__ = ["MATH", "equation_text"]

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def equation_text(element: Any) -> str:
    """A formula in one line: fractions with a stroke, powers after ^, indices after _."""
    tag = element.tag.removeprefix(MATH) if isinstance(element.tag, str) else ""
    if tag == "t":
        return element.text or ""
    parts = {child.tag.removeprefix(MATH): equation_text(child) for child in element if isinstance(child.tag, str)}
    if tag == "f":
        return f"{_grouped(parts.get('num', ''))}/{_grouped(parts.get('den', ''))}"
    if tag in ("sSup", "sSub", "sSubSup"):
        below = f"_{_grouped(parts['sub'])}" if "sub" in parts else ""
        above = f"^{_grouped(parts['sup'])}" if "sup" in parts else ""
        return f"{parts.get('e', '')}{below}{above}"
    if tag == "rad":
        return f"√{_grouped(parts.get('e', ''))}"
    if tag == "d":
        return f"({', '.join(equation_text(e) for e in element.findall(MATH + 'e'))})"
    return "".join(equation_text(child) for child in element)


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"
