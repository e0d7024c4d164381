"""What stands on a PDF's page but not in its text: the values of form fields, and what people wrote on it."""

from __future__ import annotations

import ctypes
import re
from typing import Any

__all__ = ["field_lines"]

_TEXT, _FREE_TEXT, _WIDGET = 1, 3, 20  # annotation subtypes
_BUTTONS = {2: "check", 3: "radio"}  # kinds of form fields that are on or off
_MADE_UP = re.compile(r"[\[\]#]|^[a-z]?\d+$|^(text|field|check ?box|untitled)[ _]?\d*$", re.IGNORECASE)
_NOTED = frozenset({_TEXT, _FREE_TEXT, 8, 9, 10, 11, 12, 14})  # notes, free text, comments on marked words


def field_lines(page: Any) -> list[str]:
    """A line for each filled field (``Traveller: Ilse Brandt``) and each written note, in the order of the page."""
    import pypdfium2.raw as pdfium

    form = page.formenv.raw if page.formenv is not None else None
    lines = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), 10_000)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, number)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        if kind == _WIDGET and form is not None:
            lines.append(_field(pdfium, form, note))
        elif kind in _NOTED:
            lines.append(_string(pdfium.FPDFAnnot_GetStringValue, note, b"Contents"))
        pdfium.FPDFPage_CloseAnnot(note)
    return [line for line in dict.fromkeys(lines) if line]


def _field(pdfium: Any, form: Any, note: Any) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    name = _string(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, note)
    name = name or _string(pdfium.FPDFAnnot_GetFormFieldName, form, note).rpartition(".")[2]
    if _MADE_UP.search(name):
        name = ""
    if kind in _BUTTONS:
        on = pdfium.FPDFAnnot_IsChecked(form, note)
        export = _string(pdfium.FPDFAnnot_GetFormFieldExportValue, form, note)
        if _BUTTONS[kind] == "radio":
            return f"{name}: {export}" if on and name and export else ""
        return f"{name}: {'yes' if on else 'no'}" if name else ""
    value = " ".join(_string(pdfium.FPDFAnnot_GetFormFieldValue, form, note).split())
    return f"{name}: {value}" if value and name else value


def _string(read: Any, *arguments: Any) -> str:
    """What PDFium writes into a buffer as UTF-16: asked for its size first."""
    size = read(*arguments, None, 0)
    if size <= 2 or size > 1 << 20:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    read(*arguments, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace").strip()
