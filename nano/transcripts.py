"""A question turned into a conversation: the passages it starts from, the searches, the thoughts, the answer.

Shape of a conversation: a user turn, then for each search an assistant turn (thought, query) and its results, then the
last assistant turn (thought, answer). With every needed passage given there is one assistant turn and no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .world.questions import Question, answer_text, missing_step, search_query, thought_step
from .world.worlds import Fact, Passage, World


@dataclass(frozen=True, slots=True)
class Turn:
    """One assistant turn: a thought, then either a query (with its results) or the answer."""

    thought: str
    query: str | None = None
    results: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A question with its turns; `searching` says whether the tool `search` is declared."""

    searching: bool
    passages: str
    question: str
    turns: tuple[Turn, ...]


def number_passages(passages: list[Passage], first: int = 1) -> str:
    """Return passages as text, one a line, numbered on from `first`."""
    return "\n".join(f"[{first + i}] {p.text}" for i, p in enumerate(passages))


def read(world: World, question: Question) -> Conversation:
    """Return the conversation that answers from all passages of the world."""
    return _converse(None, world, question, list(world.passages), 0)


def search(rng: Random, world: World, question: Question, *, given: int = 0, results: int = 5) -> Conversation:
    """Return the conversation that searches for what it needs, after `given` random passages."""
    start = rng.sample(world.passages, min(given, len(world.passages)))
    return _converse(rng, world, question, start, results)


def retrieve(rng: Random, world: World, fact: Fact, k: int) -> list[Passage]:
    """Return `k` passages as a search for the fact might: the one that states it, if any, among likely distractors."""
    scored, mention = [], rng.choice((0.6, 2.0))
    for passage in world.passages:
        score = rng.random()
        if fact in passage.facts:
            score += 100
        if any(s == fact[0] for s, _ in passage.facts):
            score += 1.2
        if fact[0] in passage.text:
            score += mention
        if any(r == fact[1] for _, r in passage.facts):
            score += 0.8
        scored.append((score, passage.text, passage))
    best = [p for _, _, p in sorted(scored, key=lambda item: item[:2], reverse=True)[:k]]
    if rng.random() < 0.6:
        rng.shuffle(best)
    return best


def _converse(rng: Random | None, world: World, question: Question, start: list[Passage], k: int) -> Conversation:
    shown: dict[Fact, int] = {fact: i for i, p in enumerate(start, 1) for fact in p.facts}
    given = frozenset(shown)
    count = len(start)
    numbers: list[int] = []
    turns: list[Turn] = []
    thought: list[str] = []
    missing = False
    for fact in question.lookups:
        if rng is not None and fact not in given:  # search for each fact anew, even if it came up by chance
            shown.pop(fact, None)
            query = search_query(world, fact)
            found = retrieve(rng, world, fact, k)
            thought.append(world.language.need.format(query=query))
            turns.append(Turn(" ".join(thought), query, number_passages(found, count + 1)))
            shown.update({f: count + i for i, p in enumerate(found, 1) for f in p.facts})
            count += len(found)
            thought = []
        if fact not in shown:
            thought.append(missing_step(world, fact))
            missing = True
            break
        thought.append(thought_step(world, fact, shown[fact]))
        numbers.append(shown[fact])
    if question.closing and not missing:
        thought.append(question.closing)
    turns.append(Turn(" ".join(thought), answer=answer_text(world, question, numbers)))
    return Conversation(rng is not None, number_passages(start) if start else "", question.text, tuple(turns))
