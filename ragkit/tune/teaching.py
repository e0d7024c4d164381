"""What a row should teach: the gold answer with its citation, or what a teacher wrote, kept only if it was right.

Rejection sampling (Yuan et al. 2023, arXiv:2308.01825): of n samples the shortest thought whose answer holds is kept.
"Right" is what an evaluation calls right, with every citation accepted; an abstention is right where the passages do
not hold the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..augment.packing import clean_line
from ..citing.abstention import abstention
from ..engines.base import Sample
from ..eval.metrics.citations import without_markers
from ..eval.metrics.scoring import RULES
from ..eval.sets.reading import Question
from ..reasoning.answering import Reading, conclude, judge, read
from ..reasoning.base import Task
from ..reasoning.generation import Prompt, draw
from ..reasoning.strategies.aloud import split_reasoning
from ..reasoning.strategies.cot import plan_prompt
from ..types import Answer, Done
from .layout import Layout

__all__ = ["Target", "gold_target", "is_right", "taught"]


@dataclass(frozen=True, slots=True)
class Target:
    """A thought and an answer, as a model should write them. worse: the same of a wrong answer, where there was one."""

    thought: str
    answer: str
    worse: Mapping[str, str] | None = None


def is_right(
    answer: Answer, *, golds: tuple[str, ...], language: str, answerable: bool, rule: str = "contains"
) -> bool:
    """Whether an answer to these passages is right, as an evaluation judges it."""
    if not answerable:
        return answer.status == "abstained"
    told = answer.status == "answered" and bool(answer.citations)
    return told and RULES[rule](without_markers(answer.text), golds, language) == 1.0


def gold_target(question: Question, layout: Layout, prompt: Prompt) -> Target | None:
    """The first gold answer with the numbers of the passages that tell it; the abstention where none does.

    Where no gold passage holds the answer word for word, all of them are cited; None where none stands in the prompt.
    """
    if layout.kind != "gold":
        return Target("", abstention(question.question))
    gold = [hit.chunk.text for hit in layout.hits if str(hit.chunk.id) in layout.gold]
    telling = [text for text in gold if RULES["contains"](text, question.answers, question.language)]
    lines = [line for m in prompt.messages for line in str(m.get("content", "")).splitlines()]
    numbers: set[int] = set()
    for text in telling or gold:
        start = clean_line(text)[:60]
        found = [m for line in lines if start in line and (m := re.match(r"\[(\d+)\] ", line))]
        numbers |= {int(m[1]) for m in found[-1:]}  # the last: worked examples stand before
    cited = "".join(f"[{n}]" for n in sorted(numbers))
    return Target("", f"{question.answers[0].rstrip('.')} {cited}.") if cited else None


async def taught(
    task: Task, question: Question, layout: Layout, *, thinking: bool, samples: int, rule: str = "contains"
) -> Target | None:
    """The shortest right one of what the teacher, `task`'s engine, writes; None where none is right."""
    template, native, more = await plan_prompt(task) if thinking else ("answer", False, {})
    reading = await read(task, layout.hits, template=template, thinking=thinking and native, **more)
    if not reading.packed.passages:
        return None
    drawn = await draw(task, reading.prompt, samples, temperature=0.0 if samples == 1 else task.temperature)
    good: list[tuple[int, Target]] = []
    bad: Target | None = None
    for sample in drawn:
        if thinking and not native:
            thought, said = split_reasoning(sample.answer)
            sample = replace(sample, thinking=thought, answer=said)
        answer, clean = await _checked(task, reading, sample)
        target = Target(sample.thinking.strip(), sample.answer.strip())
        right = is_right(
            answer, golds=question.answers, language=question.language, answerable=layout.kind == "gold", rule=rule
        )
        if right and clean and sample.finish_reason == "stop":
            good.append((len(target.thought), target))
        elif not right and sample.finish_reason == "stop" and target.answer:
            bad = bad or target
    if not good:
        return None
    best = min(good, key=lambda pair: pair[0])[1]
    return best if bad is None else replace(best, worse={"thought": bad.thought, "answer": bad.answer})


async def _checked(task: Task, reading: Reading, sample: Sample) -> tuple[Answer, bool]:
    """The answer that a sample makes, and whether every citation in it was accepted."""
    checked = await judge(task, sample.answer, reading.packed)
    async for event in conclude(task, reading, sample, checked):
        if isinstance(event, Done):
            return event.answer, not checked.removed
    raise RuntimeError("a sample ended without an answer; please report this")
