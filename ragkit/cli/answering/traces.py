"""`ragkit trace`: the stored answers - list, show, give again, compare, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import NotFoundError, UsageError
from ..commands import Commands
from ..output import JsonOption, ModelOption, QuietOption, Say, counted, printable, say

if TYPE_CHECKING:
    from ...store import Store, TraceRecord

__all__ = ["trace"]

trace = Commands(help="List, show, replay, compare and delete stored answers.", no_args_is_help=True)
TraceArgument = Annotated[str, typer.Argument(help="A trace id, or its first digits (at least 4).")]
SHORT = 12


def _store() -> Store:
    from ...config import settings
    from ...index.opening import is_made, open_store

    config = settings()
    if not is_made(config):
        raise NotFoundError(f"no answer is stored in {config.home.absolute()}; ask something, or set RAGKIT_HOME")
    return open_store(config)


@trace.command()
def ls(
    index: Annotated[str | None, typer.Option("--index", "-i", help="Only answers from this index.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the newest answers."""
    speak = say(as_json)
    from ...config import settings
    from ...index.opening import is_made

    found: list[TraceRecord] = []
    if index is not None or is_made(settings()):
        store = _store()
        found = store.traces.newest(index_id=None if index is None else store.index(index).id, limit=limit)
    if as_json:
        speak.data([{k: v for k, v in _plain(t).items() if k != "record"} for t in found])
        return
    for t in found:
        when = t.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        speak.row(t.id[:SHORT], when, t.status, t.strategy, t.model, t.thinking_tokens, _line(t.question, 80))
    if not found:
        speak.err.print("no answer is stored; ask something (RAGKIT_TRACE=false turns storing off)")


@trace.command()
def show(trace_id: TraceArgument, as_json: JsonOption = False) -> None:
    """Show one answer with all that shaped it."""
    speak = say(as_json)
    found = _store().traces.get(trace_id)
    if as_json:
        speak.data(_plain(found))
        return
    record, out = found.record, speak.out
    answer, ledger, index = record["answer"], record["answer"]["ledger"], record["index"]
    out.print(f"? {printable(found.question)}", style="bold cyan", markup=False)
    out.print(printable(answer["text"]), style="bold", markup=False)
    for c in answer["citations"]:
        place = f"{c['document']} {c['start']}-{c['end']}"
        out.print(f"  [{c['marker']}] {place}: “{_line(c['quote'], 200)}”", style="cyan", markup=False)
    prompts = [f"{name} v{p['version']} {p['hash'][:SHORT]}" for name, p in record["prompts"].items()]
    rows = {
        "trace": found.id,
        "when": found.created_at.astimezone().isoformat(timespec="seconds"),
        "status": f"{found.status}, {ledger['ended']}",
        "model": f"{found.model} ({record['engine'] or 'no engine'}), strategy {found.strategy}",
        "index": f"{index['name']} at change {index['sequence']}, encoder {index['encoder']}",
        "budget": ", ".join(f"{k} {v}" for k, v in record["budget"].items() if v is not None),
        "spent": ", ".join(f"{k} {v:.2f}" if k == "seconds" else f"{k} {v}" for k, v in ledger.items() if k != "ended"),
        "prompts": ", ".join(prompts) or "none",
        "versions": ", ".join(f"{n} {v}" for n, v in record["versions"].items()),
    }
    for name, text in rows.items():
        out.print(f"{name:<9}{text}", style="dim", markup=False, soft_wrap=True)
    for n, s in enumerate(record["searches"], 1):
        out.print(f"search {n}: {_line(s['query'], 120)} ({s['ms']:.0f} ms)", style="dim", markup=False)
        for h in s["hits"]:
            place = f"{h['title'] or h['document_id']} {h['start']}-{h['end']}"
            out.print(f"    {h['score']:.3f}  {place}  {h['hash']}", style="dim", markup=False)
    for n, call in enumerate(record["calls"], 1):
        _show_call(speak, n, call)


