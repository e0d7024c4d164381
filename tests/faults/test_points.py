"""A kill, a full disk and a disk that turns read-only, at the file operations of twelve ways to write.

The sample strikes a few points of each operation; `slow` strikes every point of all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .injecting import harness, injector
from .operations import OPERATIONS


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return injector(tmp_path_factory.mktemp("injector"))


def test_some_points_of_every_operation_lose_nothing_and_leave_nothing_by_half(library: Path) -> None:
    found = harness("points", ",".join(OPERATIONS), "kill:200", "full:200", "readonly:200", library=library)
    assert len(found) == 3 * len(OPERATIONS)
    assert all(each["struck"] > 0 for each in found)
    assert [line for each in found for line in each["wrong"]] == []


@pytest.mark.slow
@pytest.mark.parametrize("operation", list(OPERATIONS))
def test_every_point_loses_nothing_and_leaves_nothing_by_half(library: Path, operation: str) -> None:
    found = harness("points", operation, "held", "kill:25", "full", "readonly", library=library)
    assert [line for each in found for line in each["wrong"]] == []
    held = found[0]
    assert held["struck"] >= held["operations"] > 0
