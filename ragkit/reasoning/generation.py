"""Run one prompt on any engine under the answer's account: what is left of the budget goes in, what is spent is booked.

An engine with token ids gets ids, any other gets messages; one that streams is streamed while somebody watches. A cap
that an engine cannot hold is reported as ``ended="unsupported"``. A thought that would take the time of its answer is
closed where it stands, and the answer is drawn after it. When the answer's own time runs out, what has come so far is
kept and booked; an engine that fails on its own account raises as ever.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..engines.base import Delta, Engine, Message, Request, Sample, Tokenizer, together
from ..engines.settling import can_settle, until_settled
from ..errors import EngineError, UsageError
from ..stopping import StoppingRule
from ..types import Ended, Thinking, Token
from .base import Task
from .deadlines import can_close, closed, next_within, ran_out, time_left
from .votes import vote_key

__all__ = ["Prompt", "answer_room", "draw", "make_prompt", "room_tokens", "run", "tokenizer_of", "window_tokens"]

WINDOW = 8192  # tokens assumed of a model whose tokenizer is not at hand
CHARACTERS_PER_TOKEN = 3  # likewise; low, so that a prompt is rather too short than too long
OPEN_THOUGHT = 2048  # room kept for a thought without a cap, at most half the window
MARGIN = 8


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: messages, and their ids where the engine takes ids. `thinking`: a thought is wanted."""

    messages: tuple[Message, ...]
    thinking: bool
    tools: tuple[Mapping[str, Any], ...] = ()
    ids: tuple[int, ...] = field(default=(), repr=False)


def tokenizer_of(engine: Engine) -> Tokenizer | None:
    """The engine's tokenizer, or None where it works on messages."""
    return engine.tokenizer if engine.capabilities.token_ids else None


def make_prompt(
    engine: Engine,
    messages: Sequence[Message],
    *,
    thinking: bool,
    tools: Sequence[Mapping[str, Any]] = (),
) -> Prompt:
    """Put messages into the engine's own form. Raises UsageError when they fill the engine's window."""
    tok = tokenizer_of(engine)
    ids = () if tok is None else tuple(tok.chat(messages, tools, thinking=thinking))
    if tok is not None and len(ids) + MARGIN >= tok.context_tokens:
        raise UsageError(
            f"the prompt of {len(ids)} tokens fills the context of {tok.context_tokens}; "
            "ask a shorter question, or choose a model with a longer context"
        )
    return Prompt(tuple(messages), thinking, tuple(tools), ids)


