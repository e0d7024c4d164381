"""The table of vectors that PostgreSQL searches itself, one an index: `halfvec` under a graph of pgvector's.

Its rows are written in the transactions of the log and go with their passages, so there is nothing to replay and no
second truth. The table is an index's own, named after its id, since a graph needs one dimension. Writers fill it as
soon as it is there; it is searched once its graph is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, column, func, select, table, text

from ...changes import FloatArray, IdArray
from ...errors import ConfigError
from ..content import chunks, embeddings, indexes
from ..packing import unpack

__all__ = [
    "METHODS",
    "add_rows",
    "create",
    "drop_table",
    "fill",
    "graph_name",
    "has_graph",
    "renew",
    "side_by_side",
    "table_name",
    "table_of_index",
]

METHODS = {
    "hnsw": ("vector", "USING hnsw (vector halfvec_ip_ops)"),
    "vchordrq": ("vchord", "USING vchordrq (vector halfvec_ip_ops)"),  # VectorChord: the same types and operators
}
MOST_DIMENSIONS = 4_000  # of a halfvec that pgvector puts into a graph
_BATCH = 2_000
_COPY_BEGIN, _COPY_END = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0), struct.pack(">h", -1)


def table_name(index_id: str) -> str:
    """The name of an index's table."""
    return f"vectors_{index_id.replace('-', '')}"


def graph_name(index_id: str) -> str:
    """The name of the graph over it."""
    return f"{table_name(index_id)}_near"


def table_of_index(index_id: str) -> Any:
    """The table, for statements."""
    return table(table_name(index_id), column("chunk_id"), column("vector"))


def has_table(connection: Connection, index_id: str) -> bool:
    """Whether writers have a table to fill."""
    return _is_there(connection, table_name(index_id))


def has_graph(connection: Connection, index_id: str) -> bool:
    """Whether the table can be searched."""
    return _is_there(connection, graph_name(index_id))


def add_rows(connection: Connection, index_id: str, ids: Sequence[int], vectors: Sequence[FloatArray]) -> None:
    """Write new passages into the index's table, where it has one, in the transaction that adds them."""
    if _is_postgresql(connection) and ids and has_table(connection, index_id):
        _copy(connection, index_id, np.array(ids, np.int64), np.concatenate(vectors))


def drop_table(connection: Connection, index_id: str) -> None:
    """Remove the table of an index, where it has one."""
    if _is_postgresql(connection):
        connection.execute(text(f'DROP TABLE IF EXISTS "{table_name(index_id)}"'))


def fill(connection: Connection, index_id: str, method: str) -> None:
    """Copy the vectors that the table lacks, and make its graph. The index's row is locked meanwhile."""
    mine = table_of_index(index_id)
    connection.execute(select(indexes.c.id).where(indexes.c.id == index_id).with_for_update())
    for ids, vectors in _stored(connection, index_id):
        there = set(connection.execute(select(mine.c.chunk_id).where(mine.c.chunk_id.in_(ids.tolist()))).scalars())
        new = np.array([int(i) not in there for i in ids], np.bool_)
        if new.any():
            _copy(connection, index_id, ids[new], vectors[new])
    connection.execute(text(f'CREATE INDEX "{graph_name(index_id)}" ON "{table_name(index_id)}" {METHODS[method][1]}'))
    connection.execute(text(f'ANALYZE "{table_name(index_id)}"'))


def renew(connection: Connection, index_id: str) -> None:
    """Fill the table anew with the vectors in use, where the index has one: of another encoder, perhaps longer ones."""
    if not _is_postgresql(connection) or not has_table(connection, index_id):
        return
    told = connection.execute(
        text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": graph_name(index_id)}
    ).scalar()
    method = next((known for known in METHODS if f"USING {known} " in str(told)), "hnsw")
    dim = connection.execute(select(indexes.c.dim).where(indexes.c.id == index_id)).scalar_one()
    name = table_name(index_id)
    connection.execute(text(f'DROP INDEX IF EXISTS "{graph_name(index_id)}"'))
    connection.execute(text(f'TRUNCATE "{name}"'))
    connection.execute(text(f'ALTER TABLE "{name}" ALTER COLUMN vector TYPE halfvec({checked_dim(dim)})'))
    fill(connection, index_id, method)


