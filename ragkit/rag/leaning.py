"""Follow-up detection by rule: whether a question leans on the one before, and which of its words it lacks.

A question leans that has a pronoun, begins with "and" or "what about", has no word of its own, or only two words. What
a pronoun stands for may be anywhere in the previous question, so all its content words are carried, in brackets. A
question that names a new matter takes the place of the old one: it carries what was asked of that and the things that
were named, not the matter itself. One that names another thing takes the place of the old name alone. One that asks who
does something else carries nothing.

>>> stand_alone("How long does it take?", "Who approves a sabbatical?")
'How long does it take? (approves sabbatical)'
>>> stand_alone("And cheaper trips?", "Who approves travel over 2,000 euros?")
'And cheaper trips? (approves)'
>>> stand_alone("What about a service?", "How much is a tyre change for the Borel 5?")
'What about a service? (Borel 5)'
>>> stand_alone("And for the Astra 3?", "What about a service? (Borel 5)")
'And for the Astra 3? (service)'
>>> stand_alone("Who pays for a train ticket?", "Who approves a sabbatical?")
'Who pays for a train ticket?'
"""

from __future__ import annotations

import re

from ..text import detect_language, fold, words
from ..text.language import function_words
from ..text.languages import FollowUps, entries, language

__all__ = ["WORD", "content_words", "points_back", "stand_alone", "stem"]

FEW_WORDS = 2  # a question of so few words is taken for the rest of another
MAX_CARRIED = 8
STEM = 5

_NEUTRAL = frozenset({"the", "a", "an", "is", "are", "was", "were", "be"})
_CARRIED = re.compile(r"(.*\S)\s*\(([^()]*)\)\s*", re.DOTALL)
WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_][\w'’ʼ-]*")


def points_back(question: str) -> bool:
    """Whether a question leans on the one before."""
    lowered = " ".join(question.lower().split()).lstrip("¿¡ ")
    if _points(lowered):
        return True
    if lowered.startswith(_openings(_language(question))):
        return not _asks_itself(question)
    return len(words(question)) <= FEW_WORDS or not content_words(question)


def stand_alone(question: str, previous: str) -> str:
    """The question with what it lacks of `previous` behind it when it leans on that, else as it is."""
    if not previous or not points_back(question):
        return question
    said = {stem(w) for w in WORD.findall(question)}
    carried = [p for p in _lacking(question, previous) if not {stem(w) for w in WORD.findall(p)} <= said]
    return f"{question} ({' '.join(carried[:MAX_CARRIED])})" if carried else question


def _lacking(question: str, previous: str) -> list[str]:
    """The words and names of `previous` that a question that leans on it may lack."""
    found = _CARRIED.fullmatch(previous)
    base, before = (found[1], found[2]) if found else (previous, "")
    if not content_words(question) or _points(" ".join(question.lower().split())):
        return [*_phrases(base), *_phrases(before)]
    named = {*_names(base), *_names(before)}
    if _names(question):  # another thing of the same matter
        return [p for p in (*_phrases(base), *_phrases(before)) if p not in named]
    asked = [] if points_back(base) else _asked_of_the_matter(base)
    return list(dict.fromkeys([*asked, *_names(base), *_phrases(before)]))


def content_words(text: str) -> list[str]:
    """The words of a question that carry its matter, in order, once each."""
    skip = _empty_words(text)
    return list(dict.fromkeys(w for w in WORD.findall(text) if w.lower() not in skip and len(w) > 1))


def _empty_words(text: str) -> frozenset[str]:
    return function_words(_language(text)) | _NEUTRAL | _pointing(text)


def _phrases(text: str) -> list[str]:
    """The content words of a text in order, each name as one: "tyre change Borel 5" are three."""
    names = {start: (end, text[start:end]) for start, end in _name_spans(text)}
    found: list[str] = []
    skip, at = set(content_words(text)), 0
    for match in WORD.finditer(text):
        if match.start() in names:
            at, name = names[match.start()]
            found.append(name)
        elif match.start() >= at and match[0] in skip:
            found.append(match[0])
    return list(dict.fromkeys(found))


def _names(text: str) -> list[str]:
    return [text[start:end] for start, end in _name_spans(text)]


def _name_spans(text: str) -> list[tuple[int, int]]:
    """Where things are named: "Borel 5", "RX-4410-C", "Lyon"; not the first word, nor the unit of "2,000 Euro"."""
    told = _told(text)
    prepositions = set(told.before_details.split()) if told is not None else set()
    articles = set(told.articles.split()) if told is not None else set()
    nouns_capital, empty = told is not None and told.nouns_capital, _empty_words(text)
    spans: list[tuple[int, int]] = []
    opened = False  # by a preposition, and no more than an article since
    after: re.Match[str] | None = None
    for match in WORD.finditer(text):
        word, lowered = match[0], match[0].lower()
        joins = bool(spans) and text[spans[-1][1] : match.start()].isspace()
        coded = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        capital = word[0].isupper() and lowered not in empty
        numbered = after is not None and after[0][-1].isdigit() and not joins
        shouted = len(word) > 1 and word.isupper() and word.isalpha()
        named = capital and not numbered and (opened if nouns_capital else after is not None)
        if joins and (word[0].isdigit() or coded or capital):
            spans[-1] = (spans[-1][0], match.end())
        elif coded or shouted or named or (capital and _followed(text, match.end())):
            spans.append(match.span())
        opened = lowered in prepositions or (opened and lowered in articles)
        after = match
    return spans


def _followed(text: str, end: int) -> bool:
    """Whether a number follows: "Borel 5"."""
    return re.match(r"[ \u00a0]\d", text[end : end + 2]) is not None


def stem(word: str) -> str:
    """The first letters of a word, by which forms of it are taken for one."""
    return fold(word)[:STEM]


def _points(lowered: str) -> bool:
    told = _told(lowered)
    if told is None:
        return False
    if told.points and re.search(told.points, lowered):
        return True
    if told.nowhere:
        lowered = re.sub(told.nowhere, "", lowered)  # "are there places" points nowhere
    return bool(set(words(lowered)) & set(told.pointing.split()))


def _asks_itself(question: str) -> bool:
    """Whether it asks for somebody, and has a matter of more than one word: "And who hands in receipts?"."""
    told = _told(question)
    who = set(told.who.split()) if told is not None else set()
    return bool(set(words(question.lower())) & who) and len(content_words(question)) > 1


def _asked_of_the_matter(question: str) -> list[str]:
    """What is asked of it: "approves" of "Who approves travel over …", nothing of "How much is a tyre change for …".

    That is what stands before the last article, or else the first content word; both before the first preposition.
    """
    told = _told(question)
    details = set(told.before_details.split()) if told is not None else set()
    articles = set(told.articles.split()) if told is not None else set()
    found = WORD.findall(question)
    end = next((i for i, w in enumerate(found) if w.lower() in details and i > 1), len(found))
    thing = max((i for i, w in enumerate(found[:end]) if w.lower() in articles), default=None)
    matter = content_words(question)
    kept = [w for w in matter if w in found[: end if thing is None else thing]]
    return kept if thing is not None else kept[:1]


def _openings(code: str) -> tuple[str, ...]:
    known = language(code)
    return entries(known.follow_ups.openings) if known is not None and known.follow_ups is not None else ()


def _pointing(text: str) -> frozenset[str]:
    told = _told(text)
    return frozenset(told.pointing.split()) if told is not None else frozenset()


def _told(text: str) -> FollowUps | None:
    known = language(_language(text))
    return known.follow_ups if known is not None else None


def _language(text: str) -> str:
    return detect_language(text) or "en"
