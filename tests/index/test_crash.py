"""Whatever an ingest reported as done survives kill -9; nothing is ever there by half."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .crash import crash_once, write_documents


@pytest.mark.parametrize("times", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_killed_ingest_loses_no_acknowledged_document(tmp_path: Path, times: int) -> None:
    docs, home, rng = tmp_path / "docs", tmp_path / "home", random.Random(times)
    write_documents(docs)
    for n in range(times):
        outcome = crash_once(home, docs, delay_s=0.6, rng=rng)
        assert (outcome.lost, outcome.half, outcome.problems) == ((), (), ())
        if outcome.finished:
            home = tmp_path / f"home{n}"
