"""A folder in sync: the CPU seconds of a run over unchanged files, and how soon Ctrl-C ends one that embeds.

    python -m bench.sync [--files 20000] [--rounds 5]

Each run is `ragkit sync` in a process of its own, start and imports included. The unchanged files were embedded by a
stand-in, as no encoder is loaded where nothing changed; the interrupted run uses the real one, and is interrupted once
its first documents are stored.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from ragkit.changes import FloatArray
from ragkit.index import Index

SLACK_S = 3  # a file changed within two seconds of being read is read again


class StandIn:
    """Vectors that depend on nothing."""

    name, dim, fingerprint, max_tokens = "stand-in", 8, "stand-in", 256

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)

    def encode_query(self, text: str) -> FloatArray:
        vector: FloatArray = self.encode([text])[0]
        return vector

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def pieces_per_word(self, text: str) -> float:
        return 1.2


def write(folder: Path, files: int) -> None:
    """Small notes, two hundred in a folder."""
    for n in range(files):
        path = folder / f"d{n // 200:03}" / f"n{n:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Note {n}\n\nThe colour of thing {n} is shade {n * 7919 % 99991}.\n")


def command(home: Path, folder: Path) -> subprocess.Popen[str]:
    """`ragkit sync`, as a child whose stderr can be read."""
    environment = {**os.environ, "RAGKIT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    line = [sys.executable, "-m", "ragkit", "sync", str(folder), "--index", "bench"]
    return subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, text=True)


def cpu_seconds() -> float:
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def unchanged(root: Path, files: int, rounds: int) -> list[float]:
    """CPU seconds of each run over files that nobody touched."""
    write(root / "many", files)
    time.sleep(SLACK_S)
    with Index("bench", home=root / "home", encoder=StandIn()) as index:
        index.sync(root / "many")
    taken = []
    for _ in range(rounds):
        before = cpu_seconds()
        said = command(root / "home", root / "many").communicate()[1]
        assert f"{files} unchanged" in said, said
        taken.append(cpu_seconds() - before)
    return taken


def interrupted(root: Path, rounds: int) -> list[float]:
    """Seconds from Ctrl-C to the end of the process."""
    write(root / "some", 5000)
    taken = []
    for n in range(rounds):
        child = command(root / f"home{n}", root / "some")
        assert child.stderr is not None
        while not child.stderr.readline().lstrip().startswith("added"):
            pass
        child.send_signal(signal.SIGINT)
        start = time.perf_counter()
        rest = child.stderr.read()
        code = child.wait()
        taken.append(time.perf_counter() - start)
        assert (code, "again to go on" in rest) == (130, True), rest
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it, and so would children
    with tempfile.TemporaryDirectory() as folder:
        for name, found, reach in (
            (f"{options.files:,} unchanged files, CPU s", unchanged(Path(folder), options.files, options.rounds), 2),
            ("Ctrl-C to the end, s", interrupted(Path(folder), options.rounds), 2),
        ):
            runs = ", ".join(f"{seconds:.2f}" for seconds in found)
            print(f"{name}: median {median(found):.2f}, largest {max(found):.2f} (reach {reach}); {runs}", flush=True)


if __name__ == "__main__":
    main()
