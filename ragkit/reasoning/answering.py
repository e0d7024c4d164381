"""What strategies have in common: read the hits into a prompt, write the answer with checked citations, conclude.

    reading = await read(task, hits, template="answer", thinking=True)
    async for event in write(task, reading):      # Thinking, Token, Cited … and last the Done
        yield event

However the writing ends, there is an answer: the model's with its citations; an abstention; or, when the budget ran out
before the model was done, the sentences of the documents that come nearest, marked "exhausted".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..augment.packing import Packed, pack_context
from ..citing.abstention import abstention, is_abstention, is_garbled, language_name
from ..citing.citations import Checked, CitationChecker, check_citations
from ..citing.markers import OPENING
from ..engines.base import Engine, Message, Sample
from ..engines.budgets import neutralise
from ..engines.markers import CONTROL_MARKERS
from ..errors import EngineError, UsageError
from ..text import strip_hidden
from ..types import Answer, Cited, Done, Event, Hit, Retrieved, Thinking, Token
from .base import Task, closing
from .failed import failure, failure_text
from .generation import Prompt, count_tokens, make_prompt, room_tokens, run, tokenizer_of
from .spending import Spend
from .strategies.extractive import Extractive

__all__ = [
    "Reading",
    "clean_question",
    "conclude",
    "engine_of",
    "exhausted",
    "fill",
    "judge",
    "nothing_found",
    "pack",
    "read",
    "retrieve",
    "write",
]

CUT = "the answer was cut at {n} tokens; allow more with Budget(answer_tokens=…)"
UNTIED = "no sentence of this answer could be tied to the documents; do not rely on it"
THOUGHT_FULL = (
    "the tokens of the answer went into the model's thought; these are sentences of the documents, word for word; "
    "set a budget, or allow more with Budget(answer_tokens=…)"
)
NO_TIME = "the budget ran out before the model was done; these are sentences of the documents, word for word"
NO_ROOM = "no passage fits into the model's window beside the question"

Runner = Callable[[Task, Prompt], AsyncIterator[Thinking | Token | Sample]]


NEAREST = 0.15
"""Chance from which a sentence is shown where the budget ended; the status says already that it is no answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model reads: the hits that were found, the passages that fit, and the prompt made of them."""

    hits: tuple[Hit, ...]
    packed: Packed
    prompt: Prompt


def engine_of(task: Task) -> Engine:
    """The engine. Raises UsageError where none is configured."""
    if task.engine is None:
        raise UsageError("this strategy needs a language model; name one with --model or RAGKIT_MODEL")
    return task.engine


async def retrieve(task: Task, query: str | None = None, k: int | None = None) -> tuple[Hit, ...]:
    """Search once, and book the hop."""
    hits = tuple(await task.search(query or task.question, k or task.k))
    task.spend.hops += 1
    return hits


def clean_question(task: Task) -> str:
    """The question as prompts show it: visible characters only, no control markers."""
    return neutralise(strip_hidden(task.question), (*CONTROL_MARKERS, *specials(task.engine))).strip()


def specials(engine: Engine | None) -> tuple[str, ...]:
    """Control markers of the engine's own tokenizer, where it tells them."""
    tok = None if engine is None else tokenizer_of(engine)
    return tuple(getattr(tok, "specials", ()))


def fill(task: Task, template: str, passages: str, **more: Any) -> tuple[Message, ...]:
    """Fill in a prompt: question, abstention and language come from the task, `more` from the strategy.

    A user's template may leave out any of them.
    """
    prompt = task.prompts.get(template)
    known = {
        "passages": passages,
        "question": clean_question(task),
        "abstention": abstention(task.wording),
        "language": language_name(task.wording),
        "results": "",
        **more,
    }
    return tuple(prompt.render(**{k: v for k, v in known.items() if k in prompt.variables}))


def pack(task: Task, hits: Sequence[Hit], frame: Sequence[Message], *, thinking: bool, **options: Any) -> Packed:
    """Pack hits into what `frame`, thought and answer leave of the engine's window; books what is left out."""
    engine = engine_of(task)
    packed = pack_context(
        hits,
        count=lambda text: count_tokens(engine, text),
        room_tokens=room_tokens(task, engine, frame, thinking=thinking),
        specials=specials(engine),
        **options,
    )
    task.spend.left_out += packed.left_out
    return packed


async def read(task: Task, hits: Sequence[Hit], *, template: str = "answer", thinking: bool, **more: Any) -> Reading:
    """Pack `hits` and fill in `template`. Raises UsageError when the question alone fills the window."""
    engine = engine_of(task)

    def work() -> Reading:
        packed = pack(task, hits, fill(task, template, "", **more), thinking=thinking)
        messages = fill(task, template, packed.text, **more)
        return Reading(tuple(hits), packed, make_prompt(engine, messages, thinking=thinking))

    return await asyncio.to_thread(work)


