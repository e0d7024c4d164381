"""`ragkit sync` as a process of its own: what it prints, how it follows a folder, how it ends on Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from ragkit.cli.output import Say
from ragkit.cli.progress import Course
from ragkit.embedding import DEFAULT_ENCODER
from ragkit.index import Index, Pace, Progress
from tests.fakes import WordEncoder

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120  # when something is certainly stuck; nothing is timed

CHILD = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background ignores it
from ragkit.cli import main
from ragkit.index import held, ingest
from tests.fakes import WordEncoder

class Encoder(WordEncoder):
    batches = 0
    def encode(self, texts, *, progress=None):
        Encoder.batches += 1
        while {holds} and progress is not None:
            progress(0)
            threading.Event().wait(0.002)
        return super().encode(texts)

ingest.BATCH_CHUNKS = 8
held.encoder_named = Encoder
sys.argv = ["ragkit", *sys.argv[1:]]
main()
"""


@contextmanager
def child(*arguments: object, holds: str = "False", **options: Any) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CHILD.replace("{holds}", holds), *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_of(stream: IO[str]) -> Callable[[Callable[[str], bool]], str]:
    """A function that waits for a line like this, and gives it."""
    found: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in stream:
            found.put(line)

    threading.Thread(target=read, daemon=True).start()

    def wait(wanted: Callable[[str], bool]) -> str:
        while True:
            line = found.get(timeout=PATIENCE_S)
            if wanted(line):
                return line

    return wait


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(40):
        (folder / f"n{n:02}.md").write_text(f"Note {n} is about its own number.")
    return folder


def test_ctrl_c_ends_though_the_encoder_would_go_on_for_ever_and_loses_nothing(docs: Path) -> None:
    with child("sync", docs, "--index", "notes", holds="Encoder.batches > 2", stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said: list[str] = []
        wait = lines_of(process.stderr)
        wait(lambda line: said.append(line) or "n12.md" in line)
        process.send_signal(signal.SIGINT)
        last = wait(lambda line: said.append(line) or "error:" in line)
        assert process.wait(PATIENCE_S) == 130, last
    assert "run the same command again to go on" in last
    told = {line.split()[1] for line in said if line.lstrip().startswith("added")}
    index = Index("notes", encoder=WordEncoder(DEFAULT_ENCODER))
    kept = {row.id for row in index.documents()}
    assert told and told <= kept and len(kept) < 40
    assert index.verify(), index.verify().problems
    report = index.sync(docs)
    assert (report.added, report.unchanged) == (40 - len(kept), len(kept))


def test_watching_follows_what_another_process_does_to_the_folder(docs: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    with child("sync", docs, "--index", "notes", "--watch", "--json", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        wait = lines_of(process.stdout)

        def until(**counts: int) -> dict[str, Any]:
            """Reports until they add up; the last of them."""
            left = dict(counts)
            while any(n > 0 for n in left.values()):
                report = json.loads(wait(bool))
                for name in left:
                    value = report[name]
                    left[name] -= value if isinstance(value, int) else len(value)
            return dict(report)

        until(added=40)
        (tmp_path / "new.md").write_text("The lighthouse is painted in stripes.")
        (tmp_path / "new.md").rename(docs / "new.md")
        until(added=1)
        index = Index("notes", encoder=WordEncoder(DEFAULT_ENCODER))
        assert index.search("lighthouse", k=1, mode="lexical")[0].document_id.endswith("new.md")
        (docs / "new.md").rename(docs / "beacon.md")
        until(moved=1)
        assert index.search("beacon", k=1, mode="lexical")
        (tmp_path / "next").write_text("The lighthouse is white now.")
        (tmp_path / "next").replace(docs / "beacon.md")
        until(replaced=1)
        broken.write_bytes(bytes(range(256)) * 40)
        broken.replace(docs / "beacon.md")
        until(failures=1)
        assert index.search("white", k=1, mode="lexical")
        (docs / "beacon.md").unlink()
        (docs / "n00.md").unlink()
        until(pruned=2)
        (docs / ".ragkitignore").write_text("n1*.md\n")
        until(pruned=10)
        (docs / "deep").mkdir()
        (docs / "n01.md").rename(docs / "deep/n01.md")
        until(moved=1)
        for path in docs.rglob("*.md"):
            path.unlink()
        until(pruned=29)
        assert index.documents() == []
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130


def test_on_a_terminal_one_line_in_its_place_tells_how_far_a_run_is(docs: Path) -> None:
    ours, theirs = pty.openpty()
    holds = "Encoder.batches > 3 and not sys.stdin.read(1)"
    options: dict[str, Any] = {"stderr": theirs, "stdin": subprocess.PIPE}
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    with child("sync", docs, "--index", "notes", holds=holds, env=environment, **options) as process:
        os.close(theirs)
        said = b""
        while b"of 40 files" not in said:
            said += os.read(ours, 4096)
        assert process.stdin is not None
        process.stdin.write("go on\n" * 10)
        process.stdin.close()
        while b"notes: 40 added" not in said:
            said += os.read(ours, 4096)
        assert process.wait(PATIENCE_S) == 0
    os.close(ours)
    shown = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", said)
    assert shown.count(b"    added ") == 20
    assert re.search(rb"[\r\n]notes: 40 added", shown)


def test_elsewhere_a_line_now_and_then_tells_how_far_a_run_is_and_none_tells_of_each_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    course = Course(Say(), clock=lambda: now[0])
    with course:
        for n in range(1000):
            course.pace(Pace(n, 1000, 4 * n, n / 1000, f"docs/f{n}.md"))
            course.tell(Progress(f"docs/f{n}.md", "added", 4))
            now[0] += 0.1
            if n % 250 == 249:
                course.look()
        course.tell(Progress("docs/bad.pdf", "failed", reason="it is damaged"))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 20 + 4 + 1
    assert said[20] == "249 of 1,000 files, 996 passages, 40 a second, about 75 s left; reading f249.md"
    assert said[-1].endswith("failed docs/bad.pdf  it is damaged")


def test_a_dry_run_names_everything_and_json_is_one_report(ragkit: Run, docs: Path, rules: Index) -> None:
    done = ragkit("sync", docs, "--index", "rules", "--dry-run", "--exclude", "n0*")
    assert (done.code, done.out) == (0, "")
    assert done.err.count("    added ") == 30
    assert "nothing was done; would be: 30 added" in done.err
    assert ragkit("sync", docs, "--index", "rules", "--json", "-q").data["added"] == 40
    assert ragkit("sync", docs, "--watch", "--dry-run").code == 2
    assert ragkit("sync", docs / "none", "--index", "rules").code == 3
    again = ragkit("sync", docs, "--index", "rules", "--include", "n0*", "--include", "n1*").err
    assert again.splitlines()[:20] == [f"   pruned {docs}/n{n}.md" for n in range(20, 40)]
    assert "rules: 0 added, 0 replaced, 20 unchanged, 20 pruned" in again
