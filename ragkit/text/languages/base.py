"""What a language is to ragkit: one record, filled in as far as anybody here knows the language.

Word lists are written as text, words apart by spaces, lower-cased; `_` stands for a space within an entry. They are
compared folded (`ragkit.text.fold`). What is empty is not known, and ragkit does without: no stemmer means words
as they stand, no refusals mean that abstentions are told in English.

Patterns are pieces of regular expressions, matched without regard to case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Detection", "FollowUps", "Language", "Numbers", "Refusals", "Sentences", "SmallTalk", "Talk", "entries"]

Talk = Literal["hello", "thanks", "fine", "bye"]


def entries(written: str) -> tuple[str, ...]:
    """The entries of a word list.

    >>> entries("so i_am")
    ('so', 'i am')
    """
    return tuple(entry.replace("_", " ") for entry in written.split())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Detection:
    """By what a text is told to be in this language, among those of its script.

    words: the commonest ones (articles, pronouns …). letters: telltale ones; `rare` are those of very few languages.
    groups: common runs of letters. lacking: letters that the alphabet lacks. asking: what begins a question, and seldom
    a name. usual: points for being what a few words without other signs are more often than not.
    """

    words: str
    letters: str = ""
    rare: str = ""
    groups: str = ""
    lacking: str = ""
    asking: str = ""
    usual: float = 0.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sentences:
    """Where a full stop does not end a sentence. Abbreviations stand without their last stop; "т.д" is "т. д." too.

    never: titles and references, which a name or number follows. unless_starter: of these, also words of their own: one
    of `starters` after them starts a new sentence. may_end: ends of enumerations and clauses, after which a capital
    letter starts one; `lists` do so after "and" alone. after_number: years and measures behind a number, likewise.
    before_number: before one. between_numbers: behind one number and before another ("5 хв. 30 с"); hours: the same
    behind at most two digits. starters: words that often begin a sentence, in capitals. after_ordinal: nouns that an
    ordinal stands before ("3. März"); before_ordinal: words that stand before one. ands: words for "and".
    date_words, date_ends: what may stand before a date, and the patterns that end one ("24 серпня 1991 р."), which is
    no sentence yet; date_to: words between two years.
    """

    never: str = ""
    unless_starter: str = ""
    may_end: str = ""
    lists: str = ""
    after_number: str = ""
    before_number: str = ""
    between_numbers: str = ""
    hours: str = ""
    starters: str = ""
    after_ordinal: str = ""
    before_ordinal: str = ""
    ands: str = ""
    date_words: str = ""
    date_ends: str = ""
    date_to: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Refusals:
    """How it is said that the documents do not tell: parts of speech, and the sentences made of them.

    A name in capitals stands for its part: "DOCUMENTS DO_NOT (?:ADVERB )*SAY" is "the passages do not explicitly
    state". Parts are lists of words, in which `*` stands for any ending, `_` for a space and a capital name for an
    earlier part. DOCUMENTS is a NOUN after any number of MODIFIER words and before a few AT_HAND. ANY is a gap of
    words, none of them BARRED, for with such a word another clause begins. Sentences are regular expressions otherwise,
    matched at the start of a folded text without punctuation.

    own: the sentence that ragkit itself abstains with. openings: what may stand before a refusal, any number of times.
    not_given: patterns of a sentence that says which fact is not given; the fact is the group `what`. it: what is no
    fact there ("the answer", "this").
    """

    own: str
    parts: Mapping[str, str]
    sentences: tuple[str, ...]
    openings: str = ""
    not_given: tuple[str, ...] = ()
    it: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Numbers:
    """Numbers written out, in all their cases.

    words: value -> its forms; a last "~" or "-" stands for each of `endings` there. 100, and what is from 1000,
    multiply what stands before them. own: forms that are other words in other languages (Spanish "once"): they count
    in a text of this language alone. joined: what joins the parts of one word ("achtundzwanzig"). ands: a word between
    two parts of a number -> the least value before it ("two hundred and five": 100; "vingt et un": 20).
    """

    words: Mapping[int, str]
    endings: Mapping[str, str] = field(default_factory=dict)
    own: str = ""
    joined: str = ""
    ands: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FollowUps:
    """How a question leans on the one before.

    pointing: words that stand for something said before; articles that look the same are left out. points: a pattern
    that does so too; nowhere: one whose matches point nowhere ("is there"). openings: of a question that goes on. who:
    words that ask for somebody. before_details: prepositions. articles: what a thing begins with. nouns_capital:
    whether every noun is written with a capital letter, so that one alone makes no name.
    """

    pointing: str
    openings: str = ""
    who: str = ""
    before_details: str = ""
    articles: str = ""
    nouns_capital: bool = False
    points: str = ""
    nowhere: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SmallTalk:
    """What is said to be polite, and what is said back. said: kind -> phrases. replies: kind -> one sentence.

    around: words that may stand before or after a phrase and change nothing ("ok, thanks a lot!").
    """

    said: Mapping[Talk, str]
    replies: Mapping[Talk, str]
    around: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Language:
    """One language. code: ISO 639-1. name: in English, as prompts say it. script: ISO 15924.

    stemmer: see `ragkit.text.stemming`; spaced: whether words are set apart by spaces. grams: letters of the pieces of
    text that are looked for beside words, 0 for none (see `ragkit.views.analysis`). folds: letters that readers take
    for one (ё -> е). months: twelve entries, each the forms and abbreviations of one month, apart by "|".

    thousands: the mark between them in numbers, "" for a space alone; where it is no comma, a comma stands before
    decimals. apart: what an apostrophe sets apart from a word, elided before it or possessive behind it. name_endings:
    in which the cases of a name differ ("_" for none).

    The words for yes, no, "answer" and "reasoning" (as labels and in sentences), "or", negations, and `sources`
    (patterns for "passage", "document" … before a number in a citation). no_answer: says that the model gave none.
    probably: opens an answer that may not be one. gaps: questions for what is missing in a quotation, by what it is:
    number, year, name, and two (a name told of in two texts).
    login: the words of the page that asks for a password: name, password, key, enter, wrong and busy ({seconds}).
    linking: patterns of a clause that describes one thing by another ("the seat of", "who …"); asks_for_one: of a
    question whose first such clause is its matter.
    """

    code: str
    name: str
    script: str = "Latn"
    detection: Detection | None = None
    stemmer: str = ""
    spaced: bool = True
    grams: int = 4
    folds: Mapping[str, str] = field(default_factory=dict)
    sentences: Sentences | None = None
    refusals: Refusals | None = None
    numbers: Numbers | None = None
    follow_ups: FollowUps | None = None
    small_talk: SmallTalk | None = None
    months: tuple[str, ...] = ()
    thousands: str = ","
    apart: str = ""
    name_endings: str = ""
    yes: str = ""
    no: str = ""
    negations: str = ""
    ors: str = ""
    answer: str = ""
    answer_is: str = ""
    reasoning: str = ""
    sources: str = ""
    no_answer: str = ""
    probably: str = ""
    gaps: Mapping[str, str] = field(default_factory=dict)
    login: Mapping[str, str] = field(default_factory=dict)
    linking: str = ""
    asks_for_one: str = ""
