"""The units that answers are compared by: words, numbers by their value, and characters where words are not set apart.

- A number is one unit, by its value: 29.00 is 29, 1 000 is 1,000 (a comma before decimals and a full stop between
  thousands where the language has them), −5 is not 5, 2.1 is not 21; "five" is 5, "1.2 million" is 1200000.
- %, ‰ and the signs of currencies and degrees are units, so that 1.5 % is not 1.5.
- A word is one unit, with the signs that make a name (C++, C#). Marks within a word that holds a digit, and the stops
  of an acronym, do not count (B-17 is B17, U.S. is US); others part it, as do elision and possessive (l'eau, Ann's).
- Each character of Chinese, Japanese, Thai, Korean and their kin is a unit, marks with their letter; a number in
  Chinese characters is one. This is the mixed segmentation of CMRC (Cui et al. 2019) and MLQA (Lewis et al. 2020), and
  the syllables of KorQuAD (Lim et al. 2019).
- Articles of the language do not count where anything else is left ("A" and "vitamin A" keep theirs).

Words are compared folded (`ragkit.text.fold`: case, compatibility forms, apostrophes, ё). Quotation marks, dashes and
all other punctuation are nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from ragkit.text import fold
from ragkit.text.folding import APOSTROPHES
from ragkit.text.languages import Language, language
from ragkit.text.numbers import goes_on, numerals, value_of, word_pattern

__all__ = ["length_in_words", "units"]

# Scripts without spaces between words, and Hangul, whose particles cling to them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3041-\u30fa\u30fc-\u30ff"
    "\u3131-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3\u3099\u309a"
_APART = re.compile(rf"(?![{_MARKS}])[{_UNSPACED}]")
_HAN_NUMBER = "〇零一二三四五六七八九十百千万萬億亿兆两兩"
_ARABIC = str.maketrans("٫٬", ".,")  # marks of decimals and of thousands
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER = re.compile(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹]+")  # "10²" is not 102, but "m²" is m2
_RAISED = re.compile(r"(?<=[^\W\d_])\^\{?(\d+)\}?")  # "n^2" is n²
_DASHES = re.compile(r"[‐‑‒–—―−]")
_LETTER = rf"(?:(?![{_UNSPACED}])[^\W\d_])"


@lru_cache(maxsize=2)
def _tokens(word: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<name>(?:{_LETTER}\.){{2,}}(?!{_LETTER})|(?:{_LETTER}\.)+{_LETTER}(?!\w)"
        rf"|{_LETTER}+(?:[-_./']?(?:{_LETTER}|\d))*[-_./']?\d(?:[-_./']?(?:{_LETTER}|\d))*"
        rf"|{_LETTER}+(?:\+\+|\#(?!\w)))"
        r"|(?P<number>(?:(?<![^\W_])-)?(?:\d{1,3}(?:[ ']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*))"
        rf"|(?P<han>[{_HAN_NUMBER}]+)|(?P<char>[{_UNSPACED}][{_MARKS}]*)"
        rf"|(?P<word>(?![{_UNSPACED}])(?:{word}))"
        r"|(?P<sign>[%‰€£¥₴₽₹₩°^]|\$(?=\s?\d)|(?<=\d)\$|(?<=\d )\$|(?<=\d)/(?=\d))",
        re.IGNORECASE,
    )


@dataclass(frozen=True, slots=True)
class _Token:
    """A unit and where it stands. article: it may be left out. parts: those of the number that a word says."""

    unit: str
    start: int
    end: int
    article: bool = False
    parts: tuple[int, ...] = ()


def length_in_words(text: str) -> int:
    """How long a text is: its words, and each character of a script without spaces as one, as `units` has them.

    >>> length_in_words("The answer is 42."), length_in_words("答案是四十二。"), length_in_words("iPhone 手机")
    (4, 6, 3)
    """
    return sum(_length(token) for token in text.split())


def _length(token: str) -> int:
    apart = [c for c in _APART.findall(token) if unicodedata.combining(c) == 0]
    rest = _APART.sub("", token)
    return len(apart) + any(c.isalnum() for c in rest) if apart else 1


def units(text: str, code: str = "en") -> list[str]:
    """The units of a text in the language `code` (ISO 639-1; "" for an unknown one), without articles.

    >>> units("The price is 1 000.50 €"), units("C++ or C?"), units("会议在上海举行", "zh")
    (['price', 'is', '1000.5', '€'], ['c++', 'or', 'c'], ['会', '议', '在', '上', '海', '举', '行'])
    """
    plain = _plain(text)
    found = list(_joined(list(_read(plain, language(code), code)), plain))
    kept = [token.unit for token in found if not token.article] or [token.unit for token in found]
    bare = fold(plain).strip()
    return kept or ([bare] if bare else [])


def _plain(text: str) -> str:
    """Compatibility forms, one apostrophe, one dash; case stays."""
    for char in APOSTROPHES[1:]:
        text = text.replace(char, "'")
    text = _POWER.sub(lambda match: f"^{match[0].translate(_POWERS)}", text)
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text).replace("⁄", "/").translate(_ARABIC))
    plain = _RAISED.sub(r"\1", plain)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)  # digits of any script


def _read(text: str, known: Language | None, code: str) -> Iterator[_Token]:
    articles = known.follow_ups.articles.split() if known is not None and known.follow_ups is not None else []
    for match in _tokens(word_pattern()).finditer(text):
        start, end, written = match.start(), match.end(), match[0]
        if match["number"]:
            for unit in _number(written, known):
                yield _Token(unit, start, end)
        elif match["name"]:
            yield _Token(re.sub(r"[-_./']", "", fold(written)), start, end)
        elif match["word"]:
            for piece in _apart(written, known):
                folded = fold(piece).strip("'")
                named = len(piece) == 1 and piece.isupper() and start > 0  # "vitamin A"
                article = folded in articles and not named
                yield _Token(folded, start, end, article, tuple(numerals(folded, code)))
        else:
            yield _Token(fold(written), start, end)


def _apart(word: str, known: Language | None) -> list[str]:
    """A word without what is elided before it or set behind it: "l'eau", "Ann's"."""
    found = re.search(known.apart, word, re.IGNORECASE) if known is not None and known.apart else None
    if found is None:
        return [word]
    return [piece for piece in (word[: found.start()], found[0], word[found.end() :]) if piece]


def _joined(tokens: list[_Token], text: str) -> Iterator[_Token]:
    """The tokens with numbers that are written out, or scaled by a word, as one each."""
    at = 0
    while at < len(tokens):
        first = tokens[at]
        if first.parts:
            run = [first]
            while (following := _following(tokens, at, run[-1], text)) is not None:
                at = following
                run.append(tokens[at])
            value = value_of([part for token in run for part in token.parts])
            yield first if value == 1 else _Token(str(value), first.start, run[-1].end)  # "one" says little
        elif at + 1 < len(tokens) and _scales(first, tokens[at + 1], text):
            at += 1
            yield _Token(_scaled(first.unit, tokens[at].parts[0]), first.start, tokens[at].end)
        else:
            yield first
        at += 1


def _following(tokens: list[_Token], at: int, last: _Token, text: str) -> int | None:
    """Where the next part of a written number stands: behind this one, or behind a word for "and"."""
    for following in (at + 1, at + 2):
        if following < len(tokens) and tokens[following].parts:
            token = tokens[following]
            between = fold(text[last.end : token.start])
            return following if goes_on(last.parts[-1], between, token.parts[0]) else None
    return None


def _scales(number: _Token, word: _Token, text: str) -> bool:
    """Whether a word multiplies the number before it: "1.2 million"."""
    plain = re.fullmatch(r"-?\d{1,40}(?:\.\d{1,40})?", number.unit) is not None
    return plain and len(word.parts) == 1 and word.parts[0] >= 1000 and not text[number.end : word.start].strip(" -")


def _scaled(number: str, scale: int) -> str:
    value = Context(prec=100).multiply(Decimal(number), scale)
    return _number(f"{value:f}", None)[0]


def _number(written: str, known: Language | None) -> list[str]:
    """The value of digits as one unit; the numbers of a date or a version apart."""
    sign, digits = ("-", written[1:]) if written[0] == "-" else ("", written)
    digits = re.sub(r"[ ']", "", digits)
    thousands = known.thousands if known is not None else ","
    for mark, point in (",.", ".,"):
        grouped = re.fullmatch(rf"(\d{{1,3}}(?:\{mark}\d{{3}})+)(?:\{point}(\d+))?", digits)
        if grouped and (grouped[2] or mark == thousands or digits.count(mark) > 1):
            return [_value(sign, grouped[1].replace(mark, ""), grouped[2] or "")]
    single = re.fullmatch(r"(\d+)(?:[.,](\d+))?", digits)
    if single:
        return [_value(sign, single[1], single[2] or "")]
    return [_value("", number, "") for number in re.findall(r"\d+", digits)]


def _value(sign: str, whole: str, decimals: str) -> str:
    plain, rest = whole.lstrip("0") or "0", decimals.rstrip("0")
    value = f"{plain}.{rest}" if rest else plain
    return value if value == "0" else sign + value
