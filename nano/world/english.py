"""The English words of the invented worlds."""

from __future__ import annotations

from .relations import Language, Wording


def _same(*texts: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((text, text, text) for text in texts)


_WORDINGS = {
    "employer": Wording(
        "employer",
        ("{s} works at {o}.", "{s} has a job at {o}.", "{o} hired {s}.", "{s} is employed by {o}."),
        ("Where does {x} work?", "Which company employs {x}?", "Who is the employer of {x}?"),
        _same("the employer of {x}", "the company that employs {x}"),
        "employer of {x}",
    ),
    "home": Wording(
        "home town",
        ("{s} lives in {o}.", "{s} has a house in {o}.", "The home of {s} is in {o}.", "{o} is home to {s}."),
        ("Where does {x} live?", "In which town does {x} live?", "What is the home town of {x}?"),
        _same("the home town of {x}", "the town that is home to {x}"),
        "home town of {x}",
    ),
    "birthplace": Wording(
        "birthplace",
        ("{s} was born in {o}.", "{o} is where {s} was born.", "{s} comes from {o}.", "{s} is a native of {o}."),
        ("Where was {x} born?", "In which town was {x} born?", "What is the birthplace of {x}?"),
        _same("the birthplace of {x}"),
        "birthplace of {x}",
    ),
    "teacher": Wording(
        "teacher",
        ("{s} was taught by {o}.", "{o} taught {s}.", "{s} studied under {o}.", "{s} was a student of {o}."),
        ("Who taught {x}?", "Who is the teacher of {x}?"),
        _same("the teacher of {x}", "the person who taught {x}"),
        "teacher of {x}",
    ),
    "age": Wording(
        "age",
        ("{s} is {o} years old.", "{s} turned {o} this year.", "The age of {s} is {o}."),
        ("How old is {x}?", "What is the age of {x}?"),
        _same("the age of {x}"),
        "age of {x}",
    ),
    "director": Wording(
        "director",
        ("{s} is led by {o}.", "{o} runs {s}.", "The director of {s} is {o}.", "{o} is in charge of {s}."),
        ("Who runs {x}?", "Who leads {x}?", "Who is the director of {x}?"),
        _same("the director of {x}", "the person who runs {x}"),
        "director of {x}",
    ),
    "seat": Wording(
        "seat",
        (
            "{s} is based in {o}.",
            "The offices of {s} are in {o}.",
            "{s} has its seat in {o}.",
            "{o} is the seat of {s}.",
        ),
        ("Where is {x} based?", "In which town is {x} based?", "What is the seat of {x}?"),
        _same("the seat of {x}", "the town of the offices of {x}"),
        "seat of {x}",
    ),
    "founder": Wording(
        "founder",
        ("{s} was founded by {o}.", "{o} founded {s}.", "{s} was started by {o}.", "The founder of {s} is {o}."),
        ("Who founded {x}?", "Who started {x}?", "Who is the founder of {x}?"),
        _same("the founder of {x}", "the person who founded {x}"),
        "founder of {x}",
    ),
    "staff": Wording(
        "staff",
        ("{s} has a staff of {o}.", "{s} employs {o} people.", "There are {o} employees at {s}."),
        ("How many people work at {x}?", "How large is the staff of {x}?"),
        _same("the staff of {x}"),
        "staff of {x}",
    ),
    "year": Wording(
        "founding year",
        ("{s} was set up in {o}.", "{s} opened in {o}.", "The founding year of {s} is {o}."),
        ("When was {x} set up?", "What is the founding year of {x}?"),
        _same("the founding year of {x}"),
        "founding year of {x}",
    ),
    "mayor": Wording(
        "mayor",
        (
            "{s} is governed by {o}.",
            "The mayor of {s} is {o}.",
            "{o} is the mayor of {s}.",
            "{s} elected {o} as mayor.",
        ),
        ("Who is the mayor of {x}?", "Who governs {x}?"),
        _same("the mayor of {x}", "the person who governs {x}"),
        "mayor of {x}",
    ),
    "twin": Wording(
        "twin town",
        ("{s} is twinned with {o}.", "The twin town of {s} is {o}.", "{s} chose {o} as its twin town."),
        ("What is the twin town of {x}?", "Which town is {x} twinned with?"),
        _same("the twin town of {x}"),
        "twin town of {x}",
    ),
    "maker": Wording(
        "maker",
        ("{s} is made by {o}.", "{o} makes {s}.", "The maker of {s} is {o}.", "{s} is a product of {o}."),
        ("Who makes {x}?", "Which company makes {x}?", "Who is the maker of {x}?"),
        _same("the maker of {x}", "the company that makes {x}"),
        "maker of {x}",
    ),
    "designer": Wording(
        "designer",
        ("{s} was designed by {o}.", "{o} designed {s}.", "{s} is the work of {o}.", "The designer of {s} is {o}."),
        ("Who designed {x}?", "Who is the designer of {x}?"),
        _same("the designer of {x}", "the person who designed {x}"),
        "designer of {x}",
    ),
    "price": Wording(
        "price",
        ("{s} costs {o} dollars.", "The price of {s} is {o} dollars.", "{s} sells for {o} dollars."),
        ("How much does {x} cost?", "What is the price of {x}?"),
        _same("the price of {x}"),
        "price of {x}",
    ),
}

ENGLISH = Language(
    code="en",
    wordings=_WORDINGS,
    kinds=dict.fromkeys("PCTM", ("{x}", "{x}", "{x}")),
    question="Question: ",
    step="The {noun} of {s} is {o} [{n}].",
    missing="The {noun} of {s} is not given.",
    need="I need the {query}.",
    answer="The answer is {o} {cites}.",
    unanswerable="The answer is not in the documents.",
    true="Is it true that {statement}?",
    claimed="The question says {o}.",
    yes="yes",
    no="no",
    more="{a} is more than {b}: {o}.",
    less="{a} is less than {b}: {o}.",
    count="That makes {o}.",
    compare={
        "age": ("Who is older, {a} or {b}?", "Who is younger, {a} or {b}?"),
        "staff": ("Which has more staff, {a} or {b}?", "Which has less staff, {a} or {b}?"),
        "price": ("Which costs more, {a} or {b}?", "Which costs less, {a} or {b}?"),
    },
    sums={
        "age": ("What is the total age of {a} and {b}?", "How old are {a} and {b} together?"),
        "staff": ("What is the total staff of {a} and {b}?", "How many people work at {a} and {b} together?"),
        "price": ("What is the total price of {a} and {b}?", "How much do {a} and {b} cost together?"),
    },
    counts={
        "home": ("How many of these people live in {x}?", "How many of these people have a home in {x}?"),
        "employer": ("How many of these people work at {x}?", "How many of these people are employed by {x}?"),
    },
    arithmetic="What is {a} + {b}?",
    larger=("Which is more, {a} or {b}?", "Which is less, {a} or {b}?"),
    openings=("According to the register, ", "As far as we know, ", "Reports say that ", "It is known that "),
)
