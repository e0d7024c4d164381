"""Measures an exported reader on worlds and names it never saw: freely thinking, on a budget, and searching.

An answer is right when its text, citations aside, is the expected one to the letter. A budget b keeps the first b
tokens of the natural thought, ends it by force and lets the model answer. Every share carries a 95 % Wilson interval.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from .backends import Backend, open_backend
from .chat import CALL, END_CALL, END_THINK, THINK
from .training.curriculum import make_world, pick_question
from .transcripts import number_passages, read
from .world.corpus import build_corpus, corpus_questions
from .world.questions import Question
from .world.worlds import World

BUDGETS = (0, 8, 16, 32, 64, 128)
READING = (
    ("en hop1", "en", "test", "hop1"),
    ("en hop2", "en", "test", "hop2"),
    ("en hop3", "en", "test", "hop3"),
    ("en hop4", "en", "test", "hop4"),
    ("en unanswerable", "en", "test", "none"),
    ("en sum", "en", "test", "sum"),
    ("en compare", "en", "test", "compare"),
    ("en count", "en", "test", "count"),
    ("en yesno", "en", "test", "yesno"),
    ("real names hop1", "en", "real", "hop1"),
    ("real names hop2", "en", "real", "hop2"),
    ("ru hop1", "ru", "test", "hop1"),
    ("ru hop2", "ru", "test", "hop2"),
    ("ru hop3", "ru", "test", "hop3"),
    ("ru unanswerable", "ru", "test", "none"),
    ("ru real names hop2", "ru", "real", "hop2"),
)
BUDGETED = ("en hop1", "en hop2", "en hop3", "en hop4", "en unanswerable")
SEARCHING = (
    ("search en hop1", "en", "hop1"),
    ("search en hop2", "en", "hop2"),
    ("search en hop3", "en", "hop3"),
    ("search en hop4", "en", "hop4"),
    ("search en unanswerable", "en", "none"),
    ("search ru hop2", "ru", "hop2"),
)
SEARCH_TOOL = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
MAX_SEARCHES = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One measured share with its interval."""

    name: str
    right: int
    n: int

    @property
    def share(self) -> float:
        """Return right / n."""
        return self.right / self.n

    def interval(self, z: float = 1.959964) -> tuple[float, float]:
        """Return the Wilson score interval (Wilson 1927)."""
        p, n = self.share, self.n
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a report."""
        low, high = self.interval()
        return {
            "cell": self.name,
            "share": round(self.share, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "n": self.n,
        }


def expected(world: World, question: Question) -> str:
    """Return the right answer's text without citations."""
    language = world.language
    if question.answer is None:
        return language.unanswerable
    return bare(language.answer.format(o=question.answer, cites=""))


def bare(text: str) -> str:
    """Return an answer's text without citations and stray spaces."""
    return re.sub(r"\s+", " ", re.sub(r"\s*\[\d+\]", "", text)).replace(" .", ".").strip()


