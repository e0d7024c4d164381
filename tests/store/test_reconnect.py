"""PostgreSQL closes connections: a restart, a failover, an idle time-out. The next call finds that out by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ragkit.errors import StoreError
from ragkit.index import Index
from ragkit.store import Store
from tests.fakes import WordEncoder

from .samples import put

OTHERS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend'"


def drop_connections(url: str) -> int:
    """End every connection to the server but this one's own, as its restart would; how many there were."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ended = connection.execute(text(f"{OTHERS} AND pid <> pg_backend_pid()")).scalar_one()
    engine.dispose()
    return int(ended)


def test_calls_go_on_after_the_server_dropped_all_connections(new_postgres: str) -> None:
    store = Store(new_postgres)
    index = store.create_index("handbook", encoder="e", fingerprint="f", dim=4, chunker="1")
    put(store, index.id, "first")
    calls: list[Callable[[], bool]] = [
        lambda: store.counts(index.id) == (1, 2),
        lambda: store.sequence(index.id) == 1,
        lambda: store.check(index.id) == [],
        lambda: bool(put(store, index.id, "second")),
    ]
    for call in calls:
        assert drop_connections(new_postgres) > 0
        assert call()
    assert store.counts(index.id) == (2, 4)
    store.close()


def test_search_goes_on_after_the_server_dropped_all_connections(
    new_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGKIT_DATABASE", new_postgres)
    with Index("handbook", home=tmp_path, encoder=WordEncoder()) as index:
        index.add([{"id": "d1", "text": "Rule number1 of travel."}])
        assert index.search("travel", k=1)
        assert drop_connections(new_postgres) > 0
        assert index.search("number1 travel", k=1)[0].document_id == "d1"


def test_connection_lost_within_a_transaction_is_one_line_and_undoes_it(new_postgres: str) -> None:
    store = Store(new_postgres)
    index = store.create_index("handbook", encoder="e", fingerprint="f", dim=4, chunker="1")
    put(store, index.id, "first")
    with (
        pytest.raises(StoreError, match="cannot be reached") as caught,
        store._database.writing() as connection,
    ):
        connection.execute(text("DELETE FROM documents"))
        assert drop_connections(new_postgres) > 0
        connection.execute(text("DELETE FROM chunks"))
    assert "\n" not in str(caught.value)
    assert store.counts(index.id) == (1, 2)
    assert store.check(index.id) == []
    store.close()
