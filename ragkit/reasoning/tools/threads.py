"""Run foreign code that may never return: every call on a daemon thread of its own.

asyncio's default executor has few threads, a call that hangs there keeps one for good, and the interpreter's exit waits
for it. A thread of its own costs nobody else anything, and exit does not wait for daemon threads.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from inspect import isawaitable, iscoroutinefunction
from threading import Lock, Thread
from typing import Any

from ...errors import UsageError

__all__ = ["unblocked"]

MAX_THREADS = 64  # of one name, with those that were left behind
_running: Counter[str] = Counter()
_lock = Lock()


async def unblocked(name: str, work: Callable[..., Any], *args: Any) -> Any:
    """Return what ``work(*args)`` gives: awaited here where `work` is a coroutine function, else on its own thread."""
    if iscoroutinefunction(work):
        return await work(*args)
    given = await _on_own_thread(name, work, *args)
    return await given if isawaitable(given) else given


async def _on_own_thread(name: str, work: Callable[..., Any], *args: Any) -> Any:
    """Return ``work(*args)``, run with the caller's context variables; what it raises is raised here.

    Cancelled, it leaves the thread to itself. Raises UsageError while MAX_THREADS calls of `name` have not come back.
    """
    with _lock:
        if _running[name] >= MAX_THREADS:
            raise UsageError(f"{MAX_THREADS} calls of {name} have not come back; it takes no more until one does")
        _running[name] += 1
    outcome: Future[Any] = Future()
    outcome.set_running_or_notify_cancel()  # from here on a waiter that gives up cannot cancel it
    handed = (name, outcome, copy_context().run, work, *args)
    try:
        Thread(target=_work, args=handed, name=f"ragkit-{name}", daemon=True).start()
    except RuntimeError as exc:
        _ended(name)
        raise UsageError(f"no thread could be started for {name}; raise the system's limit of threads") from exc
    return await asyncio.wrap_future(outcome)


def _work(name: str, outcome: Future[Any], run: Callable[..., Any], *work: Any) -> None:
    value: Any = None
    error: BaseException | None = None
    try:
        value = run(*work)
    except StopIteration as exc:  # a future refuses it, and its waiter would wait for ever
        error = RuntimeError(f"StopIteration: {exc}")
    except BaseException as exc:  # noqa: BLE001 - SystemExit too belongs to the caller
        error = exc
    _ended(name)
    if error is None:
        outcome.set_result(value)
    else:
        outcome.set_exception(error)


def _ended(name: str) -> None:
    with _lock:
        _running[name] -= 1
