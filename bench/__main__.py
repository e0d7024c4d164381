"""`make bench`: the short form of the benchmarks, one after the other; what lacks its data is named and left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SETS = ("squad20_dev", "xquad_de", "hotpotqa_100", "clapnq_dev", "chunking_eval")


def commands(data: Path | None) -> list[list[str]]:
    """Every benchmark with the arguments of its short form."""
    found = [["bench.index_100k", "--chunks", "20000"], ["bench.extractive", str(HERE.parent / "eval" / "primer")]]
    if data is None:
        print("RAGKIT_DATA is not set: retrieval and ingest need a folder of question sets and are left out")
    else:
        found += [[str(HERE / "retrieval.py"), str(data), "--sets", *SETS]]
        found += [["bench.ingest", str(data / "squad20_dev")]]
    return [*found, [str(HERE / "engines.py")]]


def main() -> int:
    """Run them; the exit code is 1 when one failed."""
    data = Path(os.environ["RAGKIT_DATA"]) if os.environ.get("RAGKIT_DATA") else None
    failed = []
    for command in commands(data):
        print(f"\n== {' '.join(command)}", flush=True)
        start = [sys.executable] if command[0].endswith(".py") else [sys.executable, "-m"]
        if subprocess.run([*start, *command], cwd=HERE.parent, check=False).returncode:
            failed.append(command[0])
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
