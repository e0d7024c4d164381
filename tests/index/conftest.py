"""The index's own tests run on each pair of a store and a vector view; most of those on a server with `-m slow`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.index import opening
from tests.store.conftest import new_postgres, postgres_server

__all__ = ["new_postgres", "place", "postgres_server", "server"]

EVERYWHERE = ("test_index", "test_threads", "test_repair")
FAST = (  # of those on PostgreSQL: one of each kind of thing that an index does
    "test_added_folder_is_found",
    "test_every_mode",
    "test_changed_file_replaces",
    "test_prune_removes_only",
    "test_repair_",
    "test_reembed",
)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder of three small files, one of them deeper."""
    folder = tmp_path / "docs"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.md", "b.md", "deep/c.md"):
        (folder / name).write_text(f"# Title of {name}\n\nThe text of {name[-4]} is its own.\n")
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Add the pairs to the tests of these files."""
    if metafunc.module.__name__.rpartition(".")[2] not in EVERYWHERE or metafunc.definition.get_closest_marker("slow"):
        return
    slow = () if metafunc.function.__name__.startswith(FAST) else (pytest.mark.slow,)
    metafunc.fixturenames.append("place")
    pairs = [
        pytest.param("sqlite+faiss"),
        pytest.param("postgresql+faiss", marks=pytest.mark.slow),
        pytest.param("postgresql+pgvector", marks=slow),
    ]
    metafunc.parametrize("place", pairs, indirect=True)


@pytest.fixture
def server(new_postgres: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """RAGKIT_DATABASE names an empty PostgreSQL database; what this process keeps of it is let go afterwards."""
    opening._store.cache_clear()
    monkeypatch.setenv("RAGKIT_DATABASE", new_postgres)
    yield new_postgres
    opening._store(new_postgres).close()
    opening._store.cache_clear()


@pytest.fixture
def place(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store and the view of a test: what RAGKIT_DATABASE and RAGKIT_VIEW say."""
    store, _, view = str(request.param).partition("+")
    if store == "postgresql":
        request.getfixturevalue("server")
        monkeypatch.setenv("RAGKIT_VIEW", view)
    yield str(request.param)
