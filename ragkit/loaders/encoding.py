"""Bytes to text: byte order marks, UTF-8, UTF-16 without a mark, then the 8-bit encodings.

charset-normalizer needs a few lines to be right: it reads short Russian texts in cp1251 or KOI8-R as Japanese. So the
Cyrillic encodings are told apart here first: the right one gives common letters, no capitals inside words, and no
words that mix two alphabets. Frequencies of letters in Russian per mille, rounded, with і ї є ґ ў for the neighbours.
"""

from __future__ import annotations

import codecs
import re

from ..errors import LoadError
from .formats import binary_kind

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CYRILLIC = ("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic")
_LATIN = ["cp1252", "cp1250", "cp1254", "cp1257", "iso8859_15", "iso8859_2"]
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13, 27))
_SAMPLE = 64 * 1024  # bytes: enough to tell an encoding

_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў"
_PER_MILLE = (
    *(110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 15, 12, 10, 9, 7, 6, 5),
    *(4, 3, 3, 1, 2, 20, 5, 5, 1, 5),
)
_FREQUENCY = dict(zip(_LETTERS, _PER_MILLE, strict=True))
_PUNCTUATION = frozenset("«»—–…№“”„‘’•°§©®™€ \u00a0")
_MIXED = re.compile(r"[a-zA-Z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][a-zA-Z]")
# Western text never has these; Polish, Czech, Turkish or Baltic text read as cp1252 soon does
_NOT_WESTERN = re.compile(r"[^\W\d_][³¹²¿¾¼½¸´ª][^\W\d_]|[ðþý\ufffd]")
_INNER_CAPITAL = re.compile(r"[а-яёіїє][А-ЯЁІЇЄ]")


def decode(data: bytes, *, charset: str = "") -> str:
    """The text of `data`; `charset` is what a header or the document states, tried after marks and UTF-8.

    Raises LoadError for what is not text, and when no encoding fits.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name)
    kind = binary_kind(data)
    if kind:
        raise LoadError(f"it holds {kind}, not text; give it the right name, or leave it out")
    if b"\x00" in data:
        return _wide(data)
    sample = data[:_SAMPLE]
    if 50 * (len(sample) - len(sample.translate(None, _CONTROLS))) > len(sample):
        raise LoadError("it holds binary data, not text; give it the right name, or leave it out")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        mended = data.decode("utf-8", errors="replace")
        whole = sum(char > "\x7f" and char != "\ufffd" for char in mended[:_SAMPLE])
        if whole > 20 * mended.count("\ufffd"):  # UTF-8 with a broken byte here and there, or cut in a character
            return mended
    if charset:
        try:
            return data.decode(charset)
        except (LookupError, UnicodeDecodeError):
            pass  # the stated encoding is unknown or wrong: look closer
    return _eight_bit(data)


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as exc:
        raise LoadError(f"it starts as {name} but byte {exc.start} does not fit; save it as UTF-8") from exc


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: nearly every second byte of European text is a small one. A stray NUL is let pass."""
    even, odd = data[0::2], data[1::2]
    for low, high, name in ((even, odd, "utf-16-le"), (odd, even, "utf-16-be")):
        small = sum(high.count(bytes([code])) for code in (0, 4))
        if len(data) % 2 == 0 and small > 0.7 * len(high) and low.count(b"\x00") * 20 < len(low):
            return _strict(data, name)
    if data.count(b"\x00") * 1000 < len(data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass  # neither: refused below
    raise LoadError("it holds binary data, not text; give it the right name, or leave it out")


def _eight_bit(data: bytes) -> str:
    sample = data[:_SAMPLE]
    scores = {name: _cyrillic(sample, name) for name in _CYRILLIC}
    best = max(_CYRILLIC, key=lambda name: scores[name])  # the first of equals: cp1251 before the rare ones
    if scores[best] > 20:
        return data.decode(best, errors="replace")
    from charset_normalizer import from_bytes

    high = sum(byte >= 0x80 for byte in sample)
    letters = sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    sparse = high * 2 < letters  # accents among plain letters: a Latin alphabet
    western = sample.decode("cp1252", errors="replace")
    czech = "ø" in western and "ì" in western  # ř and ě
    if sparse and not czech and not _NOT_WESTERN.search(western):
        return data.decode("cp1252", errors="replace")
    guess = from_bytes(sample, cp_isolation=_LATIN if sparse else None).best()
    name = guess.encoding if guess is not None else ("cp1252" if sparse else "")
    if not name:
        raise LoadError("its encoding was not recognised; save it as UTF-8")
    text = data.decode(name, errors="replace")
    if text.count("\ufffd") * 100 > len(text):
        raise LoadError("its encoding was not recognised; save it as UTF-8")
    return text


def _cyrillic(sample: bytes, name: str) -> float:
    """Mean frequency (per mille) of the letters outside ASCII, less for what real text does not have."""
    text = sample.decode(name, errors="replace")
    outside = [char for char in text if char > "\x7f"]
    if not outside:
        return 0.0
    odd = len(_INNER_CAPITAL.findall(text)) + 2 * len(_MIXED.findall(text))
    worth = sum(0 if char in _PUNCTUATION else _FREQUENCY.get(char.lower(), -60) for char in outside)
    return (worth - 60 * odd) / len(outside)
