"""Scripts by code point, and the languages that alone are written in theirs."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import lru_cache

__all__ = ["MARKS", "OF_SCRIPT", "script_of_char"]

# First code point of a run and its script (ISO 15924); "" where letters of no interest to us live.
_RUNS: tuple[tuple[int, str], ...] = (
    (0x0041, "Latn"), (0x0250, "Latn"), (0x0300, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"),
    (0x0590, "Hebr"), (0x0600, "Arab"), (0x0700, ""), (0x0750, "Arab"), (0x0780, ""), (0x08A0, "Arab"),
    (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"), (0x0B00, "Orya"), (0x0B80, "Taml"),
    (0x0C00, "Telu"), (0x0C80, "Knda"), (0x0D00, "Mlym"), (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"),
    (0x0F00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, ""),
    (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, ""), (0x1C80, "Cyrl"), (0x1C90, "Geor"), (0x1CC0, ""),
    (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2C60, "Latn"), (0x2C80, ""), (0x2DE0, "Cyrl"),
    (0x2E00, ""), (0x2E80, "Hani"), (0x3000, ""), (0x3005, "Hani"), (0x3008, ""), (0x3041, "Hira"),
    (0x30A0, "Kana"), (0x3100, ""), (0x3130, "Hang"), (0x3190, ""), (0x31F0, "Kana"), (0x3200, ""),
    (0x3400, "Hani"), (0xA000, ""), (0xA640, "Cyrl"), (0xA6A0, ""), (0xA720, "Latn"), (0xA800, ""),
    (0xAC00, "Hang"), (0xD7FF, ""), (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB13, "Armn"), (0xFB1D, "Hebr"),
    (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFEFF, ""), (0xFF21, "Latn"), (0xFF5B, ""),
    (0xFF66, "Kana"), (0xFFA0, "Hang"), (0xFFE0, ""), (0x1F100, ""), (0x20000, "Hani"), (0x32000, ""),
)  # fmt: skip
_STARTS = [start for start, _ in _RUNS]

OF_SCRIPT = {
    "Grek": "el", "Armn": "hy", "Hebr": "he", "Deva": "hi", "Beng": "bn", "Guru": "pa", "Gujr": "gu", "Orya": "or",
    "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Thai": "th", "Laoo": "lo", "Tibt": "bo",
    "Mymr": "my", "Geor": "ka", "Hang": "ko", "Ethi": "am", "Khmr": "km", "Mong": "mn", "Hira": "ja", "Kana": "ja",
    "Hani": "zh", "Arab": "ar",
}  # fmt: skip


@lru_cache(maxsize=4096)
def script_of_char(char: str) -> str:
    """The script of a letter (ISO 15924); "" for what is none, or of no interest."""
    at = bisect_right(_STARTS, ord(char)) - 1
    return _RUNS[at][1] if char.isalpha() and at >= 0 else ""


def _marks() -> str:
    """The signs that combine with the letter before them, for a class of a regular expression: ``\\w`` has none."""
    codes = [code for code in range(0x300, 0x1D00) if unicodedata.category(chr(code))[0] == "M"]
    known = set(codes)
    starts = [code for code in codes if code - 1 not in known]
    ends = [code for code in codes if code + 1 not in known]
    return "".join(f"\\u{a:04x}-\\u{b:04x}" for a, b in zip(starts, ends, strict=True))


MARKS = _marks()  # vowel signs of Hindi, tone marks of Thai, points of Hebrew and Arabic, accents typed apart
