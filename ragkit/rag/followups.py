"""Make a follow-up question stand alone, with a model or without one.

A model is asked by the prompt `followup`, with no thinking. Its line is taken only when it is one short line whose
words come from the conversation: a rewrite adds nothing, so a line of new words is an answer or an invention.
Otherwise, and without a model, the rule is: a question that points back (it has a pronoun, begins with "and" or "what
about", has no word of its own or only two words) gets the previous question's content words behind it, in brackets.

>>> stand_alone("How long does it take?", "Who approves a sabbatical?")
'How long does it take? (approves sabbatical)'
>>> stand_alone("Who pays for a train ticket?", "Who approves a sabbatical?")
'Who pays for a train ticket?'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..augment.packing import CONTROL_MARKERS
from ..engines.base import Engine, Request, Sample
from ..engines.budgets import neutralise
from ..errors import EngineError, UsageError
from ..reasoning.base import Task
from ..store import Turn
from ..templates import PromptLibrary
from ..text import detect_language, strip_hidden, words
from ..text.language import function_words

__all__ = ["MAX_HISTORY_CHARACTERS", "compact", "follow_up", "points_back", "rewrite", "stand_alone"]

MAX_HISTORY_CHARACTERS = 4000
RECENT_TURNS = 3  # kept with question and answer; older ones keep their question
MAX_ANSWER_CHARACTERS = 400
MAX_REWRITE_CHARACTERS = 400
REWRITE_TOKENS = 96
FEW_WORDS = 2  # a question of so few words is taken for the rest of another
KNOWN_SHARE = 0.7  # of a rewrite's content words that the conversation must hold
MAX_CARRIED = 8
STEM = 5

# Words that stand for something said before, per language; articles that look the same are left out.
_POINTING = {
    "en": "it its they them their theirs he him his she her hers this that these those ones there then such same "
    "former latter",
    "de": "er sie es ihn ihm ihr ihre ihrer ihren ihrem ihres sein seine seiner seinen seinem dies diese dieser dieses "
    "diesem diesen davon dafür damit dazu darüber darauf daran dabei dort dann jener jene jenes solche solcher "
    "derselbe dieselbe dasselbe",
    "ru": "он она оно они его её ее ему ей им их ими ней нём нем нему него них этот эта это эти этого этой этому этом "
    "этих этим тот та те того той тех тем там тогда такой такая такие туда оттуда",
    "uk": "він вона воно вони його її йому їй їм їх ними ній ньому нього них цей ця це ці цього цієї цьому цих цим той "
    "та те ті того тієї тих там тоді такий така такі туди звідти",
}
_OPENINGS = {
    "en": ("and ", "what about", "how about", "but ", "or ", "also "),
    "de": ("und ", "was ist mit", "wie ist es mit", "aber ", "oder ", "auch "),
    "ru": ("а ", "и ", "но ", "или ", "также ", "что насчёт", "что насчет", "как насчёт", "как насчет"),
    "uk": ("а ", "і ", "й ", "та ", "але ", "або ", "також ", "що щодо", "як щодо"),
}
_POINTING_ONE = re.compile(r"\b(?:which|the|another|other|each|every|first|second|last) ones?\b")
_EXPLETIVE = re.compile(r"\b(?:is|are|was|were|will|can|has|have|had) there\b|\bthere (?=is\b|are\b|was\b|were\b)")
_NEUTRAL = frozenset({"the", "a", "an", "is", "are", "was", "were", "be"})
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_][\w'’ʼ-]*")


def points_back(question: str) -> bool:
    """Whether a question leans on the one before: a pronoun, an opening like "and", or hardly a word of its own."""
    language = _language(question)
    lowered = " ".join(question.lower().split())
    if lowered.startswith(_OPENINGS.get(language, ())):
        return True
    if language == "en":
        if _POINTING_ONE.search(lowered):
            return True
        lowered = _EXPLETIVE.sub("", lowered)  # "are there places" points nowhere
    if set(words(lowered)) & set(_POINTING.get(language, "").split()):
        return True
    return len(words(question)) <= FEW_WORDS or not _content(question)


def stand_alone(question: str, previous: str) -> str:
    """The question with the content words of `previous` behind it when it points back, else as it is."""
    if not previous or not points_back(question):
        return question
    said = {_stem(w) for w in _content(question)}
    carried: list[str] = []
    for word in _content(previous):
        if _stem(word) not in said:
            said.add(_stem(word))
            carried.append(word)
    return f"{question} ({' '.join(carried[:MAX_CARRIED])})" if carried else question


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
    if _language(line) != _language(question):
        return False
    said = [_stem(w) for w in _content(line)]
    known = {_stem(w) for w in _WORD.findall(f"{history} {question}")}
    kept = {_stem(w) for w in _content(question)} - {_stem(w) for w in _pointing(question)}
    if kept and len(kept & set(said)) * 2 < len(kept):
        return False  # it lost what was asked
    return bool(said) and sum(s in known for s in said) >= KNOWN_SHARE * len(said)


def _content(text: str) -> list[str]:
    """The words of a question that carry its matter, in order, once each."""
    skip = function_words(_language(text)) | _NEUTRAL | _pointing(text)
    return list(dict.fromkeys(w for w in _WORD.findall(text) if w.lower() not in skip and len(w) > 1))


def _pointing(text: str) -> frozenset[str]:
    return frozenset(_POINTING.get(_language(text), "").split())


def _language(text: str) -> str:
    return detect_language(text) or "en"


def _stem(word: str) -> str:
    return word.casefold()[:STEM]


def _one_line(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _clean(text: str) -> str:
    return neutralise(strip_hidden(text), CONTROL_MARKERS)
