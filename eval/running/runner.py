"""Asks every question of a set and writes down what came, as it comes.

The engine is kept full: `concurrency` questions are in flight, and a new one starts when any ends. One thread writes:
it takes all samples that have ended, appends them and waits for the disk once, so a slow disk never holds the engine.
A failure is a sample too, with its reason. Memory holds what is in flight, never the run.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ragkit.errors import EvalError, RagkitError

from ..sets.reading import Question
from .progress import RunProgress
from .runs import Run, SampleLog, sample_key

__all__ = ["Outcome", "SampleJob", "Writer", "jobs_of", "run_jobs", "run_searches"]

CONCURRENCY = 64
LISTEN_S = 0.25  # how often a listener hears of the run while no sample ends
GIVE_UP = 20  # failures in a row, without a single success, after which asking on is pointless


@dataclass(frozen=True, slots=True)
class SampleJob:
    """One sample to be drawn: the question, which of its samples, and the key it is stored under."""

    question: Question
    ordinal: int
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: samples drawn now, found from before, and failed in all."""

    drawn: int
    resumed: int
    failed: int
    seconds: float


class Logged(Protocol):
    """A run, or anything else that keeps a log of samples."""

    log: SampleLog


class Writer:
    """A thread that appends to the run's log; `put` raises what the disk raised. Leaving writes what is left."""

    def __init__(self, run: Logged, room: int = 512) -> None:
        self._run = run
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(room)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="ragkit-eval-writer", daemon=True)
        self._thread.start()

    def put(self, row: dict[str, Any]) -> None:
        """Hand over one sample; waits while the disk is far behind."""
        if self._error is not None:
            raise self._error
        self._queue.put(row)

    def close(self) -> None:
        """Wait until everything is on the disk."""
        self._queue.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        ended = False
        while not ended:
            rows = [self._queue.get()]
            while len(rows) < 256:
                try:
                    rows.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            ended = None in rows
            ready = [r for r in rows if r is not None]
            if ready and self._error is None:
                try:
                    self._run.log.append(ready)
                except Exception as exc:  # noqa: BLE001 - handed to the caller by put and close
                    self._error = exc


def jobs_of(run: Run, questions: Sequence[Question], samples: int = 1, *, retry: bool = False) -> list[SampleJob]:
    """What is still to do. `retry`: draw the failed ones again."""
    made = (SampleJob(q, i, key_of(run, q, i)) for q in questions for i in range(samples))
    done = run.log.keys - run.log.failed if retry else run.log.keys
    return [job for job in made if job.key not in done]


def key_of(run: Run, question: Question, ordinal: int) -> str:
    """The key of one sample: the run's fingerprint, the question with its filter, and which sample it is."""
    return sample_key(run.manifest["fingerprint"], question.id, question.question, question.meta.get("where"), ordinal)


def run_jobs(
    run: Logged,
    jobs: Sequence[SampleJob],
    draw: Callable[[SampleJob], Awaitable[dict[str, Any]]],
    *,
    total: int,
    concurrency: int = CONCURRENCY,
    unchanged: Callable[[], str] | None = None,
    what: str = "samples",
    quiet: bool = False,
    loop: Callable[[Any], Any] = asyncio.run,
) -> Outcome:
    """Draw all jobs, `concurrency` at a time. `draw` gives the fields of a sample beside the question's.

    unchanged: called now and then; a text stops the run with that reason. Ctrl-C and every error leave a run that can
    be resumed and scored. loop: what runs the coroutine (an engine lives on one event loop).
    """
    writer = Writer(run)
    progress = RunProgress(total, what, done=total - len(jobs), quiet=quiet)
    begin = time.monotonic()
    stop = _Stop(unchanged)
    beside = min(concurrency, len(jobs)) - 1  # others in flight: their turns are in the seconds of this one

    async def one(job: SampleJob) -> None:
        started = time.monotonic()
        row = describe(job)
        try:
            row |= await draw(job)
        except Exception as exc:  # noqa: BLE001 - a failed sample is counted with its reason, whatever it was
            row["error"] = {"type": type(exc).__name__, "message": _reason(exc)}
        row |= {"seconds": round(time.monotonic() - started, 4), "beside": beside}
        writer.put(row)
        progress.step(failed="error" in row)
        stop.check(failed=row.get("error"))

    async def worker(waiting: Iterator[SampleJob]) -> None:
        for job in waiting:
            await one(job)

    async def everything() -> None:
        waiting = iter(jobs)
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(worker(waiting)) for _ in range(min(concurrency, len(jobs)))]
            while progress.watched and workers and not all(w.done() for w in workers):
                await asyncio.wait(workers, timeout=LISTEN_S)
                progress.tell()  # also while no sample ends, so that a long thought can be stopped

    try:
        loop(everything())
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
    finally:
        writer.close()
        progress.close()
    return Outcome(len(jobs), total - len(jobs), len(run.log.failed), time.monotonic() - begin)


