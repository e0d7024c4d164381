"""A small invented world: facts in parallel chains, and passages that state them.

Chains run in parallel over the same relations, so that the last relation of a long question is stated of at least
three subjects with different objects: who does not follow the chain guesses among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from .english import ENGLISH
from .names import invent
from .relations import NUMBERS, OBJECTS, Language
from .russian import RUSSIAN

LANGUAGES: dict[str, Language] = {"en": ENGLISH, "ru": RUSSIAN}
Fact = tuple[str, str]  # (subject, relation)
RELATIONS_OF = {kind: [r for r, (s, _) in OBJECTS.items() if s == kind] for kind in "PCTM"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences and the facts they state."""

    text: str
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class World:
    """Facts about named entities, and the passages that state them all, each once."""

    language: Language
    kinds: dict[str, str] = field(default_factory=dict)
    facts: dict[Fact, str] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)

    def rivals(self, relation: str) -> int:
        """Return how many different objects the relation has here: the floor of a guess is one over it."""
        return len({o for (_, r), o in self.facts.items() if r == relation})

    def chains(self, hops: int) -> list[tuple[Fact, ...]]:
        """Return all paths of `hops` facts in which no entity comes twice."""
        found: list[tuple[Fact, ...]] = []
        outgoing: dict[str, list[Fact]] = {}
        for fact in self.facts:
            outgoing.setdefault(fact[0], []).append(fact)

        def walk(entity: str, path: tuple[Fact, ...], seen: frozenset[str]) -> None:
            if len(path) == hops:
                found.append(path)
                return
            for fact in outgoing.get(entity, []):
                goal = self.facts[fact]
                if goal not in seen:
                    walk(goal, (*path, fact), seen | {goal})

        for entity in list(outgoing):
            walk(entity, (), frozenset([entity]))
        return found

    def wording(self, fact: Fact, rng: Random) -> str:
        """Return a sentence that states the fact."""
        text = rng.choice(self.language.wordings[fact[1]].statements)
        sentence = text.format(s=fact[0], o=self.facts[fact])
        if rng.random() < 0.08:
            opening = rng.choice(self.language.openings)
            return opening + (sentence if text.startswith("{") else sentence[0].lower() + sentence[1:])
        return sentence


class Namer:
    """Hands out names that share no word with one another within one world."""

    def __init__(self, rng: Random, language: str, split: str) -> None:
        self.rng, self.language, self.split = rng, language, split
        self.used: set[str] = set()

    def new(self, kind: str) -> str:
        """Return an unused name; the real-world lists are short, so a used-up kind falls back to invented names."""
        for attempt in range(200):
            split = self.split if self.split != "real" or attempt < 100 else "test"
            name = invent(self.rng, kind, self.language, split)
            words = {w.lower() for w in name.replace("-", " ").split() if len(w) > 2}
            if name.lower() not in self.used and (attempt > 50 or not words & self.used):
                self.used |= words | {name.lower()}
                return name
        raise RuntimeError("no unused name left; ask for fewer entities")


def value(rng: Random, kind: str) -> str:
    """Return a number (N: 2 to 99) or a year (Y)."""
    return str(rng.randint(2, 99)) if kind == "N" else str(rng.randint(1700, 2025))


def _relations(rng: Random, hops: int) -> list[str]:
    while True:
        kind = rng.choices("PCTM", (4, 3, 2, 2))[0]
        path: list[str] = []
        while len(path) < hops:
            last = len(path) == hops - 1
            options = [r for r in RELATIONS_OF[kind] if OBJECTS[r][1] in "PCT" or (last and hops < 4)]
            if not options:
                break
            path.append(rng.choice(options))
            kind = OBJECTS[path[-1]][1]
        if len(path) == hops:
            return path


def build_world(
    rng: Random, *, language: str = "en", split: str = "train", widths: tuple[int, ...], extra: int, numbers: bool
) -> World:
    """Return a world with parallel chains, `widths[i]` facts wide at hop i, and `extra` loose facts.

    `numbers` adds facts of one numeric relation, for sums and comparisons. The passages are not written yet.
    """
    world = World(LANGUAGES[language])
    names = Namer(rng, language, split)

    def entity(kind: str) -> str:
        name = names.new(kind)
        world.kinds[name] = kind
        return name

    relations = _relations(rng, len(widths))
    layer = [entity(OBJECTS[relations[0]][0]) for _ in range(widths[0])]
    for hop, relation in enumerate(relations):
        goal_kind = OBJECTS[relation][1]
        width = max(widths[hop], widths[hop + 1] if hop + 1 < len(widths) else 0)
        goals: list[str] = []
        while len(goals) < width:
            goal = value(rng, goal_kind) if goal_kind in "NY" else entity(goal_kind)
            if goal not in goals:
                goals.append(goal)
        for subject, goal in zip(layer[: widths[hop]], goals, strict=False):
            world.facts[(subject, relation)] = goal
        layer = goals
    if numbers:
        relation = rng.choice(NUMBERS)
        kind = OBJECTS[relation][0]
        have = [e for e, k in world.kinds.items() if k == kind][:2]
        for subject in have + [entity(kind) for _ in range(max(0, rng.randint(2, 3) - len(have)))]:
            world.facts.setdefault((subject, relation), value(rng, "N"))
    for _ in range(extra):
        _add_loose_fact(rng, world, relations, entity)
    return world


def _add_loose_fact(rng: Random, world: World, relations: list[str], entity: object) -> None:
    """Add a fact that leads nowhere new: another relation of a known entity, or a used relation of a stranger."""
    if rng.random() < 0.7:
        subject = rng.choice(list(world.kinds))
        options = [r for r in RELATIONS_OF[world.kinds[subject]] if (subject, r) not in world.facts]
    else:
        relation = rng.choice(relations)
        subject = entity(OBJECTS[relation][0])  # type: ignore[operator]
        options = [relation]
    if not options:
        return
    relation = rng.choice(options)
    goal_kind = OBJECTS[relation][1]
    if goal_kind in "NY":
        world.facts[(subject, relation)] = value(rng, goal_kind)
        return
    known = [e for e, k in world.kinds.items() if k == goal_kind and e != subject]
    chosen = rng.choice(known) if known and rng.random() < 0.5 else entity(goal_kind)  # type: ignore[operator]
    world.facts[(subject, relation)] = chosen


def write_passages(rng: Random, world: World, *, about_one: bool, most: int = 3) -> None:
    """Fill `world.passages` in random order.

    about_one: a passage speaks of one entity, like a document; else of any one or two facts.
    """
    facts = list(world.facts)
    rng.shuffle(facts)
    groups: list[list[Fact]] = []
    if about_one:
        for fact in facts:
            home = next((g for g in groups if g[0][0] == fact[0] and len(g) < most), None)
            if home is None or rng.random() < 0.15:
                groups.append([fact])
            else:
                home.append(fact)
    else:
        while facts:
            size = 2 if rng.random() < 0.75 else 1
            groups.append(facts[:size])
            facts = facts[size:]
    rng.shuffle(groups)
    world.passages = [Passage(" ".join(world.wording(f, rng) for f in group), tuple(group)) for group in groups]
