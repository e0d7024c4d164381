"""Two traces side by side, and a trace given again.

`differences` says in what two answers differ, causes first: settings, prompts, versions, the index, the passages, then
the first token where the model went another way, then what came of it. `replay_calls` sends the recorded requests to an
engine and compares what comes out: the same ids mean that engine, weights and sampling are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..engines.base import Engine, Request
from ..errors import UsageError
from ..store import TraceRecord
from ..types import Budget, to_plain

__all__ = ["CallReplay", "Difference", "budget_of", "differences", "question_of", "replay_calls"]

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two traces differ; `before` and `after` are plain values."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class CallReplay:
    """One recorded request run again. `same`: the same ids, or the same text where the engine has no ids."""

    ordinal: int
    same: bool
    before: str
    after: str


def question_of(trace: TraceRecord) -> str:
    """The question that was answered: a follow-up as it was understood, any other as it was asked."""
    return trace.record["answer"].get("understood") or trace.question


def differences(a: TraceRecord, b: TraceRecord) -> list[Difference]:
    """In what `b` differs from `a`, causes before effects; empty when nothing but time differs."""
    return [d for d in _differences(a, b) if d.before != d.after]


def _differences(a: TraceRecord, b: TraceRecord) -> Iterator[Difference]:
    one, two = a.record, b.record
    yield Difference("question", question_of(a), question_of(b))
    for name in ("model", "strategy"):
        yield Difference(name, getattr(a, name), getattr(b, name))
    for name in ("engine", "k", "where", "temperature", "seed", "shots", "bank"):
        yield Difference(name, one.get(name), two.get(name))
    for part in ("budget", "prompts", "versions", "index"):
        left, right = one.get(part) or {}, two.get(part) or {}
        for key in dict.fromkeys([*left, *right]):
            yield Difference(f"{part}.{key}", left.get(key), right.get(key))
    yield from _passages(one.get("searches", ()), two.get("searches", ()))
    yield from _calls(one.get("calls", ()), two.get("calls", ()))
    yield Difference("status", a.status, b.status)
    left, right = one["answer"], two["answer"]
    yield Difference("text", left["text"], right["text"])
    yield Difference("citations", [c["quote"] for c in left["citations"]], [c["quote"] for c in right["citations"]])
    for key in left["ledger"]:
        if key != "seconds":
            yield Difference(f"ledger.{key}", left["ledger"][key], right["ledger"].get(key))


def _passages(left: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    yield Difference("queries", [s["query"] for s in left], [s["query"] for s in right])
    found = [[_name(h) for s in searches for h in s["hits"]] for searches in (left, right)]
    gone = [name for name in found[0] if name not in set(found[1])]
    new = [name for name in found[1] if name not in set(found[0])]
    yield Difference("passages", gone, new)
    if not gone and not new:
        yield Difference("order of passages", found[0], found[1])


def _name(hit: Mapping[str, Any]) -> str:
    return f"{hit['title'] or hit['document_id']} {hit['start']}-{hit['end']} ({hit['hash'][:8]})"


def _calls(left: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Sampling and the first place where prompt or output part, for the first call that differs."""
    yield Difference("calls", len(left), len(right))
    for number, (one, two) in enumerate(zip(left, right, strict=False), 1):
        found = [d for d in _call(number, one, two) if d.before != d.after]
        if found:
            yield from found
            return


def _call(number: int, one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Difference]:
    a, b = one["request"], two["request"]
    for key in dict.fromkeys([*a, *b]):
        if key in ("prompt_ids", "messages"):
            yield _first(f"call {number} {key}", a.get(key), b.get(key))
        elif key != "seconds":
            yield Difference(f"call {number} {key}", a.get(key), b.get(key))
    for s, (x, y) in enumerate(zip(one["samples"], two["samples"], strict=False), 1):
        for part in ("thinking_ids", "answer_ids", "thinking", "answer"):
            yield _first(f"call {number} sample {s} {part}", x.get(part), y.get(part))


def _first(what: str, a: Any, b: Any) -> Difference:
    """The place where two sequences part, with a little of both."""
    if a == b or not a or not b:
        return Difference(what, _short(a) if a != b else None, _short(b) if a != b else None)
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return Difference(f"{what} from {at}", _short(a[at:]), _short(b[at:]))


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
    if isinstance(value, Sequence):
        return [_short(v) if isinstance(v, str) else v for v in value[:12]]
    return value


def budget_of(trace: TraceRecord) -> Budget:
    """The budget that an answer had."""
    return Budget.from_dict(trace.record["budget"])


async def replay_calls(trace: TraceRecord, engine: Engine) -> list[CallReplay]:
    """Send the recorded requests to `engine`, one after the other. Raises UsageError for a trace without any."""
    calls = [c for c in trace.record["calls"] if c["samples"]]
    if not calls:
        raise UsageError(f"trace {trace.id[:12]} holds no call of a model; replay it without --exact")
    found = []
    for ordinal, call in enumerate(calls, 1):
        samples = await engine.generate(_request(call["request"]))
        before, after = call["samples"], [to_plain(s) for s in samples]
        same = [_output(x) for x in before] == [_output(x) for x in after]
        found.append(CallReplay(ordinal, same, _text(before[0]), _text(after[0]) if after else ""))
    return found


def _request(stored: Mapping[str, Any]) -> Request:
    known = {f.name for f in fields(Request)}
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in stored.items() if k in known and k != "seconds"
    }
    return Request(**values)


def _output(sample: Mapping[str, Any]) -> Any:
    ids = (sample.get("thinking_ids") or [], sample.get("answer_ids") or [])
    return ids if any(ids) else (sample.get("thinking") or "", sample.get("answer") or "")


def _text(sample: Mapping[str, Any]) -> str:
    return str(sample.get("answer") or "")
