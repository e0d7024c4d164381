"""One home, everything at once: a live server, an evaluation, twelve writers in six processes, and commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ragkit.index import Index
from tests.server.live import served

pytestmark = pytest.mark.slow
PROCESSES, THREADS, EACH = 6, 2, 5
QUESTIONS = 40
LOCKED = 409
LIMIT_S = 400

WRITE = """
import sys, threading
from ragkit.errors import IndexLockedError
from ragkit.index import Index
home, who, threads, each = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
index = Index("written", home=home)
failed = []
def write(thread):
    for n in range(each):
        name = f"{who}-{thread}-{n}"
        for _ in range(10_000):
            try:
                index.add([{"id": name, "text": f"Rule {name} of travel."}])
                break
            except IndexLockedError:
                threading.Event().wait(.02)
        else:
            failed.append(name)
        assert index.search(f"rule {name}", k=3)
        print(name, flush=True)
threads = [threading.Thread(target=write, args=(t,)) for t in range(threads)]
[t.start() for t in threads]
[t.join() for t in threads]
sys.exit(bool(failed))
"""


def command(home: Path, *arguments: str) -> tuple[str, int, str]:
    """A `ragkit` command in a process of its own: its name, its exit code, all it said."""
    done = subprocess.run(
        [sys.executable, "-c", "from ragkit.cli import main; main()", *arguments],
        env={**os.environ, "RAGKIT_HOME": str(home), "OMP_NUM_THREADS": "1"},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return arguments[0], done.returncode, done.stdout + done.stderr


def writer(home: Path, who: int) -> tuple[int, list[str], str]:
    """One process of writers: its exit code, what it wrote, what it complained of."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(home), f"p{who}", str(THREADS), str(EACH)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return done.returncode, done.stdout.split(), done.stderr


def client(url: str, who: int) -> tuple[list[int], list[str]]:
    """A browser's worth of requests: all statuses, and the documents that the server took."""
    statuses, taken = [], []
    with httpx.Client(base_url=url, timeout=LIMIT_S) as http:
        for n in range(EACH * 2):
            name = f"http{who}-{n}"
            row = {"id": name, "text": f"Rule {name} of travel."}
            added = http.post("/api/indexes/written/texts", json={"documents": [row]})
            if added.status_code == 200:
                taken.append(name)
            asked = http.post("/api/ask", json={"index": "asked", "question": f"Who checked plant {n}?"})
            found = http.post("/api/search", json={"index": "written", "query": f"rule {name}"})
            statuses += [added.status_code, asked.status_code, found.status_code]
    return statuses, taken


def test_server_evaluation_writers_and_commands_at_once_lose_nothing_and_stay_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    rows = [{"id": f"d{i}", "text": f"The pump of plant {i} was checked by engineer number{i}."} for i in range(60)]
    for name, some in (("asked", rows), ("written", rows[:3])):
        with Index(name, home=home) as index:
            index.add(some)
    asked = [
        {"question": f"Who checked plant {i}?", "answers": [f"number{i}"], "relevant": [f"d{i}"]}
        for i in range(QUESTIONS)
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(json.dumps({"id": f"q{i}", **q}) for i, q in enumerate(asked)))
    run = tmp_path / "run"
    evaluation = ("eval", "run", str(questions), "--index", "asked", "--model", "extractive", "--out", str(run))
    others = [
        ("search", "plant 7", "--index", "asked"),
        ("ask", "Who checked plant 7?", "--index", "asked", "--model", "extractive"),
        ("ls", "written"),
        ("verify", "written"),
        ("backup", str(tmp_path / "kept.db")),
        ("trace", "ls"),
    ]
    with served(home, "--no-ui") as (url, _), ThreadPoolExecutor(PROCESSES + 12) as pool:
        writers = [pool.submit(writer, home, who) for who in range(PROCESSES)]
        clients = [pool.submit(client, url, who) for who in range(3)]
        evaluated = pool.submit(command, home, *evaluation)
        commands = [pool.submit(command, home, *arguments) for arguments in others]
        wrote = [each.result() for each in writers]
        sent = [each.result() for each in clients]
        said = [evaluated.result(), *(each.result() for each in commands)]
        assert httpx.get(f"{url}/ready", timeout=60).status_code == 200
    for code, _, complained in wrote:
        assert code == 0 and not complained, complained[-1500:]
    for name, code, text in said:
        assert code == 0 and "Traceback" not in text, (name, code, text[-2000:])
    assert {status for statuses, _ in sent for status in statuses} <= {200, LOCKED}
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text())
    assert summary["complete"] is True and summary["run"]["drawn"] == QUESTIONS and summary["run"]["failed"] == 0
    expected = {f"d{i}" for i in range(3)}.union(*(names for _, names, _ in wrote), *(taken for _, taken in sent))
    assert len(expected) >= 3 + PROCESSES * THREADS * EACH
    with Index("written", home=home) as index:
        assert {row.id for row in index.documents()} == expected
        assert index.verify().problems == ()
        for name in sorted(expected)[::7]:
            assert any(hit.document_id == name for hit in index.search(index.document(name).text, k=20))
    with Index("asked", home=home) as index:
        assert index.search("plant", k=1)  # opening sweeps what the ended server left
    assert not list(home.rglob("private-*"))
