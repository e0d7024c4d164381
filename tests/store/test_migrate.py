"""The schema: migrations give exactly the tables of the code, once, however many open at the same moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from ragkit.errors import StoreError
from ragkit.store import Store, content, migrations
from ragkit.store.schema import Base
from ragkit.text import Passage
from ragkit.types import Document

from .samples import put

FOLDER = Path(migrations.__file__).parent


def test_migrated_schema_is_the_one_of_the_code(url: str) -> None:
    Store(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert {t.name for t in Base.metadata.sorted_tables} >= {content.chunks.name, content.texts.name}
        found = inspect(connection)
        for table in Base.metadata.sorted_tables:
            expected = {(k.name, k.ondelete) for k in table.foreign_key_constraints}
            assert {(k["name"], k["options"].get("ondelete")) for k in found.get_foreign_keys(table.name)} == expected
    engine.dispose()


def test_sqlite_tables_are_made_as_the_code_would_make_them(tmp_path: Path) -> None:
    """AUTOINCREMENT and WITHOUT ROWID are not seen by the comparison above."""
    Store(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    statements = []
    for name in ("migrated", "fresh"):
        engine = create_engine(f"sqlite:///{tmp_path / name}.db")
        if name == "fresh":
            Base.metadata.create_all(engine)
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version' ORDER BY name"
        with engine.connect() as connection:
            statements.append(
                [(n, sorted(" ".join(sql.split()).split(", "))) for n, sql in connection.execute(text(query))]
            )
        engine.dispose()
    assert [n for n, _ in statements[0]] == [n for n, _ in statements[1]]
    for (name, migrated), (_, fresh) in zip(*statements, strict=True):
        for words in ("AUTOINCREMENT", "WITHOUT ROWID", "ON DELETE CASCADE"):
            assert str(migrated).count(words) == str(fresh).count(words), name


def test_head_is_the_newest_script() -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [migrations.HEAD]


def test_newer_schema_is_refused_in_one_line(url: str) -> None:
    Store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"schema 9999, this ragkit knows up to \d+; install a newer ragkit"):
        Store(url)


def test_older_database_gets_its_checksums(url: str) -> None:
    """Rows as the schema before wrote them: no checksum, no mark."""
    store = Store(url)
    index = store.create_index("handbook", encoder="e", fingerprint="f", dim=4, chunker="1")
    for number in range(3):
        put(store, index.id, f"d{number}", metadata={"n": 1e300, "deep": number})
    store.delete(index.id, ["d1"])
    store.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE marks"))
        connection.execute(text("DROP TABLE files"))
        connection.execute(text("ALTER TABLE indexes DROP COLUMN lineage"))
        for table in ("indexes", "documents", "chunks", "embeddings"):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN checksum"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    engine.dispose()
    upgraded = Store(url)
    assert upgraded.check(index.id) == []
    assert not upgraded.holds(index.id, 4, "")
    put(upgraded, index.id, "d4")
    assert upgraded.check(index.id) == []
    assert upgraded.holds(index.id, *upgraded.state(index.id))
    upgraded.close()


def test_processes_may_open_a_fresh_home_at_once(url: str) -> None:
    code = (
        "import sys; from ragkit.store import Store; import alembic.command; print('ready', flush=True)\n"
        "sys.stdin.readline(); s = Store(sys.argv[1]); print(len(s.indexes())); s.close()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (out.strip(), err) == ("0", "")


def test_passages_of_an_older_schema_have_no_header_and_no_breaks(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    database = tmp_path / "old.db"
    store = Store(f"sqlite:///{database}")
    index = store.create_index("old", encoder="e", fingerprint="f", dim=2, chunker="1")
    vectors = np.array([[1, 0]], np.float32)
    store.put(index.id, Document("d", "text"), [Passage(0, 4, "text")], vectors, content_hash="h")
    store.close()
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert "header" not in {c["name"] for c in inspect(connection).get_columns("chunks")}
    engine.dispose()
    store = Store(f"sqlite:///{database}")
    assert [(c.text, c.header, c.breaks) for c in store.document_chunks(index.id, "d")] == [("text", "", ())]
    store.close()
