"""What an engine promises, tried on the engine itself: a table of promises held, broken, or not made.

Nothing is believed of a name or a server: budgets are counted on what came out, calls are read back, streams are put
together and compared. A promise that the engine does not make (`Capabilities`) is no failure, and is shown as such.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import EngineError
from .base import Delta, Engine, Request, Sample
from .notations import CONTROL_MARKERS, TOOL_MARKERS

__all__ = ["Check", "Outcome", "conform"]

Outcome = Literal["held", "broken", "not offered", "not seen"]

QUESTIONS = (
    "Which is more, 17 + 25 or 6 * 7?",
    "Name the capital of France.",
    "Сколько будет 12 умножить на 3?",
    "Is a whale a fish? Say why.",
    "Write a line about rain.",
    "What comes after Thursday?",
    "Скільки хвилин у двох годинах?",
    "Sort these: 9, 2, 5.",
)
CAPS = (0, 1, 16)
MARKERS = tuple(m for m in CONTROL_MARKERS if m not in TOOL_MARKERS)  # a call that is none stays text
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Search the documents.",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["n"],
    "additionalProperties": False,
}
CALL_IT = "searching is what every one of these questions needs: call the tool search, then answer"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise. held of tried: how often it was kept; note: what was seen."""

    name: str
    outcome: Outcome
    held: int = 0
    tried: int = 0
    note: str = ""


Seen = tuple[int, int, str]  # held, tried, note


async def conform(engine: Engine, *, n: int = 8, told: Callable[[Check], None] | None = None) -> list[Check]:
    """Try every promise of `engine` on `n` questions each (at most 8); `told` gets each check as it is done.

    An engine's failure in a check is the check's outcome; it never raises for what the engine does wrong.
    """
    asked = QUESTIONS[: max(1, min(n, len(QUESTIONS)))]
    can = engine.capabilities
    plan: tuple[tuple[str, bool, Callable[[Engine, Sequence[str]], Awaitable[Seen]]], ...] = (
        ("answers", True, _answers),
        ("budget", can.budget, _budget),
        ("no marker leaks", True, _leaks),
        ("streaming", can.streaming, _streams),
        ("stop strings", True, _stops),
        ("greedy repeats", True, _repeats),
        ("seed", can.seed, _seeded),
        ("log-probabilities", can.logprobs, _logprobs),
        ("structured output", can.structured, _structured),
        ("tool calls", can.tools, _calls),
        ("speed", True, _speed),
    )
    done: list[Check] = []
    for name, offered, check in plan:
        done.append(await _tried(name, check, engine, asked) if offered else Check(name, "not offered"))
        if told is not None:
            told(done[-1])
    return done


async def _tried(
    name: str, check: Callable[[Engine, Sequence[str]], Awaitable[Seen]], engine: Engine, asked: Sequence[str]
) -> Check:
    try:
        held, tried, note = await check(engine, asked)
    except (EngineError, ValueError) as exc:  # UsageError is a ValueError: a server that refuses what it offers
        return Check(name, "broken", 0, 1, " ".join(str(exc).split())[:200])
    return Check(name, "not seen" if not tried else "held" if held == tried else "broken", held, tried, note)


