"""Every row that answers depend on is told from a changed one, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from ragkit.errors import IndexDamagedError, RagkitError, StoreDamagedError
from ragkit.store import IndexRecord, Store
from ragkit.store.integrity import checksums

from .samples import put

CHANGES = {
    "documents": ["title = 'Another'", "source = 'elsewhere'", 'metadata = \'{"team": "b"}\'', "language = 'xx'"],
    "texts": ["text = 'ten charz!ten more…!'"],
    "chunks": ["text = 'ten charz!'", "start = start + 1", "page = 7", "section = '[\"Other\"]'"],
    "deletions": ["chunk_id = chunk_id + 1"],
    "indexes": ["chunker = 'other'", "settings = '{\"budget\": 1}'", "lineage = 'f00d'", "sequence = sequence + 1"],
    "marks": ["mark = 'f00d'", "sequence = sequence + 5"],
}


@pytest.mark.parametrize(("table", "change"), [(t, c) for t, changes in CHANGES.items() for c in changes])
def test_changed_row_is_found(store: Store, index: IndexRecord, table: str, change: str) -> None:
    put(store, index.id, "a", title="Title", metadata={"team": "a", "n": 1e300, "f": -0.0, "i": 2**60})
    put(store, index.id, "b")
    store.delete(index.id, ["b"])
    assert store.check(index.id) == []
    newest = {"deletions": "chunk_id", "marks": "sequence"}.get(table)
    only = f" WHERE {newest} = (SELECT max({newest}) FROM {table})" if newest else ""
    if table == "chunks":
        only = " WHERE ordinal = 0"
    with store._database.writing() as connection:
        connection.execute(text(f"UPDATE {table} SET {change}{only}"))
    if table != "deletions" or store._database.sqlite:  # a sequence of its own numbers a server's chunks
        assert store.check(index.id) != []


def vectors(store: Store) -> Iterator[tuple[int, bytes]]:
    with store._database.reading() as connection:
        yield from map(tuple, connection.execute(text("SELECT chunk_id, vector FROM embeddings ORDER BY chunk_id")))


def test_changed_and_exchanged_vectors_are_found_and_never_replayed(store: Store, index: IndexRecord) -> None:
    put(store, index.id, "a")
    (first, one), (second, two) = vectors(store)
    for ids, blobs in (([first], [bytes([one[0] ^ 4]) + one[1:]]), ([first, second], [two, one])):
        with store._database.writing() as connection:
            for chunk_id, blob in zip(ids, blobs, strict=True):
                connection.execute(
                    text("UPDATE embeddings SET vector = :v WHERE chunk_id = :c"), {"v": blob, "c": chunk_id}
                )
        assert any(f"the vector of chunk {first}" in problem for problem in store.check(index.id))
        with pytest.raises(IndexDamagedError, match="ragkit restore"):
            list(store.changes(index.id, 0))


def test_changed_passage_or_text_is_never_given_out(store: Store, index: IndexRecord) -> None:
    done = put(store, index.id, "a")
    with store._database.writing() as connection:
        connection.execute(text("UPDATE chunks SET text = 'ten charz!' WHERE ordinal = 0"))
        connection.execute(text("UPDATE texts SET text = 'nothing'"))
    for read in (
        lambda: store.chunks(done.chunk_ids),
        lambda: store.document_chunks(index.id, "a"),
        lambda: store.document(index.id, "a"),
    ):
        with pytest.raises(StoreDamagedError, match="not what was written"):
            read()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET metadata = '{'",
        "UPDATE documents SET added_at = 'noon'",
        "UPDATE chunks SET section = '['",
        "UPDATE documents SET metadata = CAST(x'ff' AS TEXT)",
        "UPDATE indexes SET created_at = 3.5",
        "UPDATE indexes SET settings = x'00'",
        "UPDATE chunks SET start = 'x'",
        "UPDATE embeddings SET vector = 'abc'",
        "UPDATE indexes SET sequence = 'many'",
        "DROP TABLE chunks",
        "ALTER TABLE chunks RENAME COLUMN text TO tezt",
    ],
)
def test_values_that_were_never_written_are_one_clear_line(tmp_path: Path, change: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'r.db'}")
    index = store.create_index("handbook", encoder="e", fingerprint="f", dim=4, chunker="1")
    done = put(store, index.id, "a", metadata={"team": "a"})
    with store._database.writing() as connection:
        connection.execute(text(change))
    failed = 0
    for read in (
        lambda: store.indexes(),
        lambda: store.index("handbook"),
        lambda: store.documents(index.id, where={"team": "a"}),
        lambda: store.documents(index.id),
        lambda: store.document(index.id, "a"),
        lambda: store.chunks(done.chunk_ids),
        lambda: list(store.changes(index.id, 0)),
        lambda: store.state(index.id),
    ):
        try:
            read()
        except RagkitError as exc:
            failed += 1
            assert "\n" not in str(exc)
    assert failed
    assert store.check(index.id) != []
    store.close()


@given(
    st.recursive(
        st.one_of(st.text(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
        lambda inner: st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_checksum_tells_values_apart(value: object) -> None:
    row = dict.fromkeys(("index_id", "document_id", "content_hash", "title", "source", "language", "media_type"), "")
    made = [
        checksums.of_document({**row, "chunks": 1, "characters": 1, "pages": [], "metadata": m}, "text")
        for m in ({"a": value}, {"a": value}, {"b": value})
    ]
    assert made[0] == made[1] != made[2]
