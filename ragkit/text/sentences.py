"""Sentences as exact spans of the text: English, German, Russian, Ukrainian, and CJK stops; no model, linear time.

A stop ends a sentence unless what stands around it says otherwise: a lower-case letter follows, the word before it is
an abbreviation, an initial or a German ordinal. Blank lines, list markers, headings and table rows end one without it.
"""

from __future__ import annotations

import re

__all__ = ["sentence_spans"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Titles and references: a name or number follows, so the stop never ends a sentence.
_NEVER = _set(
    "mr mrs ms dr prof rev hon gen col capt lt sgt sen rep gov pres st mt ft fig figs eq eqs sec ch vol nos pp vs cf "
    "eg ie viz approx ca resp dept ed eds "
    "hr fr frl dipl ing nr bzw vgl ggf evtl inkl exkl zzgl abs abb tab bd kap sog insb str hrsg geb gest verh mio mrd "
    "tel ziff fa hl "
    "anm aufl bspw d.h z.b u.a z.t i.d.r o.ä e.g i.e z.zt u.u "
    "м им ул пл пер просп корп кв тел стр рис табл гл ст п пп см ср напр тов акад проф доц инж ген полк кап "
    "вул буд обл р-н мал див порівн наприкл т.е т.к т.н т.зв т.о т.з и.о в.о "
    "т.б"
)
# These end an enumeration or a clause: a capital letter after them starts a new sentence.
_MAY_END = _set(
    "etc usw u.s.w u.v.m u.ä d.j jr sr inc ltd co corp gmbh a.m p.m "
    "т.д т.п т.ч др пр г гг в вв р рр н.э н.е ін т.ін м.н тис млн млрд тыс руб грн коп"
)
_BEFORE_NUMBER = _set("no nr nos art p pp s f fig sec ch vol ca т с д ст п гл рис табл кв № hl")
_STARTERS = _set(
    "The This That These Those It He She They We You I In On At As But And However A An If When While After Before For "
    "There Its His Her Their Our My What Who How Why Where Although Since By To From No Not Some Many Most All "
    "Der Die Das Ein Eine Es Er Sie Wir Ich In Im Am Auf Bei Mit Nach Und Aber Doch Dies Diese Dieser Wenn Als "
    "В На Но Он Она Они Оно Это Этот Эта Эти И А Мы Вы Я По При После Если Когда Как Так Все "
    "У Але Він Вона Вони Воно Це Цей Ця Ці І Та Ми Ви Після Якщо Коли Як Усі Всі"
)
_MONTHS = _set(
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "jahrhundert jahrhunderts jh auflage klasse mal jahr tag woche monat quartal halbjahr"
)
_BEFORE_ORDINAL = _set(
    "am vom zum der die das dem den des bis ab seit im beim und jeder jede jedes ihrem seinem ihr sein am. nr band heft"
)

_STOP = re.compile(
    r"(?P<cjk>[。！？｡]+[」』”’）】》〉\"')\]]*)"
    r"|(?P<stop>[.!?…‼⁇⁈⁉؟۔।॥܀։။]+)(?P<close>[\"'»”’“›)\]}*_]*)(?=\s|\Z)"
    r"|(?P<line>\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029])"
)
_BLANK = re.compile(r"[^\S\n\r]*(?:\r\n|[\n\r\f\u2029])")
_ITEM = re.compile(
    r"[^\S\n\r]*(?:[-*+•‣◦▪●–—·]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Zа-яА-Яіїєґ][.)]\s|#{1,6}\s|\||>|```|~~~|=+\s)"
)
_MARKER = re.compile(r"\s*\(?(?:\d{1,3}|[a-zA-Zа-яА-Яіїєґ]|[ivxIVX]{1,5})\Z")
_OPENERS = "\"'«»„“”‘’‚‹›([{¿¡*_—–- "
_LAST_WORD = re.compile(r"[\w’'-]+\Z")
_NUMBER = re.compile(r"(?:(?P<word>[^\W\d_]+)[ \u00a0]+)?\d{1,3}\Z")
_REACH = 24  # characters looked back for an abbreviation
_HEADING = 70  # a first line no longer than this, without a stop, may be a heading


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in order, without outer white space; every visible character is in one.

    >>> [("Dr. Smith paid 3.14. Why?")[a:b] for a, b in sentence_spans("Dr. Smith paid 3.14. Why?")]
    ['Dr. Smith paid 3.14.', 'Why?']
    """
    spans: list[tuple[int, int]] = []
    start, line_start, first_line = 0, 0, True
    for match in _STOP.finditer(text):
        end = match.end()
        if match["line"] is not None:
            blank = _BLANK.match(text, end) is not None
            if (
                blank
                or match["line"] in "\f\v\x1c\x1d\x1e\u2029"
                or _breaks_line(text, line_start, match.start(), end, first_line)
            ):
                start = _close(text, start, match.start(), spans)
                first_line = True
            else:
                first_line = not text[line_start : match.start()].strip() and first_line
            line_start = end
        elif match["cjk"] is not None or _ends(text, start, match):
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


def _breaks_line(text: str, line_start: int, line_end: int, after: int, first_line: bool) -> bool:
    """Whether the line end at `line_end` ends a sentence although no stop stands there."""
    if _ITEM.match(text, after):
        return True
    line = text[line_start : min(line_end, line_start + _HEADING + 10)].strip()
    if not line:
        return False
    if line[0] in "#|" or line.startswith(("= ", "== ", "```", "~~~")):
        return True
    if (
        not first_line
        or len(line) > _HEADING
        or line[-1] in ",;-–—(«„/&"
        or line.endswith((" and", " und", " и", " і", " та"))
    ):
        return False
    following = text[after : after + 2 * _HEADING].split("\n", 1)[0].strip().lstrip(_OPENERS)
    return bool(following) and (following[0].isupper() or following[0].isdigit()) and len(following) > len(line) + 10


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the stop that `match` found, followed by white space or the end of the text, ends a sentence."""
    follow = text[match.end() : match.end() + 32].lstrip()
    if not follow:
        return True
    visible = follow.lstrip(_OPENERS)
    if visible and visible[0].islower() and follow[0] not in "-–—•*":
        return False
    if match["stop"] != ".":
        return not (visible and visible[0].islower())
    before = text[max(start, match.start() - _REACH) : match.start()]
    if match.start() - start <= 8 and _MARKER.match(text[start : match.start()]) and not match["close"]:
        return False  # "1. First item" at the start of a sentence
    return not _abbreviates(before, visible)


def _abbreviates(before: str, visible: str) -> bool:
    """Whether the full stop after `before` belongs to an abbreviation, an initial or an ordinal."""
    number = _NUMBER.search(before)
    if number is not None:
        word = (number["word"] or "").lower()
        nxt = (_first_word(visible) or "").lower()
        return nxt in _MONTHS or (word in _BEFORE_ORDINAL and bool(visible) and visible[0].isalpha())
    found = _LAST_WORD.search(before)
    last = found[0] if found else ""
    if not last:
        return False
    chain = _chain(before)
    key = last.lower()
    if key in _BEFORE_NUMBER and visible[:1].isdigit():
        return True
    if chain in _MAY_END:
        # "г. Москва", but "в 1990 г. Он"
        return key in ("г", "р", "в") and chain == key and not _after_number(before, last) and visible[:1].isalpha()
    if key == "al":
        return _first_word(visible) not in _STARTERS
    if chain in _NEVER or key in _NEVER:
        return True
    if len(last) == 1 and last.isalpha():
        if visible[:1].isdigit():
            return True
        starter = _first_word(visible) in _STARTERS
        if chain != key:  # "U.S. Steel", "J. R. R. Tolkien"; but "in the U.S. The company"
            return not starter
        return last != "I" and not starter if last.isupper() else visible[:1].isupper()
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


def _after_number(before: str, last: str) -> bool:
    rest = before[: len(before) - len(last)].rstrip()
    return bool(rest) and (rest[-1].isdigit() or rest[-1] in "IVXХ")


def _first_word(text: str) -> str:
    found = re.match(r"[^\W\d_]+", text)
    return found[0] if found else ""
