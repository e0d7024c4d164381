"""Evaluations at work: one for each user, on a thread of its own, so that no browser tab has to stay open.

A run lives in its own folder below the user's home: the question set it was asked, what it was told (asked.json), and
what `ragkit eval` writes. Whatever ends it early, `go_on` draws only what is missing.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.eval.running.asking import index_name
from ragkit.eval.running.progress import RunProgress, told_to
from ragkit.eval.running.runs import write_json
from ragkit.eval.sets.reading import QuestionSet

from ragkit.errors import RagkitError, UsageError

from .asked import Asked, open_set, runs_folder

if TYPE_CHECKING:
    from ragkit.index import Index
    from ragkit.server.workspace import Workspace

__all__ = ["Evaluating", "Evaluations", "StoppedError"]

CONCURRENCY = 8  # questions in flight: others ask the same engine meanwhile


class StoppedError(RagkitError):
    """The user pressed Stop; what was drawn is kept."""


class Evaluating:
    """One evaluation and its thread. `phase` is preparing, asking, scoring, then done, stopped or failed."""

    def __init__(self, workspace: Workspace, asked: Asked, folder: Path) -> None:
        self.workspace, self.asked, self.folder = workspace, asked, folder
        self.phase, self.error, self.notes = "preparing", "", list[str]()
        self.done = self.total = self.failed = 0
        self.rate, self.left_s = 0.0, None  # type: float, float | None
        self.began = time.time()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ragkit-ui-eval", daemon=True)

    def start(self) -> Evaluating:
        """Begin; returns itself."""
        self._thread.start()
        return self

    @property
    def ended(self) -> bool:
        """Whether it will change no more."""
        return self.phase in ("done", "stopped", "failed")

    def stop(self) -> None:
        """End it soon; questions in flight are given up, what was drawn stays."""
        self._stop.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; whether it has come."""
        self._thread.join(timeout_s)
        return self.ended

    def _hear(self, progress: RunProgress) -> None:
        if self._stop.is_set():
            raise StoppedError("stopped")
        if self.phase == "preparing":
            self.phase = "asking"
        self.done, self.total, self.failed = progress.done, progress.total, progress.failed
        self.rate, self.left_s = progress.rate, progress.left_s

    def _work(self) -> None:
        from ragkit.eval.running.evaluate import score
        from ragkit.eval.running.sweep import score_sweep

        try:
            with told_to(self._hear):
                self._draw()
            self.phase = "done"
        except StoppedError:
            with contextlib.suppress(RagkitError):  # nothing was drawn yet
                score_sweep(self.folder) if self.asked.kind == "sweep" else score(self.folder, complete=False)
            self.phase = "stopped"
        except Exception as exc:  # noqa: BLE001 - told to the user, whatever it was; the thread has nobody above it
            self.error = str(exc) if isinstance(exc, RagkitError) else f"{type(exc).__name__}: {exc}"
            self.phase = "failed"

    def _draw(self) -> None:
        from ragkit.eval.running.evaluate import evaluate, evaluate_searches
        from ragkit.eval.running.sweep import Grid, sweep

        from ragkit.rag import RAG

        asked, home = self.asked, self.workspace.home
        questions = open_set(asked, self.folder, home)
        index = self._index(questions)
        self._check()
        if asked.kind == "search":
            evaluate_searches(index, questions, self.folder, k=max(asked.k, 10), quiet=True)
            return
        if asked.model not in self.workspace.models():
            raise UsageError(f"model {asked.model[:80]!r} is not served here")
        with RAG(index, asked.ask, home=home) as rag:
            if rag.engine is not None:
                self._check()
            more: dict[str, Any] = {"seed": asked.seed, "rule": asked.rule, "concurrency": CONCURRENCY, "quiet": True}
            if asked.kind == "sweep":
                sweep(rag, questions, self.folder, Grid(asked.caps, (asked.samples,)), **more)
                return
            evaluate(rag, questions, self.folder, samples=asked.samples, retry_failed=True, **more)
            self.phase = "scoring"
            self._judge(rag, index)

    def _index(self, questions: QuestionSet) -> Index:
        """The index named, or one made of the set's own documents."""
        if self.asked.index:
            return self.workspace.index(self.asked.index)
        if questions.documents is None:
            raise UsageError("this set brings no documents; choose the index that holds them")
        name = index_name(questions.name)
        if name not in {record.name for record in self.workspace.indexes()}:
            self.workspace.create(name)
        index = self.workspace.index(name)
        index.add(questions.documents, progress=lambda _: self._check())
        return index

    def _check(self) -> None:
        if self._stop.is_set():
            raise StoppedError("stopped")

    def _judge(self, rag: Any, index: Index) -> None:
        """Groundedness and the alignment profile, where asked for; what cannot be judged is a note, not a failure."""
        from ragkit.eval.checking.checks import check_run
        from ragkit.eval.metrics.profile import profile
        from ragkit.eval.options import checker_of
        from ragkit.eval.running.evaluate import score

        from ragkit.config import settings

        def ground() -> None:
            check_run(self.folder, checker_of(settings().checker, rag.engine, index))

        steps: list[tuple[bool, Callable[[], Any]]] = [
            (self.asked.ground, ground),
            (self.asked.rate and rag.engine is not None, lambda: profile(self.folder, rag.engine)),
        ]
        for wanted, step in steps:
            if wanted:
                try:
                    step()
                except StoppedError:
                    raise
                except RagkitError as exc:
                    self.notes.append(str(exc))
        if self.asked.ground:
            score(self.folder)


class Evaluations:
    """The evaluations of all users of a process, the last one of each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, Evaluating] = {}

    def last(self, workspace: Workspace) -> Evaluating | None:
        """The user's evaluation that runs or ran last, since the server started."""
        return self._last.get(str(workspace.home))

    def begin(self, workspace: Workspace, asked: Asked, upload: Path | None = None) -> Evaluating:
        """Start one in a new folder. upload: the question set's file. Raises UsageError while another one runs."""
        with self._lock:
            self._free(workspace)
            stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
            folder = runs_folder(workspace) / f"{stamp}-{uuid.uuid4().hex[:8]}"
            folder.mkdir(parents=True)
            write_json(folder / "asked.json", asdict(asked))
            if upload is not None:
                suffix = ".csv" if upload.suffix.lower() == ".csv" else ".jsonl"
                (folder / f"set{suffix}").write_bytes(upload.read_bytes())
            return self._start(workspace, asked, folder)

    def go_on(self, workspace: Workspace, folder: Path) -> Evaluating:
        """Resume the run in a folder. Raises UsageError while another one runs, or for a run that is not from here."""
        with self._lock:
            self._free(workspace)
            return self._start(workspace, Asked.read(folder), folder)

    def _free(self, workspace: Workspace) -> None:
        running = self.last(workspace)
        if running is not None and not running.ended:
            raise UsageError("an evaluation is running already; stop it or wait for its end, one at a time")

    def _start(self, workspace: Workspace, asked: Asked, folder: Path) -> Evaluating:
        evaluating = Evaluating(workspace, asked, folder)
        self._last[str(workspace.home)] = evaluating
        return evaluating.start()
