"""A large invented world as a collection of documents and questions: something to index, search and ask about.

One document tells of one entity, in one to three sentences that name it; its title is the entity's name. Questions need
one to four documents. The files, one JSON object a line:

    documents.jsonl  {"id": "d17", "title": "Veltro", "text": "Veltro is based in Orm."}
    questions.jsonl  {"id": "q3", "question": "Where is the employer of Ann based?", "answers": ["Orm"],
                      "relevant": ["d4", "d17"], "meta": {"kind": "hop2", "hops": 2, "language": "en"}}

The answers of an unanswerable question are empty.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from .questions import Question, ask_chain, compare_question, sum_question, yesno_question
from .relations import OBJECTS
from .worlds import LANGUAGES, RELATIONS_OF, Fact, Namer, Passage, World, value

SHARES = {"P": 0.45, "C": 0.25, "T": 0.15, "M": 0.15}
KINDS = {
    "hop1": 0.15,
    "hop2": 0.25,
    "hop3": 0.2,
    "hop4": 0.12,
    "none": 0.1,
    "sum": 0.06,
    "compare": 0.06,
    "yesno": 0.06,
}


def build_corpus(seed: int, documents: int, *, language: str = "en", split: str = "test") -> World:
    """Return a world of `documents` entities; passage i is the document of the i-th entity.

    Raises ValueError for fewer than 20 documents: the kinds of entities need partners.
    """
    if documents < 20:
        raise ValueError(f"documents={documents} is below 20; a world needs entities of every kind")
    rng = Random(seed)
    world = World(LANGUAGES[language])
    names = Namer(rng, language, split)
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(share * documents))]
    kinds = (kinds + ["P"] * documents)[:documents]
    rng.shuffle(kinds)
    for kind in kinds:
        world.kinds[names.new(kind)] = kind
    members = {kind: [e for e, k in world.kinds.items() if k == kind] for kind in "PCTM"}
    for entity, kind in world.kinds.items():
        count = rng.choices((1, 2, 3), (2, 5, 3))[0]
        chosen = rng.sample(RELATIONS_OF[kind], min(count, len(RELATIONS_OF[kind])))
        if all(OBJECTS[r][1] in "NY" for r in chosen):  # every document leads on to another
            chosen[0] = rng.choice([r for r in RELATIONS_OF[kind] if OBJECTS[r][1] in "PCT"])
        for relation in chosen:
            goal = OBJECTS[relation][1]
            others = value(rng, goal) if goal in "NY" else rng.choice(members[goal])
            while others == entity:
                others = rng.choice(members[goal])
            world.facts[(entity, relation)] = others
    by_entity: dict[str, list[Fact]] = {}
    for fact in world.facts:
        by_entity.setdefault(fact[0], []).append(fact)
    for entity in world.kinds:
        facts = tuple(by_entity[entity])
        world.passages.append(Passage(" ".join(world.wording(f, rng) for f in facts), facts))
    return world


def walk(rng: Random, world: World, hops: int) -> tuple[Fact, ...] | None:
    """Return a random chain of `hops` facts in which no entity comes twice, or None after a dead end."""
    entity = rng.choice(list(world.kinds))
    seen, path = {entity}, []
    for _ in range(hops):
        options = [f for r in RELATIONS_OF.get(world.kinds.get(entity, ""), []) if (f := (entity, r)) in world.facts]
        if not options:
            return None
        path.append(rng.choice(options))
        entity = world.facts[path[-1]]
        if entity in seen:
            return None
        seen.add(entity)
    return tuple(path)


def corpus_question(rng: Random, world: World, kind: str) -> Question | None:
    """Return a question of the kind over a large world, or None where this draw gave none."""
    if kind.startswith("hop"):
        chain = walk(rng, world, int(kind[3:]))
        if chain is None:
            return None
        return Question(kind, ask_chain(rng, world, chain), chain, "", world.facts[chain[-1]], (len(chain) - 1,))
    if kind == "none":
        start = walk(rng, world, rng.choice((0, 1, 1)))
        if start is None:
            return None
        entity = world.facts[start[-1]] if start else rng.choice(list(world.kinds))
        missing = [r for r in RELATIONS_OF.get(world.kinds.get(entity, ""), []) if (entity, r) not in world.facts]
        if not missing:
            return None
        chain = (*start, (entity, rng.choice(missing)))
        return Question(kind, ask_chain(rng, world, chain), chain, "", None, ())
    return {"sum": sum_question, "compare": compare_question, "yesno": yesno_question}[kind](rng, world)


def corpus_questions(seed: int, world: World, count: int, kinds: dict[str, float] | None = None) -> list[Question]:
    """Return `count` different questions over the world."""
    rng, shares = Random(seed), kinds or KINDS
    found: dict[str, Question] = {}
    for _ in range(count * 200):
        if len(found) >= count:
            return list(found.values())
        question = corpus_question(rng, world, rng.choices(list(shares), list(shares.values()))[0])
        if question is not None:
            found.setdefault(question.text, question)
    raise ValueError(f"the world has only {len(found)} of the {count} questions wanted; ask for more documents")


def _meta(question: Question, language: str) -> dict[str, Any]:
    kind = "unanswerable" if question.answer is None else question.kind
    return {"kind": kind, "hops": len(question.lookups), "language": language}


def write_corpus(
    out: Path, *, seed: int, documents: int, questions: int, language: str = "en", split: str = "test"
) -> World:
    """Write documents.jsonl and questions.jsonl into `out` and return the world."""
    world = build_corpus(seed, documents, language=language, split=split)
    names = {entity: f"d{i}" for i, entity in enumerate(world.kinds)}
    rows: list[dict[str, Any]] = []
    for i, question in enumerate(corpus_questions(seed + 1, world, questions)):
        stated = [fact for fact in question.lookups if fact in world.facts]
        rows.append(
            {
                "id": f"q{i}",
                "question": question.text,
                "answers": [] if question.answer is None else [question.answer],
                "relevant": list(dict.fromkeys(names[subject] for subject, _ in stated)),
                "meta": _meta(question, language),
            }
        )
    texts = [
        {"id": name, "title": entity, "text": passage.text}
        for (entity, name), passage in zip(names.items(), world.passages, strict=True)
    ]
    out.mkdir(parents=True, exist_ok=True)
    for name, lines in (("documents.jsonl", texts), ("questions.jsonl", rows)):
        (out / name).write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
        )
    return world
