"""Sentences as exact spans of the text, by what the languages tell, and CJK stops; no model, linear time.

A stop ends a sentence unless what stands around it says otherwise: a lower-case letter follows, the word before it is
an abbreviation (`languages.Sentences`), an initial or an ordinal, or all that was said is a date. Blank lines, list
markers, headings and table rows end one without it. A word in no table ends its sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .languages import Language, languages

__all__ = ["sentence_spans"]

_STOP = re.compile(
    r"(?P<cjk>[。！？｡]+[」』”’）】》〉\"')\]]*)"
    r"|(?P<stop>[.!?…‼⁇⁈⁉؟۔।॥܀։။]+)(?P<close>[\"'»”’“›)\]}*_]*)(?=\s|\Z)"
    r"|(?P<line>\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029])"
)
_BLANK = re.compile(r"[^\S\n\r]*(?:\r\n|[\n\r\f\u2029])")
_ITEM = re.compile(r"[^\S\n\r]*(?:[-*+•‣◦▪●–—·]\s|\(?\d{1,3}[.)]\s|\(?[^\W\d_][.)]\s|#{1,6}\s|\||>|```|~~~|=+\s)")
_MARKER = re.compile(r"\s*\(?(?:\d{1,3}|[^\W\d_]|[ivxIVX]{1,5})\Z")
_OPENERS = "\"'«»„“”‘’‚‹›([{¿¡*_—–- "
_LAST_WORD = re.compile(r"[\w’'-]+\Z")
_NUMBER = re.compile(r"(?:(?P<word>[^\W\d_]+)[ \u00a0]+)?\d{1,3}\Z")
_COUNT = re.compile(r"(?:(?<!\d)\d{1,4}|[IVXХ])\s*\Z")  # no postal code: "01001 м. Київ"
_REACH = 24  # characters looked back for an abbreviation
_HEADING = 70  # a first line no longer than this, without a stop, may be a heading


@dataclass(frozen=True, slots=True)
class _Rules:
    """What all languages tell of full stops, together, for a text may be written in several; see `Sentences`."""

    never: frozenset[str]
    unless_starter: frozenset[str]
    may_end: frozenset[str]
    lists: frozenset[str]
    after_number: frozenset[str]
    before_number: frozenset[str]
    between_numbers: frozenset[str]
    hours: frozenset[str]
    starters: frozenset[str]
    after_ordinal: frozenset[str]
    before_ordinal: frozenset[str]
    ands: re.Pattern[str]
    ands_last: tuple[str, ...]
    date: re.Pattern[str]


@lru_cache(maxsize=2)
def _rules(known: tuple[Language, ...]) -> _Rules:
    def all_of(name: str) -> list[str]:
        told = (str(getattr(each.sentences, name)).split() for each in known if each.sentences is not None)
        return list(dict.fromkeys(word for words in told for word in words))

    sets = (
        "never",
        "unless_starter",
        "may_end",
        "lists",
        "after_number",
        "before_number",
        "between_numbers",
        "hours",
        "starters",
        "after_ordinal",
        "before_ordinal",
    )
    ands, year = all_of("ands"), r"(?:\d{1,4}|[IVXХ]{1,6})"
    # "У 1991 р.", "С 1990 по 1995 гг.", "24 серпня 1991 р.", "В XX в.": no sentence yet
    date = (
        rf"[\W_]*(?:(?:{'|'.join(all_of('date_words'))})\s+)?(?:\d{{1,2}}\s+[^\W\d_]{{3,9}}\s+)?{year}"
        rf"(?:\s?(?:[-–—]|{'|'.join(all_of('date_to'))})\s?{year})?\s*(?:{'|'.join(all_of('date_ends'))})"
    )
    return _Rules(
        **{name: frozenset(all_of(name)) for name in sets},
        ands=re.compile(rf"(?:^|[\s,])(?:{'|'.join(ands)})\s+\Z"),
        ands_last=tuple(f" {word}" for word in ands),
        date=re.compile(date, re.IGNORECASE),
    )


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in order, without outer white space; every visible character is in one.

    >>> [("Dr. Smith paid 3.14. Why?")[a:b] for a, b in sentence_spans("Dr. Smith paid 3.14. Why?")]
    ['Dr. Smith paid 3.14.', 'Why?']
    """
    spans: list[tuple[int, int]] = []
    rules = _rules(languages())
    start, line_start, first_line = 0, 0, True
    for match in _STOP.finditer(text):
        end = match.end()
        if match["line"] is not None:
            blank = _BLANK.match(text, end) is not None
            if (
                blank
                or match["line"] in "\f\v\x1c\x1d\x1e\u2029"
                or _breaks_line(text, line_start, match.start(), end, first_line, rules)
            ):
                start = _close(text, start, match.start(), spans)
                first_line = True
            else:
                first_line = not text[line_start : match.start()].strip() and first_line
            line_start = end
        elif match["cjk"] is not None or _ends(text, start, match, rules):
            start = _close(text, start, end, spans)
    _close(text, start, len(text), spans)
    return spans


