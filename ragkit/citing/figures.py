"""Figures of a claim that come from nowhere: "30 days" over a passage that says "5 days".

A number in the digits of a claim is founded when it is

- in a cited passage or in the question, in digits ("1 500" = "1,500" = 1500, "2,5" = 2.5) or written out ("thirty");
- a count: no more than there is to be counted, which the caller tells;
- made of two of those numbers: sum, difference, product or whole ratio; a product also over a unit of time (7, 12, 24,
  60); of six numbers or fewer, a sum of three as well. Earlier sentences of the answer may give such numbers too.

The more numbers a passage holds, the more can be made of them: what is called founded may still be wrong. Numbers of
names (H100, GPT-4) and of list items are no figures, nor is the 2 of "passage 2".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

from ..text.folding import fold
from ..text.language import detect_language
from ..text.numbers import goes_on, numerals, value_of, word_pattern
from .markers import source_noun

__all__ = ["Figure", "figures", "unfounded"]

UNITS = (7, 12, 24, 60)  # days of a week, months, hours, minutes
MOST_FOR_THREE = 6  # of more numbers, sums of three make almost any
MOST_OPERANDS = 40
_DIGITS = r"\d{1,3}(?:[ ']\d{3})+(?!\d)(?:[.,]\d{1,30})?|\d{1,30}(?:[.,]\d{1,30})*"
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+")
_DECIMAL = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)\.(\d+)|(\d+|\d{1,3}(?:\.\d{3})+),(\d+)")
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")

Reading = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written, and the ways to read it, each one number or several ("1 500": 1500, or 1 and 500)."""

    written: str
    readings: tuple[Reading, ...]


def unfounded(
    claim: str, sources: Sequence[str], question: str = "", *, said: Iterable[str] = (), countable: int = 0
) -> tuple[str, ...]:
    """Return the numbers in the digits of `claim` that neither stand in `sources` or `question` nor follow from them.

    sources: the text of each cited passage. said: earlier sentences of the same answer. countable: how many things the
    claim may have counted; the number of sources where that is more.

    >>> unfounded("It takes 30 days.", ["The approval takes 5 days."]), unfounded("In total 162.", ["99 men", "63 men"])
    (('30',), ())
    """
    left = [f for f in figures(_no_figure(source_noun()).sub(" ", claim)) if f.written[0].isdigit()]
    given = [n for text in (*sources, question) for n in _numbers(text)]
    held = {*given, *map(Fraction, range(1, max(len(sources), countable) + 1))}
    left = [f for f in left if not _founded(f, held)]
    if left:
        held |= _made([*given, *(n for text in said for n in _numbers(text))])
    return tuple(f.written for f in left if not _founded(f, held))


@lru_cache(maxsize=2)
def _no_figure(noun: str) -> re.Pattern[str]:
    return re.compile(
        r"\A[\s>*_#-]*\(?\d{1,3}[.)][*_]*\s"  # "2. " at the head of an item
        rf"|\b{noun}\s*(?:[#№]\s*)?\d+"
        r"|(?<=[^\W\d_])[-‐‑]?\d+(?:[.,]\d+)*",
        re.IGNORECASE,
    )


@lru_cache(maxsize=512)
def figures(text: str) -> tuple[Figure, ...]:
    """The numbers of a text in order, in digits or written out, folded.

    >>> [f.written for f in figures("Up to 2,5 million in thirty-one days, 1 500 a week.")]
    ['2,5 million', 'thirty-one', '1 500']
    """
    folded, code = fold(text), detect_language(text)
    found: list[Figure] = []
    run: list[_Token] = []
    for match in _tokens(word_pattern()).finditer(folded):
        token = _Token(
            match.start(), match.end(), match["digits"], numerals(match["word"], code) if match["word"] else []
        )
        if not token.values and not token.digits:
            continue
        if run and not _continues(folded[run[-1].end : token.start], run, token.values):
            found.append(_figure(folded, run))
            run = []
        run.append(token)
    if run:
        found.append(_figure(folded, run))
    return tuple(f for f in found if f.readings != ((Fraction(1),),) or f.written.isdigit())  # "one" says little


@dataclass(frozen=True, slots=True)
class _Token:
    """Digits, or a word and the parts of a number that it says."""

    start: int
    end: int
    digits: str | None
    values: Sequence[int]


@lru_cache(maxsize=2)
def _tokens(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<digits>{_DIGITS})|(?P<word>{word})")


def _continues(between: str, run: Sequence[_Token], values: Sequence[int]) -> bool:
    """Whether the next token goes on with the number: a word after words, or a thousand and more after digits."""
    if not values:
        return False
    if run[0].digits:
        return len(run) == 1 and values[0] >= 1000 and not between.strip(" -")
    return goes_on(run[-1].values[-1], between, values[0])


def _figure(text: str, run: Sequence[_Token]) -> Figure:
    """The number that adjacent tokens make: digits, which a word may scale, or words."""
    written = text[run[0].start : run[-1].end]
    words = [value for token in run for value in token.values]
    if not run[0].digits:
        return Figure(written, ((Fraction(value_of(words)),),))
    readings = _readings(run[0].digits)
    if words:
        readings = tuple((r[0] * words[0],) for r in readings if len(r) == 1)
    return Figure(written, readings)


def _readings(written: str) -> tuple[Reading, ...]:
    """Every way to read digits: "1,500" is 1500 or 1.5, "1 500" is 1500 or 1 and 500; the month may be written out."""
    parts = re.split(r"[ ']", written)
    joined = "".join(parts)
    found: list[Reading] = []
    if joined.isdigit() or _GROUPED.fullmatch(joined):
        found.append((Fraction(int(re.sub(r"[.,]", "", joined))),))
    decimal = _DECIMAL.fullmatch(joined)
    if decimal:
        whole, rest = (g for g in decimal.groups() if g is not None)
        found.append((Fraction(f"{re.sub('[.,]', '', whole)}.{rest}"),))
    if not found or len(parts) > 1:
        apart = tuple(Fraction(int(n)) for n in re.findall(r"\d+", written))
        found += [apart, (apart[0], apart[2])] if _DATE.fullmatch(written) else [apart]
    return tuple(found)


def _numbers(text: str) -> list[Fraction]:
    """All numbers that a text may be read to hold, in every reading."""
    return [n for figure in figures(text) for reading in figure.readings for n in reading]


def _founded(figure: Figure, held: set[Fraction]) -> bool:
    return any(held.issuperset(reading) for reading in figure.readings)


def _made(numbers: Sequence[Fraction]) -> set[Fraction]:
    """What two of `numbers` make, or three; a number said often counts twice."""
    times = Counter(numbers)
    operands = [*times, *(n for n in times if times[n] > 1)]
    made: set[Fraction] = set()
    for a, b in combinations(operands[:MOST_OPERANDS], 2):
        made |= {a + b, abs(a - b), a * b, *(a * b * unit for unit in UNITS)}
        made |= {x / y for x, y in ((a, b), (b, a)) if y and (x / y).denominator == 1}
    if len(operands) <= MOST_FOR_THREE:
        made |= {sum(three, Fraction()) for three in combinations(operands, 3)}
    return made
