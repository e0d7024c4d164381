"""Store traces behind the answers' backs: one thread per store, many traces in one transaction.

A commit waits for the disk, and on SQLite readers wait for a commit; so traces are gathered for a moment before they
are written. `flush` and the end of the process do not wait for that moment. A trace that cannot be stored is lost, and
said so in the log `ragkit`: an answer never fails for its trace.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from functools import lru_cache

from ..errors import RagkitError
from ..store import Store, TraceRecord

__all__ = ["TraceWriter", "flush_traces", "writer_of"]

GATHER_S = 0.25
FLUSH_S = 20.0
log = logging.getLogger("ragkit")


class TraceWriter:
    """Takes functions that make a trace, runs them in its thread, and stores what they made."""

    def __init__(self, store: Store, *, gather_s: float = GATHER_S) -> None:
        self._store, self._gather_s = store, gather_s
        self._changed = threading.Condition()
        self._waiting: list[Callable[[], TraceRecord]] = []
        self._writing = False
        self._hurry = False
        self._thread: threading.Thread | None = None
        self.lost = 0

    def put(self, make: Callable[[], TraceRecord]) -> None:
        """Hand over a trace; returns at once."""
        with self._changed:
            self._waiting.append(make)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ragkit-traces", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout_s: float = FLUSH_S) -> bool:
        """Wait until all that was handed over is stored or lost; False when the time was not enough."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not self._waiting and not self._writing, timeout_s)
            self._hurry = False
            return done

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                self._changed.wait_for(lambda: self._hurry, self._gather_s)
                batch, self._waiting, self._writing = self._waiting, [], True
            try:
                self._store.traces.put([make() for make in batch])
            except RagkitError as exc:
                self._lose(len(batch), str(exc))
            except Exception:  # a fault in making a trace must not end the thread that stores the others
                log.exception("traces could not be made")
                self._lose(len(batch), "see above")
            finally:
                with self._changed:
                    self._writing = False
                    self._changed.notify_all()

    def _lose(self, count: int, why: str) -> None:
        self.lost += count
        log.warning("%d answers not stored for `ragkit trace`: %s; RAGKIT_TRACE=false turns it off", count, why)


_writers: list[TraceWriter] = []


@lru_cache(maxsize=64)
def writer_of(store: Store) -> TraceWriter:
    """The writer of a store, one per process."""
    made = TraceWriter(store)
    _writers.append(made)
    return made


def flush_traces() -> None:
    """Wait until every answer given so far is stored."""
    for writer in list(_writers):
        writer.flush()


atexit.register(flush_traces)