def count_tokens(engine: Engine, text: str) -> int:
    """Tokens of `text` by the engine's tokenizer, or a careful guess without one."""
    tok = tokenizer_of(engine)
    return len(tok.encode(text)) if tok is not None else -(-len(text) // CHARACTERS_PER_TOKEN)


def answer_room(task: Task, engine: Engine) -> int:
    """Tokens the answer may take: the budget's, at most a quarter of the window."""
    return max(1, min(task.budget.answer_tokens, window_tokens(engine) // 4))


def room_tokens(task: Task, engine: Engine, frame: Sequence[Message], *, thinking: bool) -> int:
    """Tokens that passages may take beside `frame` (the prompt without passages), the thought and the answer."""
    tok = tokenizer_of(engine)
    window = window_tokens(engine)
    if tok is not None:
        used = len(tok.chat(frame, thinking=thinking))
    else:
        used = sum(count_tokens(engine, str(m.get("content", ""))) + MARGIN for m in frame)
    left = task.spend.thinking_left()
    thought = 0 if not thinking else min(OPEN_THOUGHT if left is None else left, window // 2)
    return max(0, window - used - thought - answer_room(task, engine) - MARGIN)


def window_tokens(engine: Engine) -> int:
    """Tokens of the model's window, or a careful guess without a tokenizer."""
    tok = tokenizer_of(engine)
    return WINDOW if tok is None else tok.context_tokens


def _request(task: Task, engine: Engine, prompt: Prompt, options: Mapping[str, Any], *, share: int) -> Request:
    cap = task.spend.thinking_left(share) if prompt.thinking else 0
    if not engine.capabilities.budget:
        cap = None  # it could not hold a cap; room to finish a thought of its own is the best chance of an answer
    form: dict[str, Any] = (
        {"prompt_ids": prompt.ids} if prompt.ids else {"messages": prompt.messages, "tools": prompt.tools}
    )
    seed = task.seed if engine.capabilities.seed else None
    defaults = {
        "thinking_tokens": cap,
        "answer_tokens": answer_room(task, engine),
        "seconds": task.spend.seconds_to_write,
        "seed": seed,
    }
    drawn = {} if options.get("json_schema") is not None else task.drawing.options
    return Request(**form, **{**defaults, **options, **drawn})


def _honest(task: Task, engine: Engine, prompt: Prompt, sample: Sample) -> Sample:
    """Say how the thought ended as the caller's budget sees it, not as the request's cap did."""
    if sample.ended == "settled":
        return sample
    if task.budget.thinking_tokens is None:
        # nothing was capped: a thought not wanted ended by nobody's force
        return sample if prompt.thinking and sample.ended != "unsupported" else replace(sample, ended="natural")
    if not engine.capabilities.budget:
        return replace(sample, ended="unsupported")
    return sample


async def run(
    task: Task,
    prompt: Prompt,
    *,
    sample: int = 0,
    share: int = 1,
    drawn: bool = True,
    aloud: bool = False,
    settling: bool = False,
    ended: Ended | None = None,
    **options: Any,
) -> AsyncIterator[Thinking | Token | Sample]:
    """Run `prompt` once; yield the thought and the raw answer in pieces, and last the Sample, which is booked.

    share: among how many parallel samples what is left of the thinking budget is divided. drawn: it counts as a sample.
    aloud: what the model writes is its reasoning, capped and booked as thinking. settling: the budget's stopping rule
    may end the thought. ended: how the thought ended, where
    the caller closed it. options: fields of `Request` (temperature, stop, answer_tokens, logprobs …) that differ from
    what task and budget say. With a limit in seconds the thought is closed while there is time for the answer (not
    where `options` name seconds). When time runs out the Sample holds what had come, ``finish_reason="abort"``.
    """
    engine = _engine(task)
    if aloud:
        left = task.spend.thinking_left(share)
        options["answer_tokens"] = max(1, min(OPEN_THOUGHT if left is None else left, window_tokens(engine) // 2))
    request = _request(task, engine, prompt, options, share=share)
    if request.seconds == 0:
        yield Sample("", "", "forced", "abort")
        return
    rule = task.budget.stopping if settling and prompt.thinking and can_settle(engine, request) else None
    cuts = "seconds" not in options and can_close(engine, request) and rule is None
    streams = rule is not None or ((task.live or cuts) and engine.capabilities.streaming and request.n == 1)
    thought, text, thought_tokens, text_tokens = "", "", 0, 0
    thought_ids: tuple[int, ...] = ()
    done: Sample | None = None
    cut, began = False, time.perf_counter()
    try:
        while streams and done is None:
            items = engine.stream(request) if rule is None else _settled(task, engine, request, rule)
            try:
                while (
                    item := await next_within(items, time_left(task, request, began, cuts and not text))
                ) is not None:
                    if isinstance(item, Sample):
                        done = item
                    elif item.thinking or aloud:
                        thought, thought_tokens = thought + item.text, thought_tokens + item.tokens
                        thought_ids += item.ids
                        task.spend.pace(thought_tokens, time.perf_counter() - began)
                        yield Thinking(item.text, item.tokens, sample)
                    else:
                        text, text_tokens = text + item.text, text_tokens + item.tokens
                        yield Token(item.text)
                if done is None:
                    break
            except TimeoutError:
                if not cuts or text or not ran_out(request, began, task.spend.seconds_to_think):
                    raise
                cuts, cut, began = False, True, time.perf_counter()
                request = closed(engine, request, thought_ids, task.spend.seconds_to_write)
            finally:
                close = getattr(items, "aclose", None)
                if close is not None:
                    await close()
        if done is not None and cut:
            done = replace(
                done,
                thinking=thought,
                thinking_ids=thought_ids,
                thinking_tokens=thought_tokens,
                ended="forced",
                prompt_ids=prompt.ids,
                prompt_tokens=len(prompt.ids),
            )
        if not streams:
            async with asyncio.timeout(request.seconds):
                done = (await engine.generate(request))[0]
    except TimeoutError:  # EngineTimeoutError is one too
        if not ran_out(request, began, task.spend.seconds_to_write):
            raise
    if done is None:
        done = Sample(
            thought,
            text,
            "forced",
            "abort",
            thinking_tokens=thought_tokens,
            answer_tokens=text_tokens,
            prompt_tokens=len(prompt.ids),
        )
    elif aloud:
        done = replace(
            done,
            thinking=done.thinking + done.answer,
            thinking_ids=(*done.thinking_ids, *done.answer_ids),
            thinking_tokens=done.thinking_tokens + done.answer_tokens,
            answer="",
            answer_ids=(),
            answer_tokens=0,
            ended="natural" if done.finish_reason == "stop" else "forced",
        )
    if not streams:
        if done.thinking:
            yield Thinking(done.thinking, done.thinking_tokens, sample)
        if done.answer:
            yield Token(done.answer)
    if ended is not None:
        done = replace(done, ended=ended)
    elif not aloud:
        done = _honest(task, engine, prompt, done)
    task.spend.charge(done, drawn=drawn)
    yield done


def _settled(task: Task, engine: Engine, request: Request, rule: StoppingRule) -> AsyncIterator[Delta | Sample]:
    """The stream whose thought ends when its answer has settled; its deadline leaves time to pass on the last one."""
    seconds = None if request.seconds is None else 0.95 * request.seconds
    return until_settled(engine, replace(request, seconds=seconds), rule, lambda text: vote_key(task.question, text))


async def draw(task: Task, prompt: Prompt, n: int, **options: Any) -> list[Sample]:
    """Draw `n` samples of one prompt together, sharing what is left of the budget, and book them all.

    Returns no samples when the budget's time runs out.
    """
    engine = _engine(task)
    request = _request(task, engine, prompt, {"n": n, **options}, share=n)
    if request.seconds == 0:
        return []
    if "seconds" not in options and can_close(engine, request):
        several = await together([_whole(task, prompt, k, n, options) for k in range(n)])
        return [s for s in several if s.finish_reason != "abort"]
    began = time.perf_counter()
    try:
        async with asyncio.timeout(request.seconds):
            samples = await engine.generate(request)
    except TimeoutError:
        if not ran_out(request, began, task.spend.seconds_to_write):
            raise
        return []
    samples = [_honest(task, engine, prompt, s) for s in samples]
    for sample in samples:
        task.spend.charge(sample)
    return samples


async def _whole(task: Task, prompt: Prompt, ordinal: int, n: int, options: Mapping[str, Any]) -> Sample:
    """One of `n` samples drawn side by side, each closing its own thought in time."""
    seed = None if task.seed is None else task.seed + ordinal
    async for item in run(replace(task, live=False, seed=seed), prompt, share=n, **options):
        if isinstance(item, Sample):
            return item
    raise EngineError(f"the engine {_engine(task).name!r} ended without a sample")


def _engine(task: Task) -> Engine:
    if task.engine is None:
        raise UsageError("no language model is configured; name one with --model or RAGKIT_MODEL")
    return task.engine
