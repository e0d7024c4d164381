"""`make bench`: the short form of the benchmarks, one after the other; what lacks its data is named and left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EVALUATION = ("sweep --questions 100 --rounds 1", "searches --questions 2000 --rounds 1", "throughput --questions 100")
SETS = ("squad20_dev", "xquad_de", "hotpotqa_100", "clapnq_dev", "chunking_eval")


def commands(data: Path | None) -> list[list[str]]:
    """Every benchmark with the arguments of its short form."""
    found = [["bench.index_100k", "--chunks", "20000"], ["bench.sync"]]
    found += [["bench.extractive", str(HERE.parent / "eval" / "primer")]]
    if data is None:
        print("RAGKIT_DATA is not set: retrieval and ingest need a folder of question sets and are left out")
    else:
        found += [["bench.retrieval", str(data), "--sets", *SETS]]
        found += [["bench.ingest", str(data / "squad20_dev")]]
        found += [["bench.tables"]]
    found += [["bench.evaluation", *short.split()] for short in EVALUATION]
    return [*found, ["bench.reasoning"], ["bench.engines"]]


def main() -> int:
    """Run them; the exit code is 1 when one failed."""
    data = Path(os.environ["RAGKIT_DATA"]) if os.environ.get("RAGKIT_DATA") else None
    failed = []
    for command in commands(data):
        print(f"\n== {' '.join(command)}", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=HERE.parent, check=False).returncode:
            failed.append(command[0])
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