class Evaluation:
    """A reader under test."""

    def __init__(self, folder: Path, *, backend: str = "auto") -> None:
        from .training.tokenizer import load_tokenizer

        self.tokenizer = load_tokenizer(folder)
        self.backend: Backend = open_backend(folder, self.tokenizer.eos_token_id, backend)
        self.end_think: int = self.tokenizer.convert_tokens_to_ids(END_THINK)
        self.think: int = self.tokenizer.convert_tokens_to_ids(THINK)

    def prompt(self, messages: list[dict[str, Any]], tools: list[Any] | None = None) -> list[int]:
        """Return the ids of a conversation up to where the model writes."""
        text = self.tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True, tokenize=False)
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    def reading(self, language: str, split: str, kind: str, n: int, seed: int) -> list[tuple[list[int], str]]:
        """Return `n` prompts of one question over its passages, each with the expected answer."""
        rng = Random(seed)
        made: list[tuple[list[int], str]] = []
        while len(made) < n:
            world = make_world(rng, level=2, language=language, split=split, long=False, searching=False)
            question = pick_question(rng, world, {kind: 1.0}, tries=1)
            if question is None:
                continue
            talk = read(world, question)
            content = f"{talk.passages}\n\n{world.language.question}{question.text}"
            made.append((self.prompt([{"role": "user", "content": content}]), expected(world, question)))
        return made

    def answers(self, outputs: Sequence[Sequence[int]]) -> list[str]:
        """Return the bare answers after the thoughts; a thought that never ended gives an empty one."""
        texts = []
        for ids in outputs:
            rest = list(ids)[list(ids).index(self.end_think) + 1 :] if self.end_think in ids else []
            texts.append(bare(self.tokenizer.decode(rest, skip_special_tokens=True)))
        return texts

    def read_cell(self, name: str, language: str, split: str, kind: str, n: int, seed: int) -> list[Cell]:
        """Return the free cell and, where asked for, one cell per budget, all on the same questions."""
        made = self.reading(language, split, kind, n, seed)
        outputs = self.backend.generate([prompt for prompt, _ in made], 400)
        truths = [truth for _, truth in made]
        free = [a == t for a, t in zip(self.answers(outputs), truths, strict=True)]
        cells = [Cell(name, sum(free), n)]
        if name not in BUDGETED:
            return cells
        thoughts = [o[1 : o.index(self.end_think)] if self.end_think in o else o[1:] for o in outputs]
        for budget in BUDGETS:
            short = [i for i, thought in enumerate(thoughts) if len(thought) > budget]
            forced = [[*made[i][0], self.think, *thoughts[i][:budget], self.end_think] for i in short]
            marks = list(free)
            for i, ids in zip(short, self.backend.generate(forced, 64), strict=True):
                marks[i] = bare(self.tokenizer.decode(ids, skip_special_tokens=True)) == truths[i]
            cells.append(Cell(f"{name} @{budget}", sum(marks), n))
        return cells

    def search_cell(self, name: str, language: str, kind: str, n: int, seed: int, documents: int = 400) -> Cell:
        """Return the share answered by searching `documents` documents by words, at most MAX_SEARCHES times."""
        world = build_corpus(seed, documents, language=language)
        questions = corpus_questions(seed, world, n, {kind: 1.0})
        finder = WordSearch(list(world.kinds), [p.text for p in world.passages])
        talks: list[list[dict[str, Any]]] = [
            [{"role": "user", "content": f"{world.language.question}{q.text}"}] for q in questions
        ]
        counts, answers = [0] * n, [""] * n
        waiting = list(range(n))
        for _ in range(MAX_SEARCHES + 1):
            prompts = [self.prompt(talks[i], [SEARCH_TOOL]) for i in waiting]
            still = []
            for i, ids in zip(waiting, self.backend.generate(prompts, 300), strict=True):
                text = self.tokenizer.decode(ids, skip_special_tokens=False)
                thought, _, rest = text.partition(END_THINK)
                query = parse_call(rest)
                if query is None:
                    answers[i] = bare(rest)
                    continue
                found = [world.passages[d] for d in finder.best(query, 5)]
                call = {"type": "function", "function": {"name": "search", "arguments": {"query": query}}}
                turn = {"role": "assistant", "reasoning_content": thought.replace(THINK, ""), "tool_calls": [call]}
                talks[i].append(turn)
                talks[i].append({"role": "tool", "content": number_passages(found, counts[i] + 1)})
                counts[i] += len(found)
                if counts[i] < 35:
                    still.append(i)
            waiting = still
            if not waiting:
                break
        right = sum(a == expected(world, q) for a, q in zip(answers, questions, strict=True))
        return Cell(name, right, n)


def parse_call(text: str) -> str | None:
    """Return the query of a search the model wrote, or None if it wrote none that can be read."""
    if CALL not in text:
        return None
    try:
        query = json.loads(text.partition(CALL)[2].partition(END_CALL)[0])["arguments"]["query"]
    except (ValueError, KeyError, TypeError):
        return None
    return query if isinstance(query, str) else None


class WordSearch:
    """Finds documents by shared words, rare and repeated ones counting more: a search engine for tests."""

    def __init__(self, titles: Sequence[str], texts: Sequence[str]) -> None:
        pairs = zip(titles, texts, strict=True)
        self.bags = [Counter(re.findall(r"\w+", f"{title} {text}".lower())) for title, text in pairs]
        self.frequency = Counter(word for bag in self.bags for word in bag)

    def best(self, query: str, k: int) -> list[int]:
        """Return the positions of the `k` best documents; a word counts n / (n + 1) over its document frequency."""
        words = set(re.findall(r"\w+", query.lower())) & set(self.frequency)
        scores = [sum(bag[w] / (bag[w] + 1) / self.frequency[w] for w in words) for bag in self.bags]
        return sorted(range(len(scores)), key=lambda i: -scores[i])[:k]


def evaluate(folder: Path, *, n: int = 300, seed: int = 2026, backend: str = "auto") -> list[Cell]:
    """Return every cell for an exported reader."""
    test = Evaluation(folder, backend=backend)
    cells: list[Cell] = []
    for i, (name, language, split, kind) in enumerate(READING):
        cells += test.read_cell(name, language, split, kind, n, seed + i)
    for i, (name, language, kind) in enumerate(SEARCHING):
        cells.append(test.search_cell(name, language, kind, n, seed + 100 + i))
    return cells
