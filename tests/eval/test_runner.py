"""Runs: everything is written once, survives being killed, is counted when it fails, and resumes only as itself."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.metrics.scoring import table_of
from ragkit.eval.metrics.summary import summarise
from ragkit.eval.running.asking import Asker
from ragkit.eval.running.progress import RunProgress
from ragkit.eval.running.runner import Outcome, jobs_of, run_jobs, run_searches
from ragkit.eval.running.runs import Run, SampleLog, differences, read_run

from ragkit.errors import EvalError, IndexLockedError

from .fakes import COUNT, FakeRAG, questions

ROOT = Path(__file__).resolve().parents[2]


def draw(folder: Path, rag: FakeRAG, *, samples: int = 1, retry: bool = False, **options: Any) -> Outcome:
    asked = questions()
    with Run(folder, {"fingerprint": {"questions": asked.sha256}, "set": {"questions": COUNT}}) as run:
        jobs = jobs_of(run, asked.questions, samples, retry=retry)
        return run_jobs(run, jobs, Asker(rag), total=COUNT * samples, quiet=True, **options)


def summary(folder: Path) -> dict[str, Any]:
    _, rows = read_run(folder)
    found = summarise(table_of(sorted(rows, key=lambda r: int(r["id"][1:]))))
    for part in (found, *found["kinds"].values()):
        for name in ("seconds", "seconds_alone"):
            part.get("metrics", {}).pop(name, None)
    del found["latency_s"], found["in_flight_s"]
    return found


def test_every_question_is_asked_once_and_written(tmp_path: Path) -> None:
    rag = FakeRAG()
    outcome = draw(tmp_path, rag)
    assert (outcome.drawn, outcome.resumed, outcome.failed, rag.asked) == (COUNT, 0, 0, COUNT)
    assert draw(tmp_path, rag).drawn == 0 and rag.asked == COUNT
    _, rows = read_run(tmp_path)
    assert sorted(r["id"] for r in rows) == sorted(q.id for q in questions().questions)


def test_samples_of_one_question_have_keys_of_their_own(tmp_path: Path) -> None:
    assert draw(tmp_path, FakeRAG(), samples=3).drawn == 3 * COUNT
    assert summary(tmp_path)["samples"] == 3 * COUNT and summary(tmp_path)["questions"] == COUNT


def test_as_many_are_in_flight_as_asked_and_none_waits_for_a_batch(tmp_path: Path) -> None:
    now, most = 0, 0

    class Counting(FakeRAG):
        async def aask(self, question: str, **options: Any) -> Any:
            nonlocal now, most
            now, most = now + 1, max(most, now + 1)
            await asyncio.sleep(0.001)
            now -= 1
            return await super().aask(question, **options)

    draw(tmp_path, Counting(), concurrency=7)
    assert most == 7


def test_a_failure_is_counted_with_its_reason_and_drawn_again_when_asked(tmp_path: Path) -> None:
    broken = FakeRAG(broken=("What is number 3?",))
    assert draw(tmp_path, broken).failed == 1
    found = summary(tmp_path)
    assert found["failed"] == {"samples": 1, "reasons": {"ValueError: no such thing": 1}}
    assert found["metrics"]["accuracy"]["n"] == COUNT - 1  # what failed is neither right nor wrong
    assert draw(tmp_path, FakeRAG()).drawn == 0
    assert draw(tmp_path, FakeRAG(), retry=True).drawn == 1
    assert summary(tmp_path)["failed"]["samples"] == 0


def test_when_nothing_works_the_run_stops_and_says_why(tmp_path: Path) -> None:
    everything = tuple(q.question for q in questions().questions)
    with pytest.raises(EvalError, match=r"20 samples failed in a row.*no such thing.*--retry-failed"):
        draw(tmp_path, FakeRAG(broken=everything), concurrency=1)
    assert draw(tmp_path, FakeRAG(), retry=True).failed == 0


def test_resuming_with_another_fingerprint_is_refused_by_name(tmp_path: Path) -> None:
    draw(tmp_path, FakeRAG())
    with pytest.raises(EvalError, match=r"another corpus .*now .*def"):
        Run(tmp_path, {"fingerprint": {"questions": questions().sha256, "corpus": {"content": "def"}}})


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    manifest: dict[str, Any] = {"fingerprint": {}}
    with Run(tmp_path, manifest), pytest.raises(IndexLockedError, match="another process is writing"):
        Run(tmp_path, manifest)


def test_a_corpus_that_changes_under_a_run_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("ragkit.eval.running.runner.time.monotonic", lambda: float(next(clock)))
    looks = iter(["", "", "index 'x' changed during the run (3 → 4)"])
    with pytest.raises(EvalError, match=r"3 → 4\); what was drawn before is kept"):
        draw(tmp_path, FakeRAG(), unchanged=lambda: next(looks), concurrency=1)
    _, rows = read_run(tmp_path)
    assert 0 < len(list(rows)) < COUNT


def test_an_interrupt_leaves_a_run_that_can_be_scored_and_resumed(tmp_path: Path) -> None:
    class Interrupted(FakeRAG):
        async def aask(self, question: str, **options: Any) -> Any:
            if self.asked == 15:
                raise KeyboardInterrupt
            return await super().aask(question, **options)

    with pytest.raises(KeyboardInterrupt):
        draw(tmp_path, Interrupted(), concurrency=1)
    assert 10 <= summary(tmp_path)["questions"] <= 15
    draw(tmp_path, FakeRAG())
    draw(tmp_path / "whole", FakeRAG())
    assert summary(tmp_path) == summary(tmp_path / "whole")


def test_a_torn_last_line_is_cut_and_drawn_again(tmp_path: Path) -> None:
    draw(tmp_path, FakeRAG())
    whole, file = summary(tmp_path), tmp_path / "samples.jsonl"
    os.truncate(file, file.stat().st_size - 7)
    assert summary(tmp_path)["questions"] == COUNT - 1
    assert draw(tmp_path, FakeRAG()).drawn == 1
    assert summary(tmp_path) == whole


def test_a_changed_line_is_refused_not_skipped(tmp_path: Path) -> None:
    draw(tmp_path, FakeRAG())
    file = tmp_path / "samples.jsonl"
    file.write_bytes(b"garbage\n" + file.read_bytes())
    with pytest.raises(EvalError, match="line 1 is no sample"):
        draw(tmp_path, FakeRAG())


def test_a_full_disk_loses_nothing_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SampleLog(tmp_path / "samples.jsonl")
    log.append([{"key": "a"}])

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EvalError, match=r"No space left on device\) after 1 samples, which are kept"):
        log.append([{"key": "b"}])
    log.close()
    assert (tmp_path / "samples.jsonl").read_text() == '{"key": "a"}\n'


def test_a_full_disk_under_a_run_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        real, calls = os.fsync, iter([False] * 3 + [True] * 1000)

        def full(handle: int) -> None:
            if next(calls):
                raise OSError(28, "No space left on device")
            real(handle)

        patch.setattr(os, "fsync", full)
        with pytest.raises(EvalError, match="No space left"):
            draw(tmp_path, FakeRAG(wait=0.001), concurrency=2)
    draw(tmp_path, FakeRAG())
    assert summary(tmp_path)["questions"] == COUNT


def kill_and_resume(folder: Path, points: int, seed: int) -> int:
    """Kill -9 a run at random moments, then let it end; returns how often it was really killed."""
    rng, killed = random.Random(seed), 0
    command = [sys.executable, "-m", "tests.eval.killed_run", str(folder)]
    for _ in range(points):
        target = rng.randint(1, 60) * 400
        grown = file.stat().st_size if (file := folder / "samples.jsonl").exists() else 0
        process = subprocess.Popen(command, cwd=ROOT)
        while process.poll() is None:
            if file.exists() and file.stat().st_size > grown + target:
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
                break
            time.sleep(0.0005)
    subprocess.run(command, cwd=ROOT, check=True)
    return killed


def check_whole(folder: Path) -> None:
    keys = [json.loads(line)["key"] for line in (folder / "samples.jsonl").read_text().splitlines()]
    assert len(keys) == len(set(keys)) == 200


def test_killed_runs_end_with_the_same_figures_and_no_sample_twice(tmp_path: Path) -> None:
    assert kill_and_resume(tmp_path / "killed", 2, seed=1) >= 1
    assert kill_and_resume(tmp_path / "whole", 0, seed=1) == 0
    check_whole(tmp_path / "killed")
    assert summary(tmp_path / "killed") == summary(tmp_path / "whole")


@pytest.mark.slow
def test_twenty_kills_at_random_points(tmp_path: Path) -> None:
    kill_and_resume(tmp_path / "whole", 0, seed=0)
    killed = 0
    for seed in range(10):
        killed += kill_and_resume(tmp_path / str(seed), 3, seed)
        check_whole(tmp_path / str(seed))
        assert summary(tmp_path / str(seed)) == summary(tmp_path / "whole")
    assert killed >= 20


def test_searches_alone_are_written_and_scored(tmp_path: Path) -> None:
    asked = questions()
    with Run(tmp_path, {"fingerprint": {}, "set": {"questions": COUNT}}) as run:
        jobs = jobs_of(run, asked.questions)
        found = lambda q: ["x", *q.relevant]  # noqa: E731
        outcome = run_searches(run, jobs, found, total=COUNT, depth=10, quiet=True)
    assert outcome.drawn == COUNT
    metrics = summary(tmp_path)["metrics"]
    assert metrics["mrr"]["mean"] == 0.5 and metrics["hit@1"]["mean"] == 0 and metrics["recall@3"]["mean"] == 1
    assert metrics["mrr"]["n"] == COUNT - 4 and "accuracy" not in metrics


def test_differences_are_named_by_their_path() -> None:
    assert differences({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 5}, "e": 4}) == {
        "a.c": (2, 5),
        "d": (3, None),
        "e": (None, 4),
    }


def test_progress_tells_rate_time_left_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    progress = RunProgress(10, "samples")
    for i in range(5):
        progress.step(failed=i == 0)
    progress.close()
    line = capsys.readouterr().err
    assert line.startswith("samples 5/10, 1 failed · ") and "/s · " in line and "left" in line
