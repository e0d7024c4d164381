"""Removal of characters that nobody sees but a model reads."""

from __future__ import annotations

import unicodedata

__all__ = ["strip_hidden"]

# Kept: white space and what is drawn. Gone: format characters (bidi controls, zero-width space, BOM, soft hyphen, tags,
# invisible operators), variation selectors beyond the emoji ones, C0/C1 controls, surrogates, private use, fillers.
_JOINERS = "\u200c\u200d"
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u034f"


def strip_hidden(text: str) -> str:
    """Return `text` without characters that show nothing but a model would read.

    Format characters (tags, bidi controls, zero-width space, BOM, soft hyphen), controls other than tab and line ends,
    blank fillers, private use and unassigned code points go. ZWJ and ZWNJ stay only between two characters of a
    script that needs them (Arabic, Indic and their kin) or inside an emoji sequence; a variation selector stays only
    after a character that has an emoji form, one at a time.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for i, char in enumerate(text):
        if char in _JOINERS:
            if kept and i + 1 < len(text) and _joins(kept[-1]) and _joins(text[i + 1]):
                kept.append(char)
        elif char in "\ufe0e\ufe0f":
            if kept and (kept[-1] in "0123456789#*©®" or ord(kept[-1]) >= 0x203C) and kept[-1] not in "\ufe0e\ufe0f":
                kept.append(char)
        elif char in "\t\n\r" or (char not in _FILLERS and _is_visible(char)):
            kept.append(char)
    return "".join(kept)


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cf", "Cc", "Cs", "Co", "Cn") and not (
        0xFE00 <= ord(char) <= 0xFE0D or 0xE0100 <= ord(char) <= 0xE01EF or 0x180B <= ord(char) <= 0x180F
    )


def _joins(char: str) -> bool:
    """Whether a joiner beside `char` changes what is drawn."""
    code = ord(char)
    return (
        0x0600 <= code <= 0x109F
        or 0x1780 <= code <= 0x18AF
        or 0x2190 <= code <= 0x2BFF
        or 0x1F000 <= code <= 0x1FAFF
        or (char in "\ufe0f")
    )
