"""Kill -9 an ingest at random points and check what is left; `python -m tests.index.crash N` prints the count."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

DOCUMENTS = 60

CHILD = """
import sys
from pathlib import Path
from ragkit.index import Index
from tests.fakes import WordEncoder
import ragkit.index.ingest as ingest
ingest.BATCH_CHUNKS = 8
index = Index("crash", home=sys.argv[1], encoder=WordEncoder())
print("ready", flush=True)
index.add(Path(sys.argv[2]), progress=lambda p: print(p.outcome, p.source, flush=True))
print("finished", flush=True)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one killed run left: names acknowledged but lost, half documents, and what verify found after reopening."""

    finished: bool
    acknowledged: int
    lost: tuple[str, ...]
    half: tuple[str, ...]
    problems: tuple[str, ...]


def write_documents(folder: Path) -> None:
    """Documents of one to four chunks."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(DOCUMENTS):
        body = "\n\n".join(f"Paragraph {j} of number{i} " + "speaks at some length " * 12 for j in range(1 + i % 4))
        (folder / f"d{i:03}.txt").write_text(body)


def crash_once(home: Path, docs: Path, delay_s: float, rng: random.Random) -> Outcome:
    """Start an ingest, kill it `delay_s` after it is ready, reopen, and compare with what it had acknowledged."""
    from ragkit.index import Index, list_indexes
    from tests.fakes import WordEncoder

    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), str(docs)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(delay_s * rng.random())  # the random point itself, not a wait for something
        os.kill(child.pid, signal.SIGKILL)
        said = child.stdout.read().splitlines()
    acknowledged = [line.split(" ", 1)[1] for line in said if line.startswith(("added", "replaced", "unchanged"))]
    index = Index("crash", home=home, encoder=WordEncoder())
    if not acknowledged and not any(record.name == index.name for record in list_indexes(home=home)):
        return Outcome(False, 0, (), (), ())  # killed before there was an index
    stored = {Path(row.source).name: row for row in index.documents()}
    lost = tuple(name for name in acknowledged if Path(name).name not in stored)
    half = tuple(
        name
        for name, row in stored.items()
        if index.document(row.id).text.strip() != (docs / name).read_text().strip()
        or row.chunks != len(index.chunks(row.id))
        or row.chunks == 0
    )
    problems = index.verify().problems
    index.close()
    return Outcome("finished" in said, len(acknowledged), lost, half, problems)


def main(times: int) -> None:
    """Print one line for `times` kills, each on the home the kills before left behind until it is complete."""
    rng = random.Random(0)
    outcomes = []
    with tempfile.TemporaryDirectory() as root:
        docs = Path(root) / "docs"
        write_documents(docs)
        home = Path(root) / "home0"
        for n in range(times):
            outcome = crash_once(home, docs, delay_s=0.6, rng=rng)
            outcomes.append(outcome)
            if outcome.finished:
                home = Path(root) / f"home{n + 1}"
    print(
        f"{times} kills: {sum(len(o.lost) for o in outcomes)} acknowledged documents lost, "
        f"{sum(len(o.half) for o in outcomes)} half documents, "
        f"{sum(bool(o.problems) for o in outcomes)} not clean, "
        f"{sum(o.finished for o in outcomes)} had finished, {sum(o.acknowledged for o in outcomes)} acknowledged"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
