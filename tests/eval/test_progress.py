"""A run tells whoever listens how far it is; a listener can end it, and it is resumed from there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.running.progress import RunProgress, told_to
from ragkit.eval.running.runner import SampleJob, jobs_of, run_jobs
from ragkit.eval.running.runs import Run
from ragkit.eval.sets.reading import make_set

QUESTIONS = make_set("small", [{"id": f"q{i}", "question": f"What is {i}?", "answers": ["x"]} for i in range(8)])
MANIFEST = {"command": "run", "fingerprint": {"questions": QUESTIONS.sha256}, "set": {"name": "small"}}


class StoppedError(Exception):
    """Raised by a listener."""


async def answer(job: SampleJob) -> dict[str, Any]:
    return {"answer": job.question.id}


def draw_all(run: Run, draw: Any) -> Any:
    return run_jobs(run, jobs_of(run, QUESTIONS.questions), draw, total=len(QUESTIONS), concurrency=1, quiet=True)


def test_a_listener_hears_of_every_sample(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    with told_to(lambda p: heard.append((p.done, p.total))), Run(tmp_path / "run", MANIFEST) as run:
        draw_all(run, answer)
    assert [(n, 8) for n in range(1, 9)] == list(dict.fromkeys(heard))


def test_what_a_listener_raises_ends_the_run_and_the_rest_is_drawn_later(tmp_path: Path) -> None:
    def stop(progress: RunProgress) -> None:
        if progress.done == 3:
            raise StoppedError

    with told_to(stop), Run(tmp_path / "run", MANIFEST) as run, pytest.raises(StoppedError):
        draw_all(run, answer)
    with Run(tmp_path / "run", MANIFEST) as run:
        assert len(run.log.keys) == 3
        assert draw_all(run, answer).drawn == 5


def test_a_run_can_be_stopped_while_no_sample_ends(tmp_path: Path) -> None:
    async def never(job: SampleJob) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    def stop(progress: RunProgress) -> None:
        raise StoppedError

    with told_to(stop), Run(tmp_path / "run", MANIFEST) as run, pytest.raises(StoppedError):
        draw_all(run, never)


def test_nobody_listens_unless_asked() -> None:
    assert not RunProgress(1, "samples", quiet=True).watched
