"""A home is its owner's alone, whatever the umask; one that an older version made readable is closed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.index import Index
from ragkit.index.opening import open_store
from tests.fakes import WordEncoder


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(home: Path) -> dict[str, str]:
    found = {str(p.relative_to(home)): p for p in home.rglob("*") if not p.parent.name.startswith("private-")}
    return {name: oct(p.stat().st_mode & 0o777) for name, p in found.items() if p.stat().st_mode & 0o077}


def add(text: str = "Rule of travel.") -> Index:
    index = Index("handbook", encoder=WordEncoder())
    index.add([{"id": "a", "text": text}])
    index.live.publish(force=True)
    return index


def test_nobody_else_reads_a_home(home: Path) -> None:
    index = add()
    assert oct(home.stat().st_mode & 0o777) == "0o700"
    assert modes(home) == {}
    index.close()
    assert modes(home) == {}


def test_home_of_an_older_version_is_closed_when_it_is_opened(home: Path) -> None:
    add().close()
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    open_store.__globals__["_store"].cache_clear()
    add("Another rule.").close()
    assert oct(home.stat().st_mode & 0o777) == "0o700"
    assert oct((home / "ragkit.db").stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("why", ["holds other things", "is shared on purpose"])
def test_folder_that_is_more_than_a_home_is_left_as_it_is(home: Path, why: str) -> None:
    add().close()
    if why == "holds other things":
        (home / "paper.tex").touch()
    home.chmod(0o755 if why == "holds other things" else 0o2770)
    mode = home.stat().st_mode
    open_store.__globals__["_store"].cache_clear()
    add("Another rule.").close()
    assert home.stat().st_mode == mode
    assert oct((home / "ragkit.db").stat().st_mode & 0o777) == "0o600"