def create(connection: Connection, index_id: str, dim: int) -> None:
    """Make the table, empty and without a graph, unless it is there."""
    name = table_name(index_id)
    connection.execute(
        text(
            f'CREATE TABLE IF NOT EXISTS "{name}" (chunk_id bigint PRIMARY KEY REFERENCES chunks (id) '
            f"ON DELETE CASCADE, vector halfvec({checked_dim(dim)}) NOT NULL)"
        )
    )
    connection.execute(text(f'ALTER TABLE "{name}" ALTER COLUMN vector SET STORAGE PLAIN'))  # in the row, never aside


def checked_dim(dim: int) -> int:
    """Raise ConfigError for vectors that pgvector cannot put into a graph."""
    if dim > MOST_DIMENSIONS:
        raise ConfigError(
            f"vectors of {dim} numbers are beyond pgvector's {MOST_DIMENSIONS}; use another encoder, or the view faiss"
        )
    return int(dim)


def side_by_side(connection: Connection, index_id: str) -> Iterator[tuple[FloatArray, FloatArray]]:
    """What the table holds and what the store does, batch by batch, shapes (n, dim)."""
    mine = table_of_index(index_id)
    sent = func.halfvec_send(mine.c.vector)
    for ids, stored in _stored(connection, index_id):
        rows = connection.execute(select(mine.c.chunk_id, sent).where(mine.c.chunk_id.in_(ids.tolist()))).all()
        if rows:
            kept = np.stack([np.frombuffer(bytes(row[1]), ">f2", offset=4) for row in rows]).astype(np.float32)
            yield kept, stored[np.searchsorted(ids, np.array([row[0] for row in rows], np.int64))]


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _is_there(connection: Connection, name: str) -> bool:
    return bool(connection.execute(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}).scalar())


def _stored(connection: Connection, index_id: str) -> Iterator[tuple[IdArray, FloatArray]]:
    """The vectors in use, by id."""
    record = connection.execute(select(indexes.c.dim, indexes.c.fingerprint).where(indexes.c.id == index_id)).one()
    page = (
        select(embeddings.c.chunk_id, embeddings.c.vector)
        .join(chunks, chunks.c.id == embeddings.c.chunk_id)
        .where(chunks.c.index_id == index_id, embeddings.c.fingerprint == record.fingerprint)
        .where(embeddings.c.chunk_id > bindparam("last"))
        .order_by(embeddings.c.chunk_id)
        .limit(_BATCH)
    )
    last = 0
    while rows := connection.execute(page, {"last": last}).all():
        last = rows[-1][0]
        yield np.array([row[0] for row in rows], np.int64), unpack([row[1] for row in rows], record.dim)


def _copy(connection: Connection, index_id: str, ids: IdArray, vectors: FloatArray) -> None:
    """Rows by COPY in binary: a halfvec is its dimension, a zero, and float16 numbers, all big-endian."""
    dim = vectors.shape[1]
    layout = [("fields", ">i2"), ("n1", ">i4"), ("id", ">i8"), ("n2", ">i4"), ("dim", ">i2"), ("zero", ">i2")]
    rows = np.zeros(len(ids), np.dtype([*layout, ("vector", ">f2", (dim,))]))
    rows["fields"], rows["n1"], rows["id"], rows["n2"], rows["dim"] = 2, 8, ids, 4 + 2 * dim, dim
    rows["vector"] = vectors
    driver: Any = connection.connection.driver_connection
    into = f'COPY "{table_name(index_id)}" (chunk_id, vector) FROM STDIN (FORMAT BINARY)'
    with driver.cursor() as cursor, cursor.copy(into) as out:
        out.write(_COPY_BEGIN + rows.tobytes() + _COPY_END)