def run_searches(
    run: Run,
    jobs: Sequence[SampleJob],
    search: Callable[[Question], Sequence[str]],
    *,
    total: int,
    depth: int,
    unchanged: Callable[[], str] | None = None,
    quiet: bool = False,
) -> Outcome:
    """Search only, one question after the other; `search` gives document ids, best first, from `depth` passages."""
    writer = Writer(run)
    progress = RunProgress(total, "searches", done=total - len(jobs), quiet=quiet)
    begin = time.monotonic()
    stop = _Stop(unchanged)
    try:
        for job in jobs:
            started = time.monotonic()
            row = describe(job, "search") | {"depth": depth}
            try:
                row["documents"] = list(search(job.question))
            except Exception as exc:  # noqa: BLE001 - a failed search is counted with its reason
                row["error"] = {"type": type(exc).__name__, "message": _reason(exc)}
            row |= {"seconds": round(time.monotonic() - started, 6), "beside": 0}
            writer.put(row)
            progress.step(failed="error" in row)
            stop.check(failed=row.get("error"))
    finally:
        writer.close()
        progress.close()
    return Outcome(len(jobs), total - len(jobs), len(run.log.failed), time.monotonic() - begin)


def describe(job: SampleJob, mode: str = "answer") -> dict[str, Any]:
    """The question's part of a sample, so that a run can be scored and read without its set."""
    q = job.question
    small = {k: v for k, v in q.meta.items() if isinstance(v, (str, int, float, bool)) and len(str(v)) <= 80}
    row = {
        "key": job.key,
        "id": q.id,
        "mode": mode,
        "sample": job.ordinal,
        "question": q.question,
        "answers": list(q.answers),
        "relevant": list(q.relevant),
        "language": q.language,
        "cluster": q.cluster,
        "meta": small,
    }
    return {**row, "where": where} if (where := q.meta.get("where")) else row


class _Stop:
    """Reasons to end a run early: the corpus changed, or nothing works."""

    def __init__(self, unchanged: Callable[[], str] | None) -> None:
        self._unchanged, self._looked, self._worked, self._failures = unchanged, time.monotonic(), False, 0

    def check(self, *, failed: dict[str, str] | None) -> None:
        if failed is None:
            self._worked, self._failures = True, 0
        else:
            self._failures += 1
            if self._failures >= GIVE_UP and (not self._worked or failed["type"] == "EngineDeadError"):
                raise EvalError(
                    f"{self._failures} samples failed in a row, the last with {failed['type']}: {failed['message']}; "
                    "correct that and run the same again with --retry-failed"
                )
        now = time.monotonic()
        if self._unchanged is not None and now - self._looked >= 1.0:
            self._looked = now
            reason = self._unchanged()
            if reason:
                raise EvalError(f"{reason}; what was drawn before is kept; run again into another folder with --out")


def _reason(exc: BaseException) -> str:
    text = " ".join(str(exc).split())
    return text[:500] if isinstance(exc, RagkitError) or text else type(exc).__name__
