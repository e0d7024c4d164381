"""Minimal pairs: a sentence of a text with one thing changed, so that its text no longer supports it.

    number      another number, or another of the same text
    date        another year, month or day
    name        another name of the same text, or of a list
    negation    one added or taken away
    opposite    more for less, all for some, first for last
    role        two names or two numbers of the sentence change places
    overreach   some becomes all, can becomes always does, one of becomes the only

and rewordings that keep it true: a lead-in, a bracket dropped, a number written otherwise, a clause by itself.
English, Russian, Ukrainian, German; what needs no grammar works in any language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from ragkit.reader.tokens import NAME, NUMBER, read_words
from ragkit.reader.vocabulary import OPPOSITES
from ragkit.text import detect_language
from ragkit.text.folding import fold

from .minimal_words import ADD, FURTHER, LEADS, MONTH, OPENERS, PLAIN_NUMBER, REMOVE, SAME, SPELLED_OF, YEAR

__all__ = ["CHANGES", "Change", "change", "names_of", "reword"]


@dataclass(frozen=True, slots=True)
class Change:
    """A changed sentence, what kind of change it is, and the words that took another's place."""

    text: str
    kind: str
    was: str
    now: str


def change(kind: str, sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    """Return `sentence` with one thing of `kind` changed, or None where it holds nothing to change.

    others: names of the same text or of a list, one of which takes a name's place.
    """
    made = CHANGES[kind](sentence, others, rng)
    return made if made is not None and fold(made.text) != fold(sentence) else None


def names_of(text: str) -> list[str]:
    """The names in `text`, words written with capitals inside a sentence, neighbours together."""
    spans: list[list[int]] = []
    for word in read_words(text):
        if word.kind != NAME:
            continue
        if spans and re.fullmatch(r"[ \u00a0]|\. ", text[spans[-1][1] : word.start]):
            spans[-1][1] = word.end
        else:
            spans.append([word.start, word.end])
    return [text[a:b] for a, b in spans]


def reword(sentence: str, rng: Random, *, strength: int = 2) -> str:
    """Return `sentence` said otherwise and still true: up to `strength` small changes."""
    language = detect_language(sentence) or "en"
    ways: list[Callable[[str], str]] = [
        lambda s: re.sub(r"\s*\([^()]*\)", "", s),
        lambda s: _lead(s, language, rng),
        lambda s: re.sub(r"(?<=\d),(?=\d{3}\b)", "", s),
        lambda s: re.sub(
            r"\A(?:However|But|And|So|Also|Moreover|Thus|Therefore|Но|И|А|Але|Однак|Однако|Aber),?\s+", "", s
        ),
        lambda s: _synonyms(s, rng),
        lambda s: _synonyms(s, rng),
        lambda s: _part(s, rng),
        lambda s: re.sub(r"[*_`]", "", s),
    ]
    text = sentence
    for way in rng.sample(ways, strength + 1):
        text = way(text)
    return text


def _lead(sentence: str, language: str, rng: Random) -> str:
    lead = rng.choice(LEADS.get(language, LEADS["en"]))
    keeps = sentence[:1].isupper() and sentence[1:2].islower() and sentence.split()[0].lower() in OPENERS
    return lead + (sentence[:1].lower() + sentence[1:] if keeps else sentence)


def _synonyms(sentence: str, rng: Random) -> str:
    fits = [(a, b) for pair in SAME for a, b in (pair, pair[::-1]) if re.search(rf"(?<!\w){a}(?!\w)", sentence)]
    if not fits:
        return sentence
    a, b = rng.choice(fits)
    return re.sub(rf"(?<!\w){a}(?!\w)", b, sentence, count=1)


def _part(sentence: str, rng: Random) -> str:
    """A clause that stands by itself: what comes before a semicolon or ", which", ", and"."""
    cuts = [
        m.start() for m in re.finditer(r"; |, (?:which|where|and|while|but|а|и|но|що|який|яка|und|aber) ", sentence)
    ]
    cuts = [c for c in cuts if len(sentence[:c].split()) >= 5 and "," not in sentence[:c]]
    return sentence[: rng.choice(cuts)] + "." if cuts else sentence


def _number(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    spans = [m for m in PLAIN_NUMBER.finditer(sentence) if not YEAR.fullmatch(m[0])]
    spelled = [m for m in re.finditer(r"[\w']+", sentence) if m[0].lower() in SPELLED_OF]
    found = spans + spelled
    if not found:
        return None
    m = rng.choice(found)
    if m in spelled:
        now = rng.choice([w for w in SPELLED_OF[m[0].lower()] if w != m[0].lower()])
        now = now.capitalize() if m[0][0].isupper() else now
    else:
        rivals = [o for o in others if PLAIN_NUMBER.fullmatch(o) and o != m[0] and not YEAR.fullmatch(o)]
        now = rng.choice(rivals) if rivals and rng.random() < 0.4 else _other_number(m[0], rng)
    return Change(sentence[: m.start()] + now + sentence[m.end() :], "number", m[0], now)


def _other_number(number: str, rng: Random) -> str:
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    roll = rng.random()
    if roll < 0.15 and number.isdigit():
        return number + "0"
    if roll < 0.3 and number.isdigit() and int(number) > 1:
        return str(int(number) * rng.choice((2, 3)))
    at = rng.choice(digits)
    new = rng.choice([d for d in "123456789" if d != number[at]])
    return number[:at] + new + number[at + 1 :]


def _date(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    years = list(YEAR.finditer(sentence))
    months = [m for m in re.finditer(r"\w+", sentence) if m[0] in MONTH]
    also_words = ("May", "March", "mai", "mars")  # which are months only beside a number
    months = [m for m in months if m[0] not in also_words or re.match(r",? \d", sentence[m.end() :])]
    if not years and not months:
        return None
    m = rng.choice(years + months)
    if m in months:
        now = rng.choice([x for x in MONTH[m[0]] if x != m[0]])
    else:
        rivals = [o for o in others if YEAR.fullmatch(o) and o != m[0]]
        by = rng.choice((-20, -10, -5, -3, -2, -1, 1, 2, 3, 5, 10))
        now = rng.choice(rivals) if rivals and rng.random() < 0.4 else str(int(m[0]) + by)
    return Change(sentence[: m.start()] + now + sentence[m.end() :], "date", m[0], now)


def _name(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    here = names_of(sentence)
    said = fold(sentence)
    if not here:
        return None
    was = rng.choice(here)
    alike = [
        o
        for o in dict.fromkeys(others)
        if not (fold(o) in said or o[:1].isdigit() or set(o.split()) & set(was.split()))
        and o.isascii() == was.isascii()
    ]
    same = [o for o in alike if len(o.split()) == len(was.split())] or alike
    if not same:
        return None
    now = rng.choice(same)
    return Change(sentence.replace(was, now, 1), "name", was, now)


def _negation(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    language = detect_language(sentence) or "en"
    tables = [t.get(language, ()) for t in (REMOVE, ADD)]
    for table in tables:
        options = [(m, into) for pattern, into in table for m in re.finditer(pattern, sentence)]
        if options:
            m, into = rng.choice(options)
            now = m.expand(into)
            return Change(sentence[: m.start()] + now + sentence[m.end() :], "negation", m[0], now)
    return None


def _opposite(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    found = [w for w in read_words(sentence) if w.form in OPPOSITES]
    if not found:
        return None
    w = rng.choice(found)
    now = rng.choice(sorted(OPPOSITES[w.form]))
    was = sentence[w.start : w.end]
    now = now.capitalize() if was[:1].isupper() else now
    return Change(sentence[: w.start] + now + sentence[w.end :], "opposite", was, now)


def _role(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    opening = next((n for n in others if sentence.startswith(n) and n[:1].isupper()), "")
    here = [n for n in dict.fromkeys([*names_of(sentence), opening]) if n]
    numbers = list(dict.fromkeys(m[0] for m in PLAIN_NUMBER.finditer(sentence) if not YEAR.fullmatch(m[0])))
    if len(numbers) > 1 and (len(here) < 2 or rng.random() < 0.3):
        here = numbers
    if len(here) < 2:
        return None
    a, b = rng.sample(here, 2)
    if a in b or b in a or re.search(rf"{re.escape(a)}[,/ ]+(?:(?:and|и|і|та|und|et|y) )?{re.escape(b)}|"
                                     rf"{re.escape(b)}[,/ ]+(?:(?:and|и|і|та|und|et|y) "
                                     rf")?{re.escape(a)}", sentence):  # fmt: skip
        return None  # a list: its order says nothing
    text = sentence.replace(a, "\0", 1).replace(b, a, 1).replace("\0", b, 1)
    return Change(text, "role", f"{a} … {b}", f"{b} … {a}")


def _overreach(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    table = FURTHER.get(detect_language(sentence) or "en", ())
    options = [(m, now) for pattern, now in table for m in re.finditer(pattern, sentence)]
    if not options:
        return None
    m, now = rng.choice(options)
    return Change(sentence[: m.start()] + now + sentence[m.end() :], "overreach", m[0], now)


CHANGES: dict[str, Callable[[str, Sequence[str], Random], Change | None]] = {
    "number": _number, "date": _date, "name": _name, "negation": _negation, "opposite": _opposite, "role": _role,
    "overreach": _overreach,
}  # fmt: skip


def rivals(text: str) -> list[str]:
    """Names and numbers of `text`, each of which can take another's place."""
    return names_of(text) + [text[w.start : w.end] for w in read_words(text) if w.kind == NUMBER]
