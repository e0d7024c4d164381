"""By rule: whether a question leans on the one before, and which of that one's words it lacks.

A question leans that has a pronoun, begins with "and" or "what about", has no word of its own, or only two words. What
a pronoun stands for may be anywhere in the previous question, so all its content words are carried, in brackets. A
question that names a new matter takes the place of the old one: it carries what was asked of that, not the matter
itself. One that asks who does something else carries nothing.

>>> stand_alone("How long does it take?", "Who approves a sabbatical?")
'How long does it take? (approves sabbatical)'
>>> stand_alone("And cheaper trips?", "Who approves travel over 2,000 euros?")
'And cheaper trips? (approves)'
>>> stand_alone("Who pays for a train ticket?", "Who approves a sabbatical?")
'Who pays for a train ticket?'
"""

from __future__ import annotations

import re

from ..text import detect_language, fold, words
from ..text.language import function_words

__all__ = ["WORD", "content_words", "points_back", "stand_alone", "stem"]

FEW_WORDS = 2  # a question of so few words is taken for the rest of another
MAX_CARRIED = 8
STEM = 5

# Words that stand for something said before, per language; articles that look the same are left out.
_POINTING = {
    "en": "it its they them their theirs he him his she her hers this that these those ones there then such same "
    "former latter",
    "de": "er sie es ihn ihm ihr ihre ihrer ihren ihrem ihres sein seine seiner seinen seinem dies diese dieser dieses "
    "diesem diesen davon dafür damit dazu darüber darauf daran dabei dort dann jener jene jenes solche solcher "
    "derselbe dieselbe dasselbe",
    "ru": "он она оно они его её ее ему ей им их ими ней нём нем нему него них этот эта это эти этого этой этому этом "
    "этих этим тот та те того той тех тем там тогда такой такая такие туда оттуда",
    "uk": "він вона воно вони його її йому їй їм їх ними ній ньому нього них цей ця це ці цього цієї цьому цих цим той "
    "та те ті того тієї тих там тоді такий така такі туди звідти",
}
_OPENINGS = {
    "en": ("and ", "what about", "how about", "but ", "or ", "also "),
    "de": ("und ", "was ist mit", "wie ist es mit", "aber ", "oder ", "auch "),
    "ru": ("а ", "и ", "но ", "или ", "также ", "что насчёт", "что насчет", "как насчёт", "как насчет"),
    "uk": ("а ", "і ", "й ", "та ", "але ", "або ", "також ", "що щодо", "як щодо"),
}
_POINTING_ONE = re.compile(r"\b(?:which|the|another|other|each|every|first|second|last) ones?\b")
_EXPLETIVE = re.compile(r"\b(?:is|are|was|were|will|can|has|have|had) there\b|\bthere (?=is\b|are\b|was\b|were\b)")
_WHO = {
    "en": "who whom whose",
    "de": "wer wen wem wessen",
    "ru": "кто кого кому кем чей чья чьё чьи",
    "uk": "хто кого кому ким чий чия чиє чиї",
}
_BEFORE_DETAILS = {
    "en": "of for in on at over under by with from to about above below within without during before after than",
    "de": "von für in im an auf über unter bei mit zu nach vor aus um ohne ab",
    "ru": "в во на о об по за из от до для при с со у над под без через свыше более менее",
    "uk": "в у на про по за із зі з від до для при над під без через понад більше менше",
}
_NEUTRAL = frozenset({"the", "a", "an", "is", "are", "was", "were", "be"})
WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_][\w'’ʼ-]*")


def points_back(question: str) -> bool:
    """Whether a question leans on the one before."""
    lowered = " ".join(question.lower().split())
    if _points(lowered):
        return True
    if lowered.startswith(_OPENINGS.get(_language(question), ())):
        return not _asks_itself(question)
    return len(words(question)) <= FEW_WORDS or not content_words(question)


def stand_alone(question: str, previous: str) -> str:
    """The question with what it lacks of `previous` behind it when it leans on that, else as it is."""
    if not previous or not points_back(question):
        return question
    own = content_words(question)
    substitutes = bool(own) and not _points(" ".join(question.lower().split()))
    said = {stem(w) for w in own}
    lacking = _asked_of_the_matter(previous) if substitutes else content_words(previous)
    carried = [w for w in dict.fromkeys(lacking) if stem(w) not in said]
    return f"{question} ({' '.join(carried[:MAX_CARRIED])})" if carried else question


def content_words(text: str) -> list[str]:
    """The words of a question that carry its matter, in order, once each."""
    skip = function_words(_language(text)) | _NEUTRAL | _pointing(text)
    return list(dict.fromkeys(w for w in WORD.findall(text) if w.lower() not in skip and len(w) > 1))


def stem(word: str) -> str:
    """The first letters of a word, by which forms of it are taken for one."""
    return fold(word)[:STEM]


def _points(lowered: str) -> bool:
    if _language(lowered) == "en":
        if _POINTING_ONE.search(lowered):
            return True
        lowered = _EXPLETIVE.sub("", lowered)  # "are there places" points nowhere
    return bool(set(words(lowered)) & _pointing(lowered))


def _asks_itself(question: str) -> bool:
    """Whether it asks for somebody, and has a matter of more than one word: "And who hands in receipts?"."""
    return (
        bool(set(words(question.lower())) & set(_WHO.get(_language(question), "").split()))
        and len(content_words(question)) > 1
    )


def _asked_of_the_matter(question: str) -> list[str]:
    """The content words before the first preposition, short of the last: "approves" of "Who approves travel over …"."""
    details = set(_BEFORE_DETAILS.get(_language(question), "").split())
    found = WORD.findall(question)
    end = next((i for i, w in enumerate(found) if w.lower() in details and i > 1), len(found))
    kept = [w for w in content_words(question) if w in found[:end]] or content_words(question)
    return kept[:-1] or kept


def _pointing(text: str) -> frozenset[str]:
    return frozenset(_POINTING.get(_language(text), "").split())


def _language(text: str) -> str:
    return detect_language(text) or "en"
