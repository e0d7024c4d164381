"""Damage anywhere in a home is reported or harmless; `repair` never makes it worse; no error comes as it is."""

from __future__ import annotations

import pytest

from .injecting import harness


@pytest.mark.parametrize(
    ("what", "times"),
    [("database", 8), ("views", 6), *(pytest.param(w, 500, marks=pytest.mark.slow) for w in ("database", "views"))],
)
def test_damage_is_reported_or_harmless(what: str, times: int) -> None:
    found = harness("damages", what, str(times))
    assert found["wrong"] == []
    counts = found["counts"]
    assert counts.get("reported", 0) + counts.get("right", 0) == times
    assert counts.get("reported", 0) > 0
