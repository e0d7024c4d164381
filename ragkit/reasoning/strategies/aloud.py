"""Zero-shot chain of thought for models without a thinking mode: "Reasoning: … Answer: …" taken apart as it comes.

Where the engine takes ids the budget is hard here too: the reasoning is drawn with at most so many tokens, "Answer:"
is written by ragkit, and the answer is drawn after it. Elsewhere the model is trusted with the form and its text is
taken apart.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ...engines.base import Sample
from ...text.languages import Language, languages
from ...types import Thinking, Token
from ..answering import engine_of
from ..base import Task, closing
from ..generation import Prompt, run, tokenizer_of

__all__ = ["ANSWER", "answer_labels", "reason_aloud", "split_reasoning"]

ANSWER = "Answer:"  # as the prompt asks for it


@lru_cache(maxsize=2)
def _answer(known: tuple[Language, ...]) -> re.Pattern[str]:
    told = "|".join(word for each in known for word in each.answer.split())
    return re.compile(rf"(?:^|\n)[ \t]*[*#_]*(?:final )?(?:{told})[*_]*\s?:[*_]*[ \t]*", re.IGNORECASE)


@lru_cache(maxsize=2)
def _reasoning(known: tuple[Language, ...]) -> re.Pattern[str]:
    told = "|".join(word for each in known for word in each.reasoning.split())
    return re.compile(rf"\s*[*#_]*(?:{told})[*_]*\s?:[*_]*\s*", re.IGNORECASE)


def answer_labels() -> tuple[str, ...]:
    """How an answer is announced: "Answer:", "Ответ:" …"""
    told = [f"{word.capitalize()}:" for each in languages() for word in each.answer.split()]
    return tuple(dict.fromkeys((ANSWER, *told)))


def split_reasoning(text: str) -> tuple[str, str]:
    """Return reasoning and answer. A text that follows no form is an answer; one that breaks off has none.

    >>> split_reasoning("Reasoning: 2 + 2 [1]\\nAnswer: 4 [1]")
    ('2 + 2 [1]', '4 [1]')
    """
    head = _reasoning(languages()).match(text)
    found = list(_answer(languages()).finditer(text))
    if found:
        return text[head.end() if head else 0 : found[-1].start()].strip(), text[found[-1].end() :].strip()
    return (text[head.end() :].strip(), "") if head else ("", text.strip())


async def reason_aloud(
    task: Task, prompt: Prompt, *, share: int = 1, **options: Any
) -> AsyncIterator[Thinking | Token | Sample]:
    """Run a prompt that asks for "Reasoning:" and "Answer:"; what `generation.run` yields, the two kept apart.

    share, options: as in `generation.run`.
    """
    engine = engine_of(task)
    tok = tokenizer_of(engine)
    if tok is None or engine.capabilities.budget:  # a model with thoughts of its own keeps them, and its budget
        async with closing(_parsed(task, prompt, share, options)) as items:
            async for item in items:
                yield item
        return
    if task.spend.thinking_left(share) == 0:
        thought = Sample("", "", "forced", "length")
    else:
        async with closing(
            run(
                task,
                prompt,
                share=share,
                drawn=False,
                aloud=True,
                stop=answer_labels(),
                seconds=task.spend.seconds_to_think,
                **options,
            )
        ) as items:
            async for item in items:
                if isinstance(item, Sample):
                    thought = item
                else:
                    yield item
    if thought.finish_reason == "abort" and task.spend.seconds_to_write == 0.0:
        yield thought
        return
    forced = (*prompt.ids, *tok.encode(f"{thought.thinking.rstrip()}\n{ANSWER}"))
    if len(forced) + 1 >= tok.context_tokens:
        yield replace(thought, finish_reason="abort")
        return
    async with closing(run(task, replace(prompt, ids=forced), ended=thought.ended, **options)) as items:
        async for item in items:
            if isinstance(item, Sample):
                item = replace(
                    item,
                    thinking=thought.thinking,
                    thinking_ids=thought.thinking_ids,
                    thinking_tokens=thought.thinking_tokens,
                    answer=item.answer.strip(),
                    prompt_ids=prompt.ids,
                )
            yield item


async def _parsed(
    task: Task, prompt: Prompt, share: int, options: Mapping[str, Any]
) -> AsyncIterator[Thinking | Token | Sample]:
    """One draw, told apart while it comes: all is reasoning until a line begins with "Answer:"."""
    text, told = "", 0
    async with closing(run(task, prompt, share=share, **options)) as items:
        async for item in items:
            if isinstance(item, Thinking):
                yield item
            elif isinstance(item, Token):
                text += item.text
                found = _answer(languages()).search(text)
                sure = found.start() if found else max(told, text.rfind("\n"))
                if sure > told and _reasoning(languages()).match(text):
                    yield Thinking(text[told:sure], 0)
                    told = sure
            else:
                thinking, answer = split_reasoning(item.answer)
                if answer:
                    yield Token(answer)
                cut = not answer and bool(thinking)
                yield replace(
                    item,
                    thinking="\n".join(t for t in (item.thinking, thinking) if t),
                    answer=answer,
                    finish_reason="abort" if cut else item.finish_reason,
                )
