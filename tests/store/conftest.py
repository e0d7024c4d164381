"""Stores to test on: a SQLite file, and a database on a real PostgreSQL server started once per run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ragkit.store import IndexRecord, Store

from . import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the server; skips with the reason where it cannot start, fails in CI when the package is there."""
    pytest.importorskip("psycopg")
    try:
        with postgres.server() as url:
            yield url
    except postgres.NoServerError as exc:
        if os.environ.get("CI") == "true" and exc.installed:
            pytest.fail(f"no PostgreSQL: {exc}")
        pytest.skip(f"no PostgreSQL: {exc}")


@pytest.fixture
def new_postgres(postgres_server: str) -> str:
    """URL of an empty PostgreSQL database: the same one each time, emptied."""
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres_server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, on each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ragkit.db'}"
    fresh: str = request.getfixturevalue("new_postgres")
    return fresh


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store on an empty database."""
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def index(store: Store) -> IndexRecord:
    """An empty index of dim 4."""
    return store.create_index("handbook", encoder="words-4", fingerprint="f1", dim=4, chunker="1")
