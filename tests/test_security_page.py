"""SECURITY.md promises nothing that no test holds."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_promise_names_a_test_that_exists() -> None:
    promised = (
        (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## What is promised")[2].partition("\n## ")[0]
    )
    rows = [row for row in promised.splitlines() if row.startswith("|")][2:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", row.rpartition("|")[0].rpartition("|")[2])
        assert named and all((ROOT / name).is_file() for name in named), row