async def write(
    task: Task, reading: Reading, *, notes: Sequence[str] = (), runner: Runner = run
) -> AsyncIterator[Event]:
    """Run the prompt; yield the thought, the answer as its citations are checked, and last the Done.

    runner: yields Thinking, raw Token and last the booked Sample; `generation.run` or something around it.
    """
    if not reading.packed.passages:
        async for event in nothing_found(task, reading.hits, notes=notes):
            yield event
        return
    checker = CitationChecker(task.question, reading.packed.passages, task.encoder)
    sample: Sample | None = None
    streamed = ""
    async with closing(runner(task, reading.prompt)) as items:
        async for item in items:
            if isinstance(item, Sample):
                sample = item
            elif isinstance(item, Thinking):
                yield item
            else:
                streamed += item.text
                async for event in shown(checker, item.text):
                    yield event
    async for event in shown(checker, None):
        yield event
    if sample is None:
        raise EngineError(f"the engine {engine_of(task).name!r} ended without a sample")
    checked = checker.checked()
    if sample.answer.strip() != streamed.strip():  # a thought that was only known as one when it ended
        checked = await judge(task, sample.answer, reading.packed)
    async for event in conclude(task, reading, sample, checked, notes=notes):
        yield event


async def shown(checker: CitationChecker, text: str | None) -> AsyncIterator[Event]:
    """Pass a piece of the answer through the checker (None ends it); the encoder runs beside the loop."""
    if checker.waiting or (text is not None and OPENING.search(text)):
        out, cited = await asyncio.to_thread(checker.finish if text is None else lambda: checker.push(text))
    else:
        out, cited = checker.finish() if text is None else checker.push(text)
    if out:
        yield Token(out)
    for citation in cited:
        yield Cited(citation)


async def judge(task: Task, text: str, packed: Packed) -> Checked:
    """Check a whole answer's citations, beside the loop."""
    return await asyncio.to_thread(check_citations, text, task.question, packed.passages, task.encoder)


async def conclude(
    task: Task,
    reading: Reading,
    sample: Sample,
    checked: Checked,
    *,
    notes: Sequence[str] = (),
    confidence: float | None = None,
) -> AsyncIterator[Event]:
    """Yield the Done that a sample and its checked citations make, after the fallback's text where it needs one."""
    said = [*notes, *task.spend.remarks, *sample.remarks, *(f"removed a citation: {r}" for r in checked.removed)]
    out_of_time = sample.finish_reason == "abort" and not checked.citations
    if out_of_time or (sample.finish_reason == "length" and is_garbled(checked.text)):
        ended = NO_TIME if out_of_time else THOUGHT_FULL
        async for event in exhausted(task, reading.hits, ended, notes=said, thinking=sample.thinking):
            yield event
        return
    answer = Answer(
        task.question,
        checked.text,
        "answered",
        checked.citations,
        reading.hits,
        task.spend.ledger(),
        sample.thinking,
        checked.unsupported,
        confidence,
        notes=tuple(said),
        numbered=tuple((p.number, hit.chunk.id) for p in reading.packed.passages for hit in p.hits),
    )
    if (why := failure(sample)) is not None:
        text = failure_text(task.wording)
        yield Token(text)
        answer = replace(answer, text=text, status="failed", citations=(), unsupported=(), notes=(*answer.notes, why))
    elif is_abstention(checked.text):
        text = abstention(task.wording) if checked.citations else checked.text
        answer = replace(answer, text=text, status="abstained", citations=(), unsupported=())
    elif sample.finish_reason == "abort":
        answer = replace(answer, status="exhausted", notes=(*answer.notes, "the budget's time ran out in the answer"))
    elif sample.finish_reason == "length":
        answer = replace(answer, notes=(*answer.notes, CUT.format(n=sample.answer_tokens)))
    if answer.status == "answered" and not answer.citations:
        answer = replace(answer, notes=(*answer.notes, UNTIED))
    yield Done(answer)


async def nothing_found(task: Task, hits: Sequence[Hit], *, notes: Sequence[str] = ()) -> AsyncIterator[Event]:
    """Conclude without a model: nothing was found, or nothing of it fits."""
    if hits:
        async for event in exhausted(task, hits, NO_ROOM, notes=notes):
            yield event
        return
    text = abstention(task.wording)
    yield Token(text)
    yield Done(Answer(task.question, text, "abstained", ledger=task.spend.ledger(), notes=tuple(notes)))


async def exhausted(
    task: Task, hits: Sequence[Hit], why: str, *, notes: Sequence[str] = (), thinking: str = ""
) -> AsyncIterator[Event]:
    """Conclude from the evidence held: the nearest sentences, word for word, or the abstention; status "exhausted"."""

    async def held(query: str, k: int) -> list[Hit]:
        return list(hits[:k])

    quiet = replace(task, search=held, spend=Spend(task.budget))
    async for event in Extractive(threshold=NEAREST).run(quiet):
        if isinstance(event, Done):
            event = Done(
                replace(
                    event.answer,
                    status="exhausted",
                    hits=tuple(hits),
                    ledger=task.spend.ledger(),
                    thinking=thinking,
                    notes=(*notes, why),
                )
            )
        if not isinstance(event, Retrieved):
            yield event
