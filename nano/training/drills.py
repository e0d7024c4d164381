"""Short items: tables of sums, comparisons and choices at the head of rows; exercises that fill the room rows leave.

A sum takes seven tokens of which one has to be known, so a table of them teaches arithmetic for a fifth of what whole
questions cost; its sentences are those that thoughts end with, word for word.
"""

from __future__ import annotations

from random import Random

from ..chat import END, END_THINK, GENERATION_PROMPT, START, THINK
from ..world.names import invent
from ..world.questions import claim_texts, comparison, in_total
from ..world.relations import NUMBERS, OBJECTS, Language
from .packing import NEVER, Item, Packer

SHARES = {"table": 0.6, "sum": 0.1, "larger": 0.1, "claim": 0.2}
RESULT_WEIGHT = 3  # loss on a result in a table
TABLE_LINES = 16
LINES = {"sum": 0.5, "comparison": 0.15, "choice": 0.35}  # shares in a table
STARTS = 800  # tables begin anywhere up to this position, as the ends of thoughts do


def drill(rng: Random, packer: Packer, words: Language) -> Item:
    """Return a drill of a random sort."""
    sort = rng.choices(list(SHARES), list(SHARES.values()))[0]
    if sort == "table":
        return table(rng, packer, words, rng.randint(3, TABLE_LINES))
    if sort == "claim":
        return _exercise(rng, packer, words, *_claim(rng, words), cites="[1]")
    a, b = rng.sample(range(2, 100), 2)
    if sort == "sum":
        asked, thought, answer = words.arithmetic, in_total(a, b), a + b
    else:
        most = rng.random() < 0.55
        asked, answer = words.larger[0 if most else 1], max(a, b) if most else min(a, b)
        thought = comparison(words, a, b, most=most)
    return _exercise(rng, packer, words, "", asked.format(a=a, b=b), thought, str(answer))


def table(rng: Random, packer: Packer, words: Language, lines: int = TABLE_LINES) -> Item:
    """Return sums, comparisons and choices of two numbers from 2 to 99; only their results carry loss."""
    item, start = Item(), rng.randrange(STARTS)
    makers = {"sum": _sum, "comparison": _comparison, "choice": choice}
    for sort in rng.choices(list(LINES), list(LINES.values()), k=lines):
        given, result = makers[sort](rng, words)
        for ids, weight in ((packer.encode(given), 0), (packer.encode(f" {result}"), RESULT_WEIGHT), (packer.stop, 0)):
            item.add(ids, [weight] * len(ids), 0, start + len(item.ids))
    return item


def _sum(rng: Random, words: Language) -> tuple[str, str]:
    return _at_its_end(in_total(rng.randint(2, 99), rng.randint(2, 99)))


def _comparison(rng: Random, words: Language) -> tuple[str, str]:
    return _at_its_end(comparison(words, *rng.sample(range(2, 100), 2), most=rng.random() < 0.5))


def choice(rng: Random, words: Language) -> tuple[str, str]:
    """Return a question which of two has more with the sentence that decides it, and the name it leads to."""
    relation, most = rng.choice(NUMBERS), rng.random() < 0.5
    a, b = rng.sample(range(2, 100), 2)
    names = [invent(rng, OBJECTS[relation][0], words.code, "train") for _ in range(2)]
    asked = words.compare[relation][0 if most else 1].format(a=names[0], b=names[1])
    answer = words.answer.partition(" {o}")[0]
    given = f" {asked} {THINK} {comparison(words, a, b, most=most)}{END_THINK} {answer}"
    return given, names[0 if (a > b) is most else 1]


def _at_its_end(line: str) -> tuple[str, str]:
    given, _, result = line.removesuffix(".").rpartition(" ")
    return f" {given}", result


def _exercise(
    rng: Random, packer: Packer, words: Language, given: str, asked: str, thought: str, answer: str, cites: str = ""
) -> Item:
    ask = packer.encode(f"{START}user\n{given}{packer.asking(words, rng)}{asked}{END}\n{GENERATION_PROMPT}")
    text = words.answer.format(o=answer, cites=cites).replace(" .", ".")
    item = Item()
    item.add(ask, [0] * len(ask), 0, 0)
    ids, weights = packer.written(thought, f" {text}{END}", rng, NEVER)
    item.add(ids, weights, 0, len(ask))
    return item


def _claim(rng: Random, words: Language) -> tuple[str, str, str, str]:
    """Return one passage, a yes/no question about it, the thought and the answer."""
    relation = rng.choice([r for r, (_, kind) in OBJECTS.items() if kind not in "NY"])
    subject, found, other = (invent(rng, OBJECTS[relation][i], words.code, "train") for i in (0, 1, 1))
    claimed = rng.choice((found, other))
    wording = words.wordings[relation]
    asked, closing, word = claim_texts(words, (subject, relation), found, claimed)
    stated = rng.choice(wording.statements).format(s=subject, o=found)
    thought = words.step.format(noun=wording.noun, s=subject, o=found, n=1) + " " + closing
    return f"[1] {stated}\n\n", asked, thought, word
