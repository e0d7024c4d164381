"""Follow-up rewriting: a question of a conversation is made to stand alone, with a model or without one.

A model is asked by the prompt `followup`, with no thinking. Its line is taken only when it is one short line whose
words come from the conversation: a rewrite adds nothing, so a line of new words is an answer or an invention.
Otherwise, and without a model, the rule of `leaning` makes the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..engines.base import Engine, Request, Sample
from ..engines.budgets import neutralise
from ..engines.markers import CONTROL_MARKERS
from ..errors import EngineError, UsageError
from ..reasoning.base import Task
from ..store import Turn
from ..templates import PromptLibrary
from ..text import detect_language, strip_hidden
from .leaning import WORD, content_words, stand_alone, stem
from .small_talk import small_talk

__all__ = ["MAX_HISTORY_CHARACTERS", "compact", "follow_up", "rewrite"]

MAX_HISTORY_CHARACTERS = 4000
RECENT_TURNS = 3  # kept with question and answer; older ones keep their question
MAX_ANSWER_CHARACTERS = 400
MAX_REWRITE_CHARACTERS = 400
REWRITE_TOKENS = 96
KNOWN_SHARE = 0.7  # of a rewrite's content words that the conversation must hold


async def rewrite(
    question: str,
    turns: Sequence[Turn],
    *,
    engine: Engine | None,
    prompts: PromptLibrary,
    seconds: float | None = None,
) -> tuple[str, Sample | None]:
    """Return the standalone question, and the sample that the model spent on it (None where none was asked).

    seconds: for the model at most; the rule takes over when they are used up.
    """
    turns = [turn for turn in turns if small_talk(turn.asked) is None]  # "thanks" is no matter to go on with
    if not turns:
        return question, None
    by_rule = stand_alone(question, turns[-1].understood)
    if engine is None or seconds == 0:
        return by_rule, None
    history = compact(turns)
    request = Request(
        messages=prompts.render("followup", history=_clean(history), question=_clean(question)),
        thinking_tokens=0 if engine.capabilities.budget else None,
        answer_tokens=REWRITE_TOKENS,
        seconds=seconds,
    )
    try:
        (sample,) = await engine.generate(request)
    except (EngineError, UsageError):
        return by_rule, None  # the conversation does not fit this model; the rule needs no model
    line = "" if sample.finish_reason == "abort" else sample.answer.strip().strip("\"'“”«»").strip()
    return (line if _plausible(line, question, history) else by_rule), sample


async def follow_up(task: Task, turns: Sequence[Turn]) -> Task:
    """The task with its question made to stand alone; what that took is booked on the task's account."""
    question, sample = await rewrite(
        task.question, turns, engine=task.engine, prompts=task.prompts, seconds=task.spend.seconds_to_think
    )
    if sample is not None:
        task.spend.charge(replace(sample, ended="natural"), drawn=False)  # how it ended is no matter of the answer's
    return task if question == task.question else replace(task, question=question, asked=task.question)


def compact(turns: Sequence[Turn], limit: int = MAX_HISTORY_CHARACTERS) -> str:
    """The conversation as lines, oldest first, within `limit` characters.

    The last turns keep question and answer, older ones their question; when that is too long the oldest are left out,
    and a first line says how many.
    """
    lines: list[str] = []
    used = 0
    for age, turn in enumerate(reversed(turns)):
        text = f"Question: {_one_line(turn.understood, MAX_ANSWER_CHARACTERS)}"
        if age < RECENT_TURNS:
            text += f"\nAnswer: {_one_line(turn.answer, MAX_ANSWER_CHARACTERS)}"
        if lines and used + len(text) > limit - 40:
            lines.append(f"({len(turns) - age} earlier questions left out)")
            break
        used += len(text) + 1
        lines.append(text)
    return "\n".join(reversed(lines))


def _plausible(line: str, question: str, history: str) -> bool:
    """Whether a model's line can be the question rewritten: one line, not too long, of the conversation's own words."""
    if not line or "\n" in line or len(line) > MAX_REWRITE_CHARACTERS:
        return False
    if (detect_language(line) or "en") != (detect_language(question) or "en"):
        return False
    said = [stem(w) for w in content_words(line)]
    known = {stem(w) for w in WORD.findall(f"{history} {question}")}
    kept = {stem(w) for w in content_words(question)}
    if kept and len(kept & set(said)) * 2 < len(kept):
        return False  # it lost what was asked
    return bool(said) and sum(s in known for s in said) >= KNOWN_SHARE * len(said)


def _one_line(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _clean(text: str) -> str:
    return neutralise(strip_hidden(text), CONTROL_MARKERS)