def _request(engine: Engine, question: str, *, tools: Sequence[Any] = (), system: str = "", **options: Any) -> Request:
    """The question in the engine's own form: ids where it takes ids."""
    messages = [{"role": "user", "content": question}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    options = {"answer_tokens": 32, "thinking_tokens": 16, **options}
    if not engine.capabilities.token_ids:
        return Request(messages=tuple(messages), tools=tuple(tools), **options)
    ids = engine.tokenizer.chat(messages, tools, thinking=options["thinking_tokens"] != 0)
    return Request(prompt_ids=tuple(ids), **options)


async def _all(engine: Engine, asked: Sequence[str], **options: Any) -> list[Sample]:
    return [s[0] for s in await engine.generate_many([_request(engine, q, **options) for q in asked])]


async def _answers(engine: Engine, asked: Sequence[str]) -> Seen:
    samples = await _all(engine, asked)
    said = sum(bool(s.answer.strip() or s.tool_calls) for s in samples)
    return said, len(samples), "" if said else "the model says nothing within 32 tokens"


async def _budget(engine: Engine, asked: Sequence[str]) -> Seen:
    """No thought is longer than its cap, and nothing had to be cut to make it so."""
    held = tried = cut = longest = 0
    for cap in CAPS:
        for sample in await _all(engine, asked, thinking_tokens=cap):
            counted = len(sample.thinking_ids) if engine.capabilities.token_ids else sample.thinking_tokens
            tried, held, cut = tried + 1, held + (counted <= cap and not sample.cut), cut + sample.cut
            longest = max(longest, counted)
    note = f"caps {', '.join(map(str, CAPS))}; longest thought {longest}" + (f"; {cut} tokens cut off" if cut else "")
    return held, tried, note


async def _leaks(engine: Engine, asked: Sequence[str]) -> Seen:
    samples = await _all(engine, asked, thinking_tokens=8)
    leaked = [[m for m in MARKERS if m in s.answer or m in s.thinking] for s in samples]
    found = sorted({m for markers in leaked for m in markers})
    return sum(not m for m in leaked), len(samples), f"leaked: {', '.join(found)}" if found else ""


async def _streams(engine: Engine, asked: Sequence[str]) -> Seen:
    """What was streamed is what the sample holds."""
    whole = 0
    for question in asked:
        pieces: list[Delta] = []
        async for item in engine.stream(_request(engine, question)):
            if isinstance(item, Sample):
                thought, answer = ("".join(p.text for p in pieces if p.thinking is t) for t in (True, False))
                said = item.answer.partition("<tool_call>")[0]  # what may become a call is not streamed
                whole += (thought.strip(), answer.strip()) == (item.thinking.strip(), said.strip())
            else:
                pieces.append(item)
    return whole, len(asked), ""


async def _stops(engine: Engine, asked: Sequence[str]) -> Seen:
    samples = await _all(engine, asked, stop=("e", "а"))
    return sum("e" not in s.answer and "а" not in s.answer for s in samples), len(samples), ""


async def _repeats(engine: Engine, asked: Sequence[str]) -> Seen:
    first, second = await _all(engine, asked), await _all(engine, asked)
    return (
        sum(a.answer == b.answer for a, b in zip(first, second, strict=True)),
        len(first),
        "temperature 0, asked twice",
    )


async def _seeded(engine: Engine, asked: Sequence[str]) -> Seen:
    first = await _all(engine, asked, temperature=1.0, seed=7)
    second = await _all(engine, asked, temperature=1.0, seed=7)
    return sum(a.answer == b.answer for a, b in zip(first, second, strict=True)), len(first), "temperature 1, seed 7"


async def _logprobs(engine: Engine, asked: Sequence[str]) -> Seen:
    """One log-probability a token, none above 0, and at temperature 0 the likeliest token is the one chosen."""
    good = 0
    samples = await _all(engine, asked, logprobs=2)
    for s in samples:
        likeliest = all(max(t.values()) <= p + 1e-3 for t, p in zip(s.top_logprobs, s.logprobs, strict=False) if t)
        good += len(s.logprobs) == len(s.answer_ids) and all(p <= 1e-6 for p in s.logprobs) and likeliest
    return good, len(samples), ""


async def _structured(engine: Engine, asked: Sequence[str]) -> Seen:
    samples = await _all(engine, asked, json_schema=SCHEMA, answer_tokens=64)
    return sum(_fits(s.answer) for s in samples), len(samples), "an object with one integer of 0 to 9"


def _fits(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and set(value) == {"n"} and type(value["n"]) is int and 0 <= value["n"] <= 9


async def _calls(engine: Engine, asked: Sequence[str]) -> Seen:
    """Calls come whole, also when the thought before them is cut. A model that calls nothing shows nothing."""
    samples: list[Sample] = []
    for cap in (4, 64):
        samples += await _all(engine, asked, tools=(SEARCH,), system=CALL_IT, thinking_tokens=cap, answer_tokens=96)
    ended = [s for s in samples if s.finish_reason != "length"]  # a call that the cap of the answer cut is no fault
    made = [s for s in ended if s.tool_calls or "<tool_call>" in s.answer]
    return sum(_is_search(s) for s in made), len(made), f"{len(made)} of {len(samples)} questions led to a call"


def _is_search(sample: Sample) -> bool:
    return bool(sample.tool_calls) and all(c.name == "search" and "query" in c.arguments for c in sample.tool_calls)


async def _speed(engine: Engine, asked: Sequence[str]) -> Seen:
    began = time.perf_counter()
    first = None
    if engine.capabilities.streaming:
        async for item in engine.stream(_request(engine, asked[0])):
            if isinstance(item, Delta) and first is None:
                first = time.perf_counter() - began
    began = time.perf_counter()
    samples = await _all(engine, [*asked] * 2, answer_tokens=64)
    seconds = time.perf_counter() - began
    tokens = sum(s.thinking_tokens + s.answer_tokens for s in samples)
    note = f"{tokens / seconds:.0f} tokens/s, {len(samples)} at once"
    return 1, 1, note + ("" if first is None else f"; first token after {first * 1000:.0f} ms")
