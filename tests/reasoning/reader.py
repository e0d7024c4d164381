"""A collection of four facts with a word search, and an engine that reads prompts by a rule instead of weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ragkit.engines.base import Engine, Request, Sample
from ragkit.reasoning.base import Search, Task
from ragkit.types import Budget, Hit
from tests.fakes import ScriptedEngine, make_hits, make_task

QUESTION = "Who is the mayor of the seat of the employer of Ann?"
FACTS = (
    "Ann works at Veltro.",
    "Veltro is based in Orm.",
    "Orm elected Bo as mayor.",
    "Bread is baked in the morning.",
    "Trains are late on Sunday.",
)
HITS = make_hits(*FACTS)
STEPS = (("employer", "Ann", "Veltro"), ("seat", "Veltro", "Orm"), ("mayor", "Orm", "Bo"))
ABSTENTION = "The answer is not in the documents."


def word_search(hits: Sequence[Hit] = HITS) -> Search:
    """Ranks by shared words, and gives only what shares any."""

    async def search(query: str, k: int) -> list[Hit]:
        asked = set(re.findall(r"\w+", query.lower())) - {"the", "of", "is", "who", "in", "as"}
        scored = [(len(asked & set(re.findall(r"\w+", h.chunk.text.lower()))), -h.chunk.id, h) for h in hits]
        return [h for n, _, h in sorted(scored, key=lambda x: x[:2], reverse=True) if n][:k]

    return search


def world_task(
    engine: Engine, budget: Budget | int | None = None, *, hits: Sequence[Hit] = HITS, **options: Any
) -> Task:
    """The question over the collection, found by words; k is 1 unless told."""
    task = make_task(QUESTION, hits, engine, budget, **{"k": 1, **options})
    return replace(task, search=word_search(hits))


def call(query: str, name: str = "search", key: str = "query") -> str:
    return f'<tool_call>{{"name": "{name}", "arguments": {{"{key}": "{query}"}}}}</tool_call>'


class RuleEngine(ScriptedEngine):
    """Answers by ``rule(prompt text)``, which gives a script as `ScriptedEngine` takes them."""

    def __init__(self, rule: Callable[[str], str], **options: Any) -> None:
        super().__init__("", **options)
        self.rule = rule

    def _next(self, request: Request) -> Sample:
        ids = request.prompt_ids
        prompt = self._tokenizer.decode(ids) if ids else "\n".join(str(m["content"]) for m in request.messages)
        self.queue = [self.rule(prompt)]
        return super()._next(request)


def _walk(prompt: str) -> tuple[list[str], str | None, int]:
    """Follow the steps as far as the numbered lines go: the thoughts, the missing step, the last number."""
    thoughts: list[str] = []
    number = 0
    for noun, subject, goal in STEPS:
        found = re.search(rf"^\[(\d+)\] [^\n]*\b{subject}\b[^\n]*\b{goal}\b", prompt, re.MULTILINE)
        if found is None:
            return thoughts, f"{noun} of {subject}", number
        number = int(found[1])
        thoughts.append(f"The {noun} of {subject} is {goal} [{number}].")
    return thoughts, None, number


def reads(prompt: str) -> str:
    """Thinks from fact to fact; says which is not given, as the tiny reader does."""
    thoughts, lacks, number = _walk(prompt)
    if lacks is not None:
        return f"{' '.join(thoughts)} The {lacks} is not given.|{ABSTENTION}"
    return f"{' '.join(thoughts)}|The answer is Bo [{number}]."


def calls(prompt: str) -> str:
    """The same, by searching."""
    thoughts, lacks, number = _walk(prompt)
    if lacks is not None:
        words = {"employer of Ann": "Ann works", "seat of Veltro": "Veltro based", "mayor of Orm": "Orm mayor"}
        return f"I need the {lacks}.|{call(words[lacks])}"
    return f"{' '.join(thoughts)}|The answer is Bo [{number}]."
