"""Questions about a world, each with the look-ups that answer it.

A question is a plan: facts to look up in order, a closing thought (arithmetic, a comparison), and the answer with the
look-ups it cites. The same plan is thought over given passages or searched for step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from .relations import COUNTED, NUMBERS, Language
from .worlds import RELATIONS_OF, Fact, World

KINDS = ("hop1", "hop2", "hop3", "hop4", "none", "sum", "compare", "count", "yesno")
MIN_RIVALS = 3  # a question of three or four hops is asked only where a guess is right one time in three at most


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what to look up, what to conclude, what to answer.

    answer: None when the last look-up is stated nowhere.
    cited: which look-ups support the answer, by position.
    """

    kind: str
    text: str
    lookups: tuple[Fact, ...]
    closing: str
    answer: str | None
    cited: tuple[int, ...]


def ask_chain(rng: Random, world: World, chain: Sequence[Fact]) -> str:
    """Return a question for the object of the last relation of a chain, naming only its first subject."""
    language = world.language
    subject = chain[0][0]
    kinds = language.kinds[world.kinds[subject]]
    plain: str = subject
    nominative, genitive, accusative = (form.format(x=subject) for form in kinds)
    for _, relation in chain[:-1]:
        phrase = rng.choice(language.wordings[relation].phrases)
        nominative, genitive, accusative = (
            form.format(x=plain, n=nominative, g=genitive, a=accusative) for form in phrase
        )
        plain = nominative
    return rng.choice(language.wordings[chain[-1][1]].asks).format(x=plain, n=nominative, g=genitive, a=accusative)


def chain_question(rng: Random, world: World, hops: int) -> Question | None:
    """Return a question of `hops` look-ups, or None if the world has no fair one."""
    chains = world.chains(hops)
    if hops >= 3:
        chains = [c for c in chains if world.rivals(c[-1][1]) >= MIN_RIVALS]
    if not chains:
        return None
    chain = rng.choice(chains)
    return Question(f"hop{hops}", ask_chain(rng, world, chain), chain, "", world.facts[chain[-1]], (hops - 1,))


def unanswerable_question(rng: Random, world: World, hops: int) -> Question | None:
    """Return a question whose last fact is missing, though the relation is stated of others where possible."""
    stated = {relation for _, relation in world.facts}
    starts: list[tuple[Fact, ...]] = world.chains(hops - 1) if hops > 1 else [()]
    rng.shuffle(starts)
    for start in starts[:12]:
        entity = world.facts[start[-1]] if start else rng.choice(list(world.kinds))
        if entity not in world.kinds:
            continue
        missing = [r for r in RELATIONS_OF[world.kinds[entity]] if (entity, r) not in world.facts]
        tempting = [r for r in missing if r in stated]
        if not missing:
            continue
        chain = (*start, (entity, rng.choice(tempting or missing)))
        return Question("none", ask_chain(rng, world, chain), chain, "", None, ())
    return None


def _pair(rng: Random, world: World) -> tuple[Fact, Fact] | None:
    by_relation = [[f for f in world.facts if f[1] == r] for r in NUMBERS]
    options = [facts for facts in by_relation if len(facts) > 1]
    if not options:
        return None
    first, second = rng.sample(rng.choice(options), 2)
    return first, second


def sum_question(rng: Random, world: World) -> Question | None:
    """Return a question for the sum of two numbers."""
    pair = _pair(rng, world)
    if pair is None:
        return None
    a, b = (world.facts[f] for f in pair)
    total = str(int(a) + int(b))
    text = rng.choice(world.language.sums[pair[0][1]]).format(a=pair[0][0], b=pair[1][0])
    return Question("sum", text, pair, in_total(int(a), int(b)), total, (0, 1))


def compare_question(rng: Random, world: World) -> Question | None:
    """Return a question for the one of two entities with more, or less, of something."""
    pair = _pair(rng, world)
    if pair is None or world.facts[pair[0]] == world.facts[pair[1]]:
        return None
    wants_more = rng.random() < 0.6
    best = sorted(pair, key=lambda f: int(world.facts[f]), reverse=wants_more)[0]
    text = world.language.compare[pair[0][1]][0 if wants_more else 1].format(a=pair[0][0], b=pair[1][0])
    closing = comparison(world.language, *(int(world.facts[f]) for f in pair), most=wants_more)
    return Question("compare", text, pair, closing, best[0], (0, 1))


