"""A set to learn from, made of questions with known answers over an index: see `rows` for what comes out.

Each question is laid out (`layout`), answered by the gold or a teacher (`teaching`), and asked of a scribe in the
student's name (`scribe`). Rows are logged as they are made: run again, a broken-off set goes on. The file appears as a
whole.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from ..config import settings
from ..engines.base import Engine
from ..errors import EvalError, UsageError
from ..eval.running.runs import SampleLog, sample_key
from ..eval.sets.reading import Question
from ..index import Index
from ..rag import loop
from ..reasoning.base import Task
from ..reasoning.spending import Spend
from ..templates import PromptLibrary
from ..types import Budget, Hit
from .layout import WITHHELD, Layout, lay_out
from .models import Learner
from .rows import Row, split_questions, write_set
from .scribe import Scribe, asked_by
from .teaching import Target, gold_target, taught

__all__ = ["Made", "Recipe", "make_rows"]

CUT_SHARE, CUT_AT_START = 0.25, 0.3  # thoughts that are broken off, and those of them at once
IN_FLIGHT = 32


@dataclass(frozen=True, slots=True)
class Recipe:
    """How rows are made. samples: drawn from a teacher for each; shots, bank: examples in the student's prompt."""

    strategy: str = "direct"
    k: int = 6
    samples: int = 4
    shots: int = 0
    bank: str | None = None
    withheld: float = WITHHELD
    cut: float = CUT_SHARE
    rule: str = "contains"
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.withheld < 1 or not 0 <= self.cut <= 1:
            raise UsageError(f"withheld={self.withheld} and cut={self.cut} are shares, between 0 and 1")
        if self.samples < 1 or self.k < 1 or self.shots < 0:
            raise UsageError(f"samples={self.samples}, k={self.k} and shots={self.shots} are counts; give 1 or more")

    def check_teacher(self, *, given: bool) -> None:
        """Raise UsageError for a strategy whose thoughts nobody writes."""
        if self.strategy != "direct" and not given:
            raise UsageError(
                f"the strategy {self.strategy!r} thinks, and a question set holds no thoughts; name a --teacher "
                "(the model itself may be one), or use --strategy direct"
            )


@dataclass(frozen=True, slots=True)
class Made:
    """What became of the questions: rows written, of which how many in each split, and why others gave none."""

    rows: int
    splits: Mapping[str, int]
    left_out: Mapping[str, int]


