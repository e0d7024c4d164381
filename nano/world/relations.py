"""What can be said in an invented world: relations, and how a language words them.

A relation leads from a subject kind to an object kind: P people, C companies, T towns, M products, N small whole
numbers, Y years. A wording holds everything a language needs to state it, ask for it, think it and search for it.
"""

from __future__ import annotations

from dataclasses import dataclass

OBJECTS: dict[str, tuple[str, str]] = {
    "employer": ("P", "C"),
    "home": ("P", "T"),
    "birthplace": ("P", "T"),
    "teacher": ("P", "P"),
    "age": ("P", "N"),
    "director": ("C", "P"),
    "seat": ("C", "T"),
    "founder": ("C", "P"),
    "staff": ("C", "N"),
    "year": ("C", "Y"),
    "mayor": ("T", "P"),
    "twin": ("T", "T"),
    "maker": ("M", "C"),
    "designer": ("M", "P"),
    "price": ("M", "N"),
}
NUMBERS = ("age", "staff", "price")
COUNTED = ("home", "employer")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language words one relation.

    statements: {s} and {o}; the first is the one yes/no questions repeat.
    asks, phrases, query: {x} is the subject as a plain name; {n}, {g}, {a} are the subject with its kind, in the
    nominative, genitive and accusative (the same text in English).
    phrases: (nominative, genitive, accusative) of the object described by its subject.
    """

    noun: str
    statements: tuple[str, ...]
    asks: tuple[str, ...]
    phrases: tuple[tuple[str, str, str], ...]
    query: str


@dataclass(frozen=True, slots=True)
class Language:
    """All the fixed words of one language."""

    code: str
    wordings: dict[str, Wording]
    kinds: dict[str, tuple[str, str, str]]  # name with its kind: nominative, genitive, accusative
    question: str
    step: str
    missing: str
    need: str
    answer: str
    unanswerable: str
    true: str
    claimed: str
    yes: str
    no: str
    more: str  # {a} than {b}, in the order of the question; {o} is yes or no
    less: str
    count: str
    compare: dict[str, tuple[str, str]]  # (which has more, which has less)
    sums: dict[str, tuple[str, ...]]
    counts: dict[str, tuple[str, ...]]
    arithmetic: str
    larger: tuple[str, str]  # which of two numbers is more, which is less
    openings: tuple[str, ...]