def in_total(a: int, b: int) -> str:
    """Return the sentence of a thought that adds two numbers."""
    return f"{a} + {b} = {a + b}."


def comparison(language: Language, a: int, b: int, *, most: bool) -> str:
    """Return the sentence of a thought that asks itself whether the first of two numbers is the larger (or smaller).

    Yes is the first that was asked about, no the second: numbers are copied in order, the decision is one word.
    """
    word = language.yes if (a > b) is most else language.no
    return (language.more if most else language.less).format(a=a, b=b, o=word)


def count_question(rng: Random, world: World) -> Question | None:
    """Return a question for the number of people who share an object; look-ups follow the order of the passages."""
    order = {fact: i for i, p in enumerate(world.passages) for fact in p.facts}
    relation = rng.choice(COUNTED)
    facts = [f for f in world.facts if f[1] == relation]
    if not facts:
        return None
    goal = world.facts[rng.choice(facts)]
    same = sorted((f for f in facts if world.facts[f] == goal), key=lambda f: order.get(f, 0))
    text = rng.choice(world.language.counts[relation]).format(x=goal)
    total = str(len(same))
    return Question("count", text, tuple(same), world.language.count.format(o=total), total, tuple(range(len(same))))


def yesno_question(rng: Random, world: World) -> Question | None:
    """Return a question whether a fact is so; half of them claim a wrong object of the same relation."""
    fact = rng.choice(list(world.facts))
    true = world.facts[fact]
    others = sorted({o for (_, r), o in world.facts.items() if r == fact[1] and o != true})
    claimed = rng.choice(others) if others and rng.random() < 0.5 else true
    text, closing, word = claim_texts(world.language, fact, true, claimed)
    return Question("yesno", text, (fact,), closing, word, (0,))


def claim_texts(language: Language, fact: Fact, true: str, claimed: str) -> tuple[str, str, str]:
    """Return the question whether the fact's object is `claimed`, the sentence that ends its thought, and yes or no."""
    form = language.wordings[fact[1]].statements[0]
    statement = form.format(s=fact[0], o=claimed)[:-1]
    if not form.startswith("{"):
        statement = statement[0].lower() + statement[1:]
    word = language.yes if claimed == true else language.no
    return language.true.format(statement=statement), language.claimed.format(o=claimed), word


def make_question(rng: Random, world: World, kind: str) -> Question | None:
    """Return a question of the kind (see KINDS), or None if the world has none to offer."""
    if kind.startswith("hop"):
        return chain_question(rng, world, int(kind[3:]))
    if kind == "none":
        return unanswerable_question(rng, world, rng.choices((1, 2, 3), (4, 4, 2))[0])
    makers = {"sum": sum_question, "compare": compare_question, "count": count_question, "yesno": yesno_question}
    return makers[kind](rng, world)


def thought_step(world: World, fact: Fact, number: int) -> str:
    """Return the sentence of a thought that states a fact and cites passage `number`."""
    noun = world.language.wordings[fact[1]].noun
    return world.language.step.format(noun=noun, s=fact[0], o=world.facts[fact], n=number)


def missing_step(world: World, fact: Fact) -> str:
    """Return the sentence of a thought that says a fact is stated nowhere."""
    return world.language.missing.format(noun=world.language.wordings[fact[1]].noun, s=fact[0])


def search_query(world: World, fact: Fact) -> str:
    """Return what to search for to learn a fact."""
    return world.language.wordings[fact[1]].query.format(x=fact[0])


def answer_text(world: World, question: Question, numbers: Sequence[int]) -> str:
    """Return the final answer; `numbers` are the passages of all look-ups, in order."""
    if question.answer is None:
        return world.language.unanswerable
    cites = " ".join(f"[{n}]" for n in dict.fromkeys(numbers[i] for i in question.cited))
    return world.language.answer.format(o=question.answer, cites=cites)
