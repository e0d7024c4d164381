"""What the reader is taught when: from single facts in English to long chains, searches and two languages."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np

from ..transcripts import Conversation, read, search
from ..world.corpus import build_corpus, corpus_question
from ..world.questions import Question, make_question
from ..world.relations import Language
from ..world.worlds import LANGUAGES, World, build_world, write_passages
from .drills import drill, table
from .packing import Cut, Item, Packer, stack

SHORT, LONG = 640, 1280  # tokens in a row
TOKENS_A_LINE = 100  # of a row, for each line of the table that it begins with: one token in six
LONG_SEARCHING = 0.6  # share of searches in long rows
COLLECTIONS = 0.7  # share of searches over documents that mention one another, as in a real collection
QUESTIONS = 8  # at most, about one set of passages
MIX = {
    "hop1": 0.1,
    "hop2": 0.15,
    "hop3": 0.18,
    "hop4": 0.14,
    "none": 0.12,
    "sum": 0.07,
    "compare": 0.14,
    "count": 0.03,
    "yesno": 0.07,
}
SEARCH_MIX = {
    "hop1": 0.1,
    "hop2": 0.26,
    "hop3": 0.25,
    "hop4": 0.14,
    "none": 0.13,
    "sum": 0.04,
    "compare": 0.06,
    "yesno": 0.02,
}
COLLECTION_MIX = {
    "hop1": 0.1,
    "hop2": 0.23,
    "hop3": 0.25,
    "hop4": 0.18,
    "none": 0.1,
    "sum": 0.04,
    "compare": 0.06,
    "yesno": 0.04,
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """Shares of each sort of item at one point of the training."""

    level: tuple[float, float, float]  # worlds with chains of 1, of 2, of 3 or 4 facts
    russian: float
    searching: float
    long: float


def lesson_at(progress: float) -> Lesson:
    """Return the lesson for a progress in [0, 1]."""
    if progress < 0.06:
        return Lesson((0.75, 0.25, 0.0), 0.1, 0.0, 0.0)
    if progress < 0.14:
        return Lesson((0.2, 0.6, 0.2), 0.15, 0.1, 0.0)
    if progress < 0.3:
        return Lesson((0.05, 0.25, 0.7), 0.25, 0.25, 0.0)
    return Lesson((0.02, 0.08, 0.9), 0.3, 0.4, 0.4)


def make_world(rng: Random, *, level: int, language: str, split: str, long: bool, searching: bool) -> World:
    """Return a world with passages; level 0, 1, 2 as in Lesson; `long` adds facts that no chain needs."""
    if level == 0:
        widths: tuple[int, ...] = (3,)
    elif level == 1:
        widths = (3, 3)
    else:
        widths = rng.choice([(2, 2, 4, 4), (2, 3, 3, 4), (2, 3, 4), (3, 4, 4), (2, 2, 3, 3), (4, 4)])
    extra = rng.randint(1, 3) + (rng.randint(4, 8) if long else 0)
    numbers = rng.random() < 0.5
    world = build_world(rng, language=language, split=split, widths=widths, extra=extra, numbers=numbers)
    write_passages(rng, world, about_one=searching or rng.random() < 0.35)
    return world


def pick_question(rng: Random, world: World, mix: dict[str, float], tries: int = 8) -> Question | None:
    """Return a question of a random kind that the world can offer."""
    for _ in range(tries):
        question = make_question(rng, world, rng.choices(list(mix), list(mix.values()))[0])
        if question is not None:
            return question
    return None


def make_item(rng: Random, packer: Packer, lesson: Lesson, limit: int, *, long: bool) -> Item | None:
    """Return one random item of at most `limit` tokens, or None when it came out too long; `long` as in make_world."""
    level = rng.choices((0, 1, 2), lesson.level)[0]
    language = "ru" if rng.random() < lesson.russian else "en"
    searching = rng.random() < (LONG_SEARCHING if long else lesson.searching)
    cut = Cut()
    if searching and level == 2 and rng.random() < COLLECTIONS:
        world = build_corpus(rng.getrandbits(32), rng.randint(20, 40), language=language, split="train")
        question = corpus_question(rng, world, rng.choices(list(COLLECTION_MIX), list(COLLECTION_MIX.values()))[0])
    else:
        world = make_world(rng, level=level, language=language, split="train", long=long, searching=searching)
        question = pick_question(rng, world, SEARCH_MIX) if searching else None
    if searching:
        if question is None:
            return None
        given = rng.choice((3, 6)) if rng.random() < 0.12 else 0
        talk = search(rng, world, question, given=given, results=rng.choice((3, 4, 5, 5)))
        item = packer.item(world, [talk], rng, cut, limit)
        return item if any(item.weights) else None
    asked: dict[tuple[str, tuple[tuple[str, str], ...]], Conversation] = {}
    for _ in range(QUESTIONS):
        question = pick_question(rng, world, MIX)
        if question is not None:
            asked.setdefault((question.text, question.lookups), read(world, question))
    if not asked:
        return None
    item = packer.item(world, list(asked.values()), rng, cut, limit)
    return item if any(item.weights) else None


def make_row(rng: Random, packer: Packer, lesson: Lesson, length: int) -> list[Item]:
    """Return items that fill a row of `length` tokens as far as they go: a table, whole texts, drills."""
    row = [table(rng, packer, _words(rng, lesson), length // TOKENS_A_LINE)]
    room, misses = length - len(row[0].ids), 0
    while room > 160 and misses < 4:
        item = make_item(rng, packer, lesson, room, long=length > SHORT)
        if item is None or len(item.ids) > room:
            misses += 1
            continue
        row.append(item)
        room -= len(item.ids)
    while room > 0:
        item = drill(rng, packer, _words(rng, lesson))
        if len(item.ids) > room:
            break
        row.append(item)
        room -= len(item.ids)
    return row


def _words(rng: Random, lesson: Lesson) -> Language:
    return LANGUAGES["ru" if rng.random() < lesson.russian else "en"]


def make_batch(seed: int, packer: Packer, progress: float, tokens: int) -> dict[str, np.ndarray]:
    """Return one batch of about `tokens` tokens; the same arguments give the same batch."""
    rng = Random(seed)
    lesson = lesson_at(progress)
    length = LONG if rng.random() < lesson.long else SHORT
    rows = [make_row(rng, packer, lesson, length) for _ in range(max(1, tokens // length))]
    return stack(rows, length, packer.pad)
