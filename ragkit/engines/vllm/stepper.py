"""One thread that steps a vLLM engine, and the tickets through which requests on any event loop hear from it.

Everything that touches the engine happens in this thread: adding, stepping, aborting. After each step the news are
handed over with one wake-up per event loop. `beat` is the time of the last sign of life; whoever waits can tell a long
queue (the engine steps) from a hung engine (it does not). `stepped` is the end of the last step.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...errors import EngineDeadError, UsageError
from ..draws import Drawn, Piece

__all__ = ["Stepper", "Ticket"]

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Ticket:
    """One request in the engine: `news` receives its pieces, or the exception that ended it."""

    id: str
    prompt_ids: tuple[int, ...]
    params: Any
    loop: asyncio.AbstractEventLoop
    news: asyncio.Queue[Piece | Exception] = field(default_factory=asyncio.Queue)
    since: float = field(default_factory=time.monotonic)
    ids: list[int] = field(default_factory=list)
    logprobs: list[Mapping[int, Any]] = field(default_factory=list)
    cached: int = 0


class Stepper:
    """Owns a vLLM `LLMEngine` and the thread that steps it. lora: the `LoRARequest` of every draw, None for none."""

    def __init__(self, engine: Any, *, on_death: Callable[[Exception], None], lora: Any = None) -> None:
        self.engine = engine
        self._lora = lora
        self.beat = self.stepped = time.monotonic()
        self.dead: Exception | None = None
        self._on_death = on_death
        self._inbox: queue.SimpleQueue[tuple[str, Ticket | Callable[[], None] | None]] = queue.SimpleQueue()
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.Lock()
        self._ids = itertools.count()
        self._thread = threading.Thread(target=self._run, name="ragkit-vllm", daemon=True)
        self._thread.start()

    @property
    def running(self) -> int:
        """How many requests are in the engine."""
        return len(self._tickets)

    def submit(self, prompt_ids: tuple[int, ...], params: Any) -> Ticket:
        """Queue a request; its pieces come through `ticket.news`."""
        ticket = Ticket(str(next(self._ids)), prompt_ids, params, asyncio.get_running_loop())
        with self._lock:
            if self.dead is not None:
                raise self.dead
            self._tickets[ticket.id] = ticket
        self._inbox.put(("add", ticket))
        return ticket

    def abort(self, ticket: Ticket) -> None:
        """Take a request out of the engine; nothing happens if it is done already."""
        with self._lock:
            known = self._tickets.pop(ticket.id, None) is not None
        if known:
            self._inbox.put(("abort", ticket))

    def call(self, job: Callable[[], T]) -> Future[T]:
        """Run `job` in the stepping thread, alone with the engine: nobody else may touch it."""
        if self.dead is not None:
            raise self.dead
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(job())
            except Exception as exc:  # noqa: BLE001 - it belongs to whoever asked
                future.set_exception(exc)

        self._inbox.put(("call", run))
        return future

    def fail(self, error: Exception) -> None:
        """Give up on the engine: every request ends with `error`, and none is taken any more."""
        with self._lock:
            if self.dead is not None:
                return
            self.dead = error
            tickets, self._tickets = list(self._tickets.values()), {}
        self._deliver([(t, error) for t in tickets])
        self._inbox.put(("stop", None))

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; False if it hangs."""
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while self.dead is None:
                self._take_orders(wait=not self.engine.has_unfinished_requests())
                if self.dead is None and self.engine.has_unfinished_requests():
                    outputs = self.engine.step()
                    self.beat = self.stepped = time.monotonic()
                    self._deliver([n for n in map(self._news, outputs) if n is not None])
        except Exception as exc:  # noqa: BLE001 - whatever kills the engine must reach the requests
            error = EngineDeadError(f"the vLLM engine died ({exc}); the next request starts it again")
            error.__cause__ = exc
            self.fail(error)
            self._on_death(error)

    def _take_orders(self, *, wait: bool) -> None:
        """Carry out what was asked for; `wait` when there is nothing to step."""
        while True:
            try:
                order, ticket = self._inbox.get() if wait else self._inbox.get_nowait()
            except queue.Empty:
                return
            wait = False
            self.beat = time.monotonic()
            if ticket is None:
                return
            if not isinstance(ticket, Ticket):
                ticket()
            elif order == "abort":
                self.engine.abort_request([ticket.id])
            elif ticket.id in self._tickets:
                self._add(ticket)

    def _add(self, ticket: Ticket) -> None:
        try:
            prompt = {"prompt_token_ids": list(ticket.prompt_ids)}
            self.engine.add_request(ticket.id, prompt, ticket.params, lora_request=self._lora)
        except (ValueError, TypeError, NotImplementedError) as exc:
            with self._lock:
                self._tickets.pop(ticket.id, None)
            error = UsageError(f"vLLM refuses the request: {exc}")
            error.__cause__ = exc
            self._deliver([(ticket, error)])

    def _news(self, output: Any) -> tuple[Ticket, Piece] | None:
        """Turn an engine output into a piece for its ticket; None if nobody waits for it any more."""
        ticket = self._tickets.get(output.request_id)
        if ticket is None:
            return None
        part = output.outputs[0]
        new = list(part.token_ids)
        ticket.ids.extend(new)
        ticket.logprobs.extend(part.logprobs or ())
        ticket.cached = output.num_cached_tokens or ticket.cached
        if not output.finished:
            return (ticket, Piece(tuple(new))) if new else None
        with self._lock:
            self._tickets.pop(ticket.id, None)
        stop_id: int | None = None
        if part.finish_reason == "stop" and not isinstance(part.stop_reason, str) and ticket.ids:
            stop_id = ticket.ids.pop()  # vLLM hands out the token it stopped at
            new = new[:-1]
        ids = tuple(ticket.ids)
        alternatives = ticket.logprobs[: len(ids)]
        done = Drawn(
            ids=ids,
            finish_reason="stop" if part.finish_reason == "stop" else "length",
            stop_id=stop_id,
            cached_tokens=ticket.cached,
            logprobs=tuple(float(a[i].logprob) for i, a in zip(ids, alternatives, strict=False)),
            top_logprobs=tuple({k: float(v.logprob) for k, v in a.items()} for a in alternatives),
        )
        return ticket, Piece(tuple(new), done)

    @staticmethod
    def _deliver(news: list[tuple[Ticket, Any]]) -> None:
        """Hand news over to the event loops, with one wake-up each."""
        loops: dict[asyncio.AbstractEventLoop, list[tuple[Ticket, Any]]] = {}
        for ticket, item in news:
            loops.setdefault(ticket.loop, []).append((ticket, item))
        for loop, items in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put_all, items)


def _put_all(items: list[tuple[Ticket, Any]]) -> None:
    for ticket, item in items:
        ticket.news.put_nowait(item)
