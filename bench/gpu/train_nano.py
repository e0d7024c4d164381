"""Trains the tiny reader further on a GPU, measures it before and after, and prints a short table.

    python bench/gpu/train_nano.py OUT [--minutes 10] [--from-nothing] [-n 300]

OUT receives the run (checkpoint, curve.jsonl, curve.png), the exported weights in OUT/weights, and cells.json. Copy
OUT/weights over nano/weights when they are better.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from ragkit.nano import WEIGHTS
from ragkit.nano.__main__ import main as nano


def measure(weights: Path, out: Path, n: int) -> dict[str, float]:
    """Return the share right by cell."""
    nano(["evaluate", "--weights", str(weights), "-n", str(n), "--out", str(out)])
    return {cell["cell"]: cell["share"] for cell in json.loads(out.read_text())}


def main() -> None:
    """Train, export, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--from-nothing", action="store_true")
    parser.add_argument("-n", type=int, default=300)
    a = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("no CUDA device here; on a processor use: python -m ragkit.nano train --out RUN")
    a.out.mkdir(parents=True, exist_ok=True)
    before = measure(WEIGHTS, a.out / "before.json", a.n) if not a.from_nothing else {}
    command = ["train", "--out", str(a.out), "--minutes", str(a.minutes), "--device", "cuda"]
    started = time.monotonic()
    nano(command if a.from_nothing else [*command, "--init", str(WEIGHTS)])
    wall_s = time.monotonic() - started
    nano(["export", "--run", str(a.out), "--out", str(a.out / "weights")])
    after = measure(a.out / "weights", a.out / "cells.json", a.n)
    state = json.loads((a.out / "checkpoint" / "progress.json").read_text())["progress"]
    print(f"{torch.cuda.get_device_name()}: {state['tokens'] / 1e6:.0f}M tokens in {wall_s / 60:.1f} min")
    print(f"{'cell':28} before  after")
    for cell, share in after.items():
        print(f"{cell:28} {before.get(cell, float('nan')):6.3f} {share:6.3f}")


if __name__ == "__main__":
    main()
