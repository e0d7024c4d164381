"""A question set of one's own, measured: right answers, retrieval, groundedness, each with its interval."""

import json
import subprocess
import sys
from pathlib import Path

import ragkit

ragkit.Index("example-eval").add(
    [
        {"id": "travel", "text": "The finance director approves travel over 2,000 euros."},
        {"id": "leave", "text": "Every employee has thirty days of paid leave a year."},
    ]
)
rows = [
    {"question": "Who approves travel over 2,000 euros?", "answers": ["finance director"], "relevant": ["travel"]},
    {"question": "How many days of paid leave does every employee have?", "answers": ["thirty"], "relevant": ["leave"]},
    {"question": "What does a badger eat?", "answers": []},
]
Path("example.jsonl").write_text("\n".join(map(json.dumps, rows)))
for arguments in ("run example.jsonl --index example-eval --out example-run --quiet", "report example-run"):
    subprocess.run([sys.executable, "-m", "ragkit", "eval", *arguments.split()], check=True)