def _show_call(speak: Say, number: int, call: dict[str, Any]) -> None:
    request = call["request"]
    prompt = f"{len(request['prompt_ids'])} prompt ids" if "prompt_ids" in request else "messages"
    sampling = ", ".join(f"{k} {request[k]}" for k in ("temperature", "top_p", "n", "thinking_tokens") if k in request)
    speak.out.print(f"call {number}: {prompt}, {sampling} ({call['ms']:.0f} ms)", style="dim", markup=False)
    for sample in call["samples"]:
        for part in ("thinking", "answer"):
            if sample.get(part):
                speak.out.print(f"    {part}: {_line(sample[part], 400)}", style="dim", markup=False, soft_wrap=True)


@trace.command()
def diff(before: TraceArgument, after: TraceArgument, as_json: JsonOption = False) -> None:
    """Show in what two answers differ, causes before effects."""
    speak = say(as_json)
    store = _store()
    _show_differences(speak, store.traces.get(before), store.traces.get(after))


def _show_differences(speak: Say, one: TraceRecord, two: TraceRecord) -> None:
    from ...rag.replay import differences

    found = differences(one, two)
    if speak.as_json:
        speak.data({"before": one.id, "after": two.id, "differences": [_plain(d) for d in found]})
        return
    for d in found:
        speak.out.print(d.what, style="bold", markup=False)
        speak.out.print(f"  - {_line(str(d.before), 400)}", style="red", markup=False, soft_wrap=True)
        speak.out.print(f"  + {_line(str(d.after), 400)}", style="green", markup=False, soft_wrap=True)
    if not found:
        speak.out.print("no difference but time")


@trace.command()
def replay(
    trace_id: TraceArgument,
    model: ModelOption = None,
    exact: Annotated[bool, typer.Option("--exact", help="Send the recorded requests, without searching.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Ask the same question with the same settings and show what is different now.

    --exact sends the recorded prompts to the model instead, and fails (exit code 1) when other tokens come out.
    """
    speak = say(as_json, quiet)
    from ...rag import RAG, flush_traces, loop
    from ...rag.replay import budget_of, question_of, replay_calls

    store = _store()
    old = store.traces.get(trace_id)
    record = old.record
    with RAG(
        record["index"]["name"],
        model=model or old.model,
        strategy=old.strategy,
        shots=record["shots"],
        bank=record.get("bank"),
        temperature=record["temperature"],
    ) as rag:
        if exact:
            if (engine := rag.engine) is None:
                raise UsageError("no language model is configured; name the one to send the requests to with --model")
            calls = loop.run(replay_calls(old, engine))
            if as_json:
                speak.data(calls)
            for call in calls if not as_json else ():
                speak.out.print(f"call {call.ordinal}: {'the same' if call.same else 'different'}")
                if not call.same:
                    speak.out.print(f"  - {_line(call.before, 400)}\n  + {_line(call.after, 400)}", markup=False)
            raise typer.Exit(0 if all(c.same for c in calls) else 1)
        answer = rag.ask(
            question_of(old), budget=budget_of(old), where=record["where"], k=record["k"], seed=record["seed"]
        )
    if not answer.trace_id:
        raise UsageError("storing answers is off, so there is nothing to compare; unset RAGKIT_TRACE=false")
    flush_traces()
    speak.err.print(f"now {answer.trace_id[:SHORT]}", style="dim")
    _show_differences(speak, old, store.traces.get(answer.trace_id))


@trace.command()
def rm(
    traces: Annotated[list[str] | None, typer.Argument(help="Trace ids, or their first digits.")] = None,
    days: Annotated[
        int | None, typer.Option("--older-than", min=0, metavar="DAYS", help="Delete those older than this many days.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Delete all.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete stored answers."""
    speak = say(as_json)
    from datetime import UTC, datetime, timedelta

    if sum((bool(traces), days is not None, every)) != 1:
        raise UsageError("name traces to delete, or give --older-than DAYS, or --all")
    store = _store()
    before = None if days is None else datetime.now(UTC) - timedelta(days=days)
    ids = [store.traces.get(t).id for t in traces] if traces else None
    count = store.traces.delete(ids=ids, before=before)
    if as_json:
        speak.data({"deleted": count})
    else:
        speak.err.print(f"{counted(count, 'trace')} deleted")


def _plain(value: Any) -> dict[str, Any]:
    from ...types import to_plain

    plain: dict[str, Any] = to_plain(value)
    return plain


def _line(text: str, limit: int) -> str:
    flat = printable(" ".join(text.split()))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