def make_rows(
    index: Index,
    questions: Sequence[Question],
    out: Path,
    *,
    student: Learner,
    recipe: Recipe = Recipe(),
    teacher: Engine | None = None,
    teacher_name: str = "",
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Made:
    """Write a set to `out`. tell: hears of questions done and in all.

    Raises UsageError for a strategy whose thoughts nobody wrote (it needs a teacher), EvalError where no question
    gave a row.
    """
    if not questions:
        raise UsageError("there are no questions to make rows of; name a set with some")
    maker = _Maker(index, student, recipe, teacher)
    places = split_questions([_documents(q) for q in questions])
    about = {"recipe": asdict(recipe), "student": student.name, "teacher": teacher_name, "index": index.record.id}
    keys = [sample_key(about, q.id, q.question, *q.answers) for q in questions]
    path = out.with_name(f"{out.name}.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    log = SampleLog(path)
    try:
        done = len(log.keys & set(keys))
        tell(done, len(questions))

        async def everything() -> None:
            nonlocal done
            room = asyncio.Semaphore(IN_FLIGHT)

            async def one(key: str, question: Question, place: tuple[str, str]) -> None:
                nonlocal done
                async with room:
                    made = await maker.row(question, *place)
                    log.append(
                        [{"key": key, **({"left_out": made} if isinstance(made, str) else {"row": asdict(made)})}]
                    )
                done += 1
                tell(done, len(questions))

            async with asyncio.TaskGroup() as group:
                for key, question, place in zip(keys, questions, places, strict=True):
                    if key not in log.keys:
                        group.create_task(one(key, question, place))

        try:
            loop.run(everything())
        except BaseExceptionGroup as exc:
            raise exc.exceptions[0] from None
    finally:
        log.close()
    found = _logged(path)
    rows = [_row(found[key]["row"]) for key in keys if "row" in found[key]]
    left_out = Counter(found[key]["left_out"] for key in keys if "left_out" in found[key])
    if not rows:
        told = "; ".join(f"{n} {why}" for why, n in left_out.most_common())
        raise EvalError(f"none of {len(questions)} questions gave a row: {told}")
    write_set(out, rows)
    path.unlink()
    return Made(len(rows), Counter(r.split for r in rows), left_out)


class _Maker:
    """Makes one row after the other."""

    def __init__(self, index: Index, student: Learner, recipe: Recipe, teacher: Engine | None) -> None:
        self._index, self._recipe, self._teacher = index, recipe, teacher
        self._scribe = Scribe(student.tokenizer)
        self._prompts = PromptLibrary(settings().prompts)
        self._thinks = recipe.strategy != "direct"
        recipe.check_teacher(given=teacher is not None)

    async def row(self, question: Question, cluster: str, split: str) -> Row | str:
        """The row of one question, or why there is none."""
        rng = Random(f"{self._recipe.seed}:{question.id}")
        layout = await asyncio.to_thread(
            lay_out, self._index, question, self._recipe.k, rng=rng, withheld=self._recipe.withheld
        )
        if layout is None:
            return "whose passages search does not find"
        prompt = await asked_by(self._recipe.strategy, self._task(question, layout, self._scribe, self._recipe.shots))
        if prompt is None:
            return "whose prompt has no room for a passage in the model's window"
        target: Target | None = None
        if self._teacher is None or split == "test":  # what is tested needs no example, and no teacher's choice
            target = gold_target(question, layout, prompt)
        else:
            asked = self._task(question, layout, self._teacher, 0)
            target = await taught(
                asked,
                question,
                layout,
                thinking=self._thinks,
                samples=self._recipe.samples,
                rule=self._recipe.rule,
            )
        if target is None:
            taught_by = self._teacher is not None and split != "test"
            return (
                "that the teacher never answered right" if taught_by else "whose passages found no room in the prompt"
            )
        cut = None
        if split == "train" and target.thought and rng.random() < self._recipe.cut:
            cut = 0.0 if rng.random() < CUT_AT_START else round(rng.random(), 4)
        return Row(
            id=question.id,
            split=split,
            question=question.question,
            answers=question.answers,
            cluster=cluster,
            messages=prompt.messages,
            thinking=prompt.thinking,
            thought=target.thought,
            answer=target.answer,
            layout=layout.kind,
            kind=str(question.meta.get("kind", "")),
            language=question.language,
            cut=cut,
            worse=target.worse,
        )

    def _task(self, question: Question, layout: Layout, engine: Engine, shots: int) -> Task:
        async def search(query: str, k: int) -> list[Hit]:
            return list(layout.hits[:k])

        budget = Budget()
        return Task(
            question=question.question,
            search=search,
            encoder=lambda: self._index.encoder,
            engine=engine,
            budget=budget,
            k=self._recipe.k,
            spend=Spend(budget),
            prompts=self._prompts,
            live=False,
            shots=shots,
            bank=self._recipe.bank,
        )


def _documents(question: Question) -> list[str]:
    """What must not be in two splits: the documents of the question and its cluster."""
    return [*question.relevant, *([question.cluster] if "cluster" in question.meta or not question.relevant else [])]


def _logged(path: Path) -> dict[str, dict[str, Any]]:
    import json

    return {row["key"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def _row(value: Mapping[str, Any]) -> Row:
    return Row(**{**value, "answers": tuple(value["answers"]), "messages": tuple(value["messages"])})
