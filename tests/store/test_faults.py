"""When the database refuses, the user reads one line: what, where, the remedy. And nothing is half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from ragkit.errors import ConfigError, IndexLockedError, StoreError
from ragkit.store import Store
from ragkit.store.connect import Database

from .samples import put


def line(caught: pytest.ExceptionInfo[BaseException]) -> str:
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_full_disk(tmp_path: Path) -> None:
    """SQLite's own page limit fails a write with the very error of a full disk."""
    store = Store(f"sqlite:///{tmp_path / 'r.db'}")
    index = store.create_index("a", encoder="e", fingerprint="f", dim=4, chunker="1")
    put(store, index.id, "first")
    event.listen(store._database.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA max_page_count=1"))
    with pytest.raises(StoreError) as caught:
        put(store, index.id, "second", "x" * 200_000)
    assert "disk that holds" in line(caught)
    assert "free some space" in line(caught)
    assert store.counts(index.id) == (1, 2)
    assert store.sequence(index.id) == 1
    store.close()


def test_read_only_database_is_searched_but_not_written(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'r.db'}")
    index = store.create_index("a", encoder="e", fingerprint="f", dim=4, chunker="1")
    put(store, index.id, "first")
    store.close()
    frozen = Store(f"sqlite:///file:{tmp_path / 'r.db'}?mode=ro&uri=true")
    assert frozen.counts(index.id) == (1, 2)
    with pytest.raises(StoreError, match="cannot be written") as caught:
        put(frozen, index.id, "second")
    assert "RAGKIT_HOME" in line(caught)
    frozen.close()


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened; check that its folder exists"):
        Store(f"sqlite:///{tmp_path / 'none' / 'r.db'}")


def test_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_bytes(b"These are words, not a database. " * 100)
    with pytest.raises(StoreError, match=r"r\.db is damaged .*restore a backup of it"):
        Store(f"sqlite:///{tmp_path / 'r.db'}")


def test_overwritten_pages_are_found_by_check(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    store = Store(f"sqlite:///{path}")
    index = store.create_index("a", encoder="e", fingerprint="f", dim=4, chunker="1")
    for number in range(60):
        put(store, index.id, f"d{number}", "0123456789" * 10)
    store.close()
    whole = path.read_bytes()
    middle = len(whole) // 4096 // 2 * 4096
    path.write_bytes(whole[:middle] + os.urandom(8 * 4096) + whole[middle + 8 * 4096 :])
    store = Store(f"sqlite:///{path}")
    assert any("damaged" in problem for problem in store.check(index.id))
    store.close()


def test_busy_database_is_a_locked_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}"
    first = Store(url)
    index = first.create_index("a", encoder="e", fingerprint="f", dim=4, chunker="1")
    second = Database(url)
    event.listen(second.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=20").close())
    with (
        first._database.writing(),
        pytest.raises(IndexLockedError, match="another process is writing"),
        second.writing(),
    ):
        pass
    assert first.sequence(index.id) == 0
    second.close()
    first.close()


def test_unreachable_server_hides_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        Store("postgresql+psycopg://me:secret@127.0.0.1:9/ragkit")
    assert "secret" not in line(caught)
    assert "RAGKIT_DATABASE" in line(caught)


def test_missing_database_on_a_server(postgres_server: str) -> None:
    with pytest.raises(StoreError, match='database "absent" does not exist; correct RAGKIT_DATABASE') as caught:
        Store(postgres_server.replace("/postgres?", "/absent?"))
    line(caught)


@pytest.mark.parametrize(
    "bad", ["ragkit.db", "mysql://u:secret@h/x", "oracle+cx://h", "sqlite://", "sqlite:///:memory:"]
)
def test_url_that_names_no_store(bad: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Store(bad)
    assert "secret" not in line(caught)


PUT_FOREVER = """
import sys
from ragkit.store import Store
from tests.store.samples import put
store = Store(sys.argv[1])
index = store.index("handbook")
for number in range(10**6):
    put(store, index.id, f"d{number % 7}", f"{number:010d}" * 50)
    print(number, flush=True)
"""


def test_killed_writer_leaves_whole_documents_only(url: str) -> None:
    first = Store(url)
    index = first.create_index("handbook", encoder="e", fingerprint="f", dim=4, chunker="1")
    first.close()
    root = Path(__file__).parents[2]
    for puts in (1, 4):
        with subprocess.Popen(
            [sys.executable, "-c", PUT_FOREVER, url], stdout=subprocess.PIPE, text=True, cwd=root
        ) as writer:
            assert writer.stdout is not None
            for _ in range(puts):
                assert writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        after = Store(url)
        assert after.check(index.id) == []
        for row in after.documents(index.id):
            text = after.document(index.id, row.id).text
            chunks = after.document_chunks(index.id, row.id)
            assert [c.text for c in chunks] == [text[:10]] * 50
        live = {int(i) for batch in after.changes(index.id, 0) for i in batch.ids}
        assert len(live) == after.counts(index.id)[1] == 50 * len(after.documents(index.id))
        after.close()
