"""The numbers that Word shows before paragraphs but does not store: counted as Word counts them."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Numbering"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


class Numbering:
    """Counts the numbered paragraphs of one document; `label` is asked once for each, in order.

    numbering, styles: the roots of numbering.xml (None when there is none) and of styles.xml.
    """

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._lists: dict[str, str] = {}  # the number of a list -> the number of what defines it
        self._levels: dict[str, dict[int, tuple[int, str, str]]] = {}  # its levels: start, format, text
        self._counts: dict[str, dict[int, int]] = {}
        self._of_style: dict[str, tuple[str, int]] = {}
        if numbering is not None:
            for defined in numbering.findall(_W + "abstractNum"):
                levels = {int(_value(lvl, "ilvl", "0")): _level(lvl) for lvl in defined.findall(_W + "lvl")}
                self._levels[_value(defined, "abstractNumId")] = levels
            for used in numbering.findall(_W + "num"):
                key, defined_by = _value(used, "numId"), used.find(_W + "abstractNumId")
                self._lists[key] = _value(defined_by, "val") if defined_by is not None else ""
        for style in styles.findall(_W + "style") if styles is not None else ():
            number = style.find(f"{_W}pPr/{_W}numPr/{_W}numId")
            level = style.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
            if number is not None:
                self._of_style[_value(style, "styleId")] = (_value(number, "val"), int(_value(level, "val", "0")))

    def label(self, number: str, level: int | None, style: str) -> tuple[str, int] | None:
        """What stands before a paragraph and its level; None for one without; "" for a bullet.

        number, level: its own list and level, "" and None where only its style tells.
        """
        if not number and style in self._of_style:
            number, of_style = self._of_style[style]
            level = of_style if level is None else level
        if not number or number == "0" or number not in self._lists:
            return None
        level = min(level or 0, 8)
        defined = self._lists[number]
        levels = self._levels.get(defined, {})
        counts = self._counts.setdefault(defined, {})
        start, kind, text = levels.get(level, (1, "bullet", ""))
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        if kind in ("bullet", "none"):
            return "", level

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            first, how, _ = levels.get(at, (1, "decimal", ""))
            return _written(counts.get(at, first), how)

        return _PLACE.sub(shown, text).strip(), level


def _value(element: Any, name: str, missing: str = "") -> str:
    return missing if element is None else str(element.get(_W + name, missing))


def _level(level: Any) -> tuple[int, str, str]:
    parts = {name: _value(level.find(_W + name), "val") for name in ("start", "numFmt", "lvlText")}
    start = int(parts["start"]) if parts["start"].isdecimal() else 1
    return start, parts["numFmt"] or "decimal", parts["lvlText"]


def _written(number: int, how: str) -> str:
    if how in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if how == "upperLetter" else letters
    if how in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        out, rest = "", number
        for worth, sign in _ROMAN:
            out, rest = out + sign * (rest // worth), rest % worth
        return out.upper() if how == "upperRoman" else out
    return f"{number:02}" if how == "decimalZero" else str(number)
