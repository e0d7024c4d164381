"""Rows that a tiny model can learn in seconds, and a training of them that is killed again and again.

    python -m tests.tune.training MODEL FOLDER: FOLDER/whole is trained in peace, FOLDER/killed is killed after every
    other point of its curve and begun anew; prints {"kills", "whole", "killed"}, the results of both.

The trainings are children of one process that has imported everything, so that a kill costs no import.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from ragkit.tune.models import learner
from ragkit.tune.rows import Row, split_questions
from ragkit.tune.runs import Curve
from ragkit.tune.sft import Training, sft

TINY = Training(lora=4, epochs=4, learning_rate=2e-2, batch=8, every=5)
KILLS = 10


def easy_rows(n: int = 160) -> list[Row]:
    """Short prompts, one word to say."""
    made = []
    splits = split_questions([[f"d{i}"] for i in range(n)])
    for i in range(n):
        text = ({"role": "user", "content": f"{i}?"},)
        made.append(Row(f"q{i}", splits[i][1], f"{i}?", ("ab",), f"d{i}", text, False, "", "ab"))
    return made


def start(model: str, out: Path) -> int:
    """A child that trains; its process id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            sft(easy_rows(), learner(f"transformers:{model}"), out, TINY)
            code = 0
        finally:
            os._exit(code)
    return child


def result(out: Path) -> dict[str, Any]:
    """What a run says of itself."""
    found: dict[str, Any] = json.loads((out / "result.json").read_text())
    return found


def main(model: str, folder: Path) -> None:
    """Train twice, once in peace."""
    import datasets  # noqa: F401
    import peft  # noqa: F401
    import trl  # noqa: F401

    assert os.waitpid(start(model, folder / "whole"), 0)[1] == 0
    out, kills = folder / "killed", 0
    for wanted in range(2, 2 * KILLS + 2, 2):
        child = start(model, out)
        while os.waitpid(child, os.WNOHANG)[0] == 0:
            if len(Curve.points(out / "curve.jsonl")) >= wanted:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                kills += 1
                break
            time.sleep(0.002)
    assert os.waitpid(start(model, out), 0)[1] == 0
    print(json.dumps({"kills": kills, "whole": result(folder / "whole"), "killed": result(out)}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], Path(sys.argv[2]))
