"""Bytes to text: byte order marks, UTF-8, what the document states, then what its letters tell.

What is in doubt is said: the note tells the encoding, how sure it is, and how to name another one.
"""

from __future__ import annotations

import codecs
import re

from ..errors import LoadError
from .charsets import recognise
from .formats import binary_kind
from .parsed import Job

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13, 27))
_SAMPLE = 64 * 1024  # bytes
_SURE = 0.9  # below it is doubt, and told
_SHIFTED = re.compile(rb"\x1b[$(][@BJDA()]")  # the 7-bit encodings of Japanese, Korean and Chinese mail
# What a page means by a label is what browsers make of it (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "windows-31j": "cp932",
}


def decode(data: bytes, job: Job, *, charset: str = "") -> str:
    """The text of `data`; `charset` is what a header or the document states, tried after marks and UTF-8.

    A charset that the user named (`job.encoding`) is used as it is. Doubts are added to `job.notes`.
    Raises LoadError for what is not text, and when no encoding fits.
    """
    if job.encoding:
        return _strict(data, job.encoding, "--encoding names")
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name, "it starts as")
    kind = binary_kind(data)
    if kind:
        raise LoadError(f"it holds {kind}, not text; give it the right name, or leave it out")
    if _SHIFTED.search(data[:_SAMPLE]):
        for name in ("iso2022_jp_2", "iso2022_kr"):
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                continue
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if b"\x00" in data or (len(data) % 2 == 0 and not charset and not _is_utf8(data)):
        wide = _wide(data, job, must=b"\x00" in data)
        if wide is not None:
            return wide
    if 50 * controls > len(sample):
        raise LoadError("it holds binary data, not text; give it the right name, or leave it out")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        mended = data.decode("utf-8", errors="replace")
        whole = sum(char > "\x7f" and char != "\ufffd" for char in mended[:_SAMPLE])
        broken = mended.count("\ufffd")
        if whole > 20 * broken:  # UTF-8 with a broken byte here and there, or cut in a character
            job.note(f"{broken} broken characters in its UTF-8 were left as \ufffd")
            return mended
    if charset:
        try:
            return data.decode(_MEANT.get(charset.lower().replace("windows-", "cp"), charset))
        except (LookupError, UnicodeDecodeError):
            pass  # the stated encoding is unknown or wrong: look closer
    return _by_lines(data, job) or _guess(data, job)


def _strict(data: bytes, name: str, why: str) -> str:
    try:
        return data.decode(name)
    except LookupError as exc:
        raise LoadError(f"{why} {name!r}, an unknown encoding; give one like cp1252, koi8-r or shift_jis") from exc
    except UnicodeDecodeError as exc:
        raise LoadError(f"{why} {name} but byte {exc.start} does not fit; save it as UTF-8") from exc


def _wide(data: bytes, job: Job, *, must: bool) -> str | None:
    """UTF-16 without a mark: nearly every second byte of European text is a small one; else its letters tell.

    A stray NUL in UTF-8 is let pass.
    """
    even, odd = data[0::2], data[1::2]
    for low, high, name in ((even, odd, "utf-16-le"), (odd, even, "utf-16-be")):
        small = sum(high.count(bytes([code])) for code in (0, 4))
        if len(data) % 2 == 0 and small > 0.7 * len(high) and low.count(b"\x00") * 20 < len(low):
            return _strict(data, name, "it looks like")
    if data.count(b"\x00") * 1000 < len(data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass  # not UTF-8 with a stray NUL
    guess = recognise(data, wide=True) if len(data) % 2 == 0 else None
    if guess is not None:
        narrow = None if must else recognise(data)
        if narrow is None or narrow.likelihood < guess.likelihood:
            return data.decode(guess.encoding, errors="replace")
    if must:
        raise LoadError("it holds binary data, not text; give it the right name, or leave it out")
    return None


def _by_lines(data: bytes, job: Job) -> str:
    """A file that several programs wrote: most lines with other letters are UTF-8, the rest is read by itself."""
    lines = data.splitlines(keepends=True)
    strange = [number for number, line in enumerate(lines) if not _is_utf8(line)]
    told = sum(_is_utf8(line) and not line.isascii() for line in lines)
    if told < 3 or 5 * told < len(strange):
        return ""
    rest = b"".join(lines[number] for number in strange)
    guess = recognise(rest)
    if guess is None:
        return ""
    job.note(f"{len(strange)} of {len(lines)} lines are not UTF-8; they were read as {guess.encoding}")
    alone = set(strange)
    return "".join(
        line.decode(guess.encoding, errors="replace") if number in alone else line.decode("utf-8")
        for number, line in enumerate(lines)
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(data: bytes, job: Job) -> str:
    guess = recognise(data)
    if guess is None:
        raise LoadError("its encoding was not recognised; name it with --encoding, or save it as UTF-8")
    if guess.sure < _SURE:
        job.note(f"read as {guess.encoding}, {guess.sure:.0%} sure; --encoding overrides".replace("%", " %"))
    return data.decode(guess.encoding, errors="replace")
