"""Rows that a tiny model can learn in seconds, and a training of them in a process of its own, for killing.

python -m tests.tune.training MODEL FOLDER: the answer to every row is the same word, so that a few steps show.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ragkit.tune.models import learner
from ragkit.tune.rows import Row, split_of
from ragkit.tune.sft import Training, sft

TINY = Training(lora=4, epochs=4, learning_rate=2e-2, batch=8, every=5)


def easy_rows(n: int = 160) -> list[Row]:
    """Short prompts, one word to say."""
    made = []
    for i in range(n):
        text = ({"role": "user", "content": f"{i}?"},)
        made.append(Row(f"q{i}", split_of(f"d{i}"), f"{i}?", ("ab",), f"d{i}", text, False, "", "ab"))
    return made


if __name__ == "__main__":
    result = sft(easy_rows(), learner(f"transformers:{sys.argv[1]}"), Path(sys.argv[2]), TINY)
    sys.stdout.write(json.dumps(result))