def _close(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> int:
    """Add text[start:end] without outer white space, if anything is left; return `end`."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left < len(piece):
        spans.append((start + left, start + len(piece.rstrip())))
    return end


def _breaks_line(text: str, line_start: int, line_end: int, after: int, first_line: bool, rules: _Rules) -> bool:
    """Whether the line end at `line_end` ends a sentence although no stop stands there."""
    if _ITEM.match(text, after):
        return True
    line = text[line_start : min(line_end, line_start + _HEADING + 10)].strip()
    if not line:
        return False
    if line[0] in "#|" or line.startswith(("= ", "== ", "```", "~~~")):
        return True
    if not first_line or len(line) > _HEADING or line[-1] in ",;-–—(«„/&" or line.endswith(rules.ands_last):
        return False
    following = text[after : after + 2 * _HEADING].split("\n", 1)[0].strip().lstrip(_OPENERS)
    return bool(following) and (following[0].isupper() or following[0].isdigit()) and len(following) > len(line) + 10


def _ends(text: str, start: int, match: re.Match[str], rules: _Rules) -> bool:
    """Whether the stop that `match` found, followed by white space or the end of the text, ends a sentence."""
    follow = text[match.end() : match.end() + 32].lstrip()
    if not follow:
        return True
    visible = follow.lstrip(_OPENERS)
    if visible and visible[0].islower() and follow[0] not in "-–—•*":
        return False
    if match["stop"] != ".":
        return not (visible and visible[0].islower())
    said = text[start : match.start()] if match.start() - start <= 2 * _REACH else ""
    if len(said) <= 8 and _MARKER.match(said) and not match["close"]:
        return False  # "1. First item" at the start of a sentence
    if rules.date.fullmatch(said) and not _starts(visible, rules):
        return False
    return not _abbreviates(text[max(start, match.start() - _REACH) : match.start()], visible, rules)


def _abbreviates(before: str, visible: str, rules: _Rules) -> bool:
    """Whether the full stop after `before` belongs to an abbreviation, an initial or an ordinal."""
    number = _NUMBER.search(before)
    if number is not None:
        word = (number["word"] or "").lower()
        nxt = (_first_word(visible) or "").lower()
        return nxt in rules.after_ordinal or (word in rules.before_ordinal and bool(visible) and visible[0].isalpha())
    found = _LAST_WORD.search(before)
    last = found[0] if found else ""
    if not last:
        return False
    chain, key, rest = _chain(before), last.lower(), before[: len(before) - len(last)]
    count = _COUNT.search(rest) if last.islower() else None
    if visible[:1].isdigit():
        if key in rules.before_number or (count is not None and key in rules.between_numbers):
            return True
        if count is not None and key in rules.hours:
            return len(count[0].strip()) <= 2
    if count is not None and key in rules.after_number:
        return False
    if chain in rules.may_end:
        return key in rules.lists and visible[:1].isalpha() and not (_starts(visible, rules) or rules.ands.search(rest))
    if key in rules.unless_starter:
        return not _starts(visible, rules)
    if chain in rules.never or key in rules.never:
        return True
    if len(last) == 1 and last.isalpha():
        if visible[:1].isdigit():
            return key not in rules.after_number
        if chain != key:  # "U.S. Steel", "J. R. R. Tolkien"; but "in the U.S. The company"
            return not _starts(visible, rules)
        return last != "I" and not _starts(visible, rules) if last.isupper() else visible[:1].isupper()
    return False


def _chain(before: str) -> str:
    """The dotted run of short words that ends in `before`: "т. д" and "т.д" give "т.д"."""
    parts: list[str] = []
    rest = before
    while True:
        found = _LAST_WORD.search(rest)
        if found is None or (parts and len(found[0]) > 3):
            break
        parts.append(found[0])
        rest = rest[: found.start()].rstrip(" \u00a0\u202f\u2009")
        if not rest.endswith("."):
            break
        rest = rest[:-1]
    return ".".join(reversed(parts)).lower()


def _starts(visible: str, rules: _Rules) -> bool:
    """Whether a word that often begins a sentence follows; "В" does, "В. И. Ленин" does not."""
    word = _first_word(visible)
    return word in rules.starters and not (len(word) == 1 and visible[1:2] == ".")


def _first_word(text: str) -> str:
    found = re.match(r"[^\W\d_]+", text)
    return found[0] if found else ""
