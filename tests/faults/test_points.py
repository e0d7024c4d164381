"""A kill, a full disk and a disk that turns read-only, at the file operations of ten ways to write.

The sample strikes a few points of a few operations; `slow` strikes every point of all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .injecting import harness, injector
from .operations import OPERATIONS

SAMPLE = [("first", "kill", 150), ("ingest", "full", 150), ("delete", "full", 250), ("restore", "kill", 60)]


@pytest.mark.parametrize(("operation", "kind", "every"), SAMPLE)
def test_some_points_lose_nothing_and_leave_nothing_by_half(
    tmp_path: Path, operation: str, kind: str, every: int
) -> None:
    found = harness("points", operation, kind, "--every", str(every), library=injector(tmp_path))
    assert found["tried"] >= 2
    assert found["wrong"] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "full", "readonly"])
@pytest.mark.parametrize("operation", list(OPERATIONS))
def test_every_point_loses_nothing_and_leaves_nothing_by_half(tmp_path: Path, operation: str, kind: str) -> None:
    found = harness("points", operation, kind, library=injector(tmp_path))
    assert found["tried"] == found["points"] > 0
    assert found["wrong"] == []
