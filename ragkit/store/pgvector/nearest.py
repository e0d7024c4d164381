"""Nearest passages by PostgreSQL itself, with pgvector.

A graph is walked first and filtered afterwards, which starves a selective filter (pgvector's issues 259, 719, 785). So:
few rows are compared one by one; for many the walk goes on until enough have passed (`hnsw.iterative_scan`), its loose
order is put right by exact cosines, and where it still ends early all rows are compared. Never fewer hits than exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Float, Select, String, any_, bindparam, cast, exists, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.types import UserDefinedType

from ...changes import FloatArray, IdArray
from ...errors import ConfigError, StoreError
from ..catalog import Catalog
from ..conditions import Condition
from ..content import chunks, documents
from ..faults import translated
from ..where import compile_where
from . import tables as halftables
from .tables import METHODS

__all__ = ["HalfVectors"]

EXACT_ROWS = 20_000  # so many that a filter lets through are compared one by one
WALK = 200  # hnsw.ef_search: candidates of one walk through the graph
MOST_WALKED = 60_000  # hnsw.max_scan_tuples: rows after which a filtered walk ends, and all are compared instead
TOLERANCE = 2e-3  # between a number kept here and the store's: float16 twice


class HalfVectors(Catalog):
    """Makes, searches, checks and tidies the table of an index. PostgreSQL alone."""

    def has_half_vectors(self, index_id: str) -> bool:
        """Whether the index has its table, with a graph."""
        with self._database.reading() as connection:
            return halftables.has_graph(connection, index_id)

    def make_half_vectors(self, index_id: str, dim: int, method: str = "hnsw") -> None:
        """Make the table anew from the stored vectors, with its graph, which takes the time; reading goes on.

        Raises ConfigError for a dimension that cannot be indexed, StoreError where the server has no pgvector.
        """
        extension = METHODS[method][0]
        with self._database.writing() as connection:
            found = text("SELECT 1 FROM pg_available_extensions WHERE name = :name")
            if connection.execute(found, {"name": extension}).first() is None:
                raise StoreError(
                    f"the PostgreSQL server has no extension {extension!r}; install it there (Debian: "
                    'postgresql-NN-pgvector), or set view = "faiss"'
                )
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension} CASCADE"))
            halftables.create(connection, index_id, dim)
        with self._database.writing() as connection:  # apart: the lock on `chunks` is short
            if halftables.has_graph(connection, index_id):
                halftables.renew(connection, index_id)
            else:
                halftables.fill(connection, index_id, method)

    def check_half_vector_store(self, method: str) -> None:
        """Raise ConfigError for a store that is not PostgreSQL, or a method that is not known."""
        if self._database.sqlite:
            raise ConfigError(
                'the view pgvector needs the store in PostgreSQL; set RAGKIT_DATABASE=postgresql://…, or view = "faiss"'
            )
        if method not in METHODS:
            raise ConfigError(f"the view pgvector:{method} is unknown; known: {', '.join(METHODS)}")

    def nearest(
        self, index_id: str, query: FloatArray, k: int, where: Sequence[Condition] = ()
    ) -> tuple[IdArray, FloatArray]:
        """The k nearest passages that meet the conditions, best first: ids and cosines; fewer where there are fewer.

        query: float32, shape (dim,). The table must be there.
        """
        asked = {"query": _written(query), "index": index_id}
        passing = _passing(where) if where else None
        with self._database.snapshot() as connection:
            found: Sequence[Any] = []
            count = k if passing is None else _count(connection, passing, asked)
            if passing is None or count > EXACT_ROWS:
                connection.execute(_walking(k))
                found = connection.execute(_walk(index_id, passing, k), asked).all()
            if len(found) < min(k, count):
                connection.execute(_AS_USUAL)
                found = connection.execute(_scan(index_id, passing, k), asked).all()
        return np.array([row[0] for row in found], np.int64), np.array([row[1] for row in found], np.float32)

    def half_scores(self, index_id: str, query: FloatArray, ids: IdArray) -> FloatArray:
        """The cosine of the query with each id's vector, shape (n,); NaN where there is none."""
        mine = halftables.table_of_index(index_id)
        asked = select(mine.c.chunk_id, _cosine(mine)).where(
            mine.c.chunk_id == any_(bindparam("ids", type_=ARRAY(BIGINT)))
        )
        with self._database.reading() as connection:
            rows = connection.execute(asked, {"query": _written(query), "ids": ids.tolist()}).all()
        known = {int(row[0]): float(row[1]) for row in rows}
        return np.array([known.get(int(i), np.nan) for i in ids], np.float32)

    def check_half_vectors(self, index_id: str) -> list[str]:
        """What the table lacks or holds too much, one line each."""
        with self._database.snapshot() as connection:
            if not halftables.has_graph(connection, index_id):
                return ["the pgvector view was not made yet"]
            mine = halftables.table_of_index(index_id)
            of_index = select(chunks.c.id).where(chunks.c.index_id == index_id)
            lacking = of_index.where(~exists().where(mine.c.chunk_id == chunks.c.id))
            other = select(mine.c.chunk_id).where(mine.c.chunk_id.not_in(of_index))
            missing, extra = (
                int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
                for query in (lacking, other)
            )
            pairs = halftables.side_by_side(connection, index_id)
            wrong = sum(int((np.abs(kept - stored).max(axis=1) > TOLERANCE).sum()) for kept, stored in pairs)
        problems = []
        if missing or extra:
            problems.append(f"the pgvector view lacks {missing} chunks of the store and has {extra} others")
        if wrong:
            problems.append(f"the pgvector view holds {wrong} vectors that are not the store's")
        return problems

    def tidy_half_vectors(self, index_id: str) -> None:
        """Clear away what deletions left in table and graph: VACUUM, then REINDEX while others read and write."""
        name, graph = halftables.table_name(index_id), halftables.graph_name(index_id)
        alone = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with translated(self._database.url), alone.connect() as connection:
            connection.execute(text(f'VACUUM (ANALYZE) "{name}"'))
            connection.execute(text(f'REINDEX INDEX CONCURRENTLY "{graph}"'))


# The planner knows nothing of what conditions on JSON let through: it is to walk the graph and look each row up.
_PLANNER = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_sort")
_AS_USUAL = select(*(func.set_config(name, "on", True) for name in _PLANNER))


def _walking(k: int) -> Select[Any]:
    told = {
        "hnsw.iterative_scan": "relaxed_order",
        "hnsw.ef_search": str(min(1_000, max(WALK, 2 * k))),
        "hnsw.max_scan_tuples": str(MOST_WALKED),
        "hnsw.scan_mem_multiplier": "8",
        **dict.fromkeys(_PLANNER, "off"),
    }
    return select(*(func.set_config(name, value, True) for name, value in told.items()))


def _passing(where: Sequence[Condition]) -> Select[Any]:
    return (
        select(chunks.c.id)
        .join(documents, documents.c.key == chunks.c.document_key)
        .where(documents.c.index_id == bindparam("index"), *compile_where(where, sqlite=False))
    )


def _count(connection: Connection, passing: Select[Any], asked: dict[str, str]) -> int:
    """How many rows pass, as far as it matters."""
    few = passing.limit(EXACT_ROWS + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(few), asked).scalar_one())


class _Type(UserDefinedType[Any]):
    """A type of pgvector's, by name."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


_QUERY = bindparam("query", type_=String)


def _cosine(mine: Any) -> Any:
    """From the numbers as they are kept; both sides are brought to unit length, which rounding took from them."""
    vector = _Type("vector")
    return (
        literal(1.0, Float) - cast(mine.c.vector, vector).op("<=>", return_type=Float())(cast(_QUERY, vector))
    ).label("cosine")


def _walk(index_id: str, passing: Select[Any] | None, k: int) -> Select[Any]:
    """The graph's own order, made exact for what it proposes."""
    mine = halftables.table_of_index(index_id)
    near = select(mine.c.chunk_id, mine.c.vector)
    if passing is not None:
        near = near.where(passing.where(chunks.c.id == mine.c.chunk_id).correlate(mine).exists())
    away = mine.c.vector.op("<#>")(cast(_QUERY, _Type("halfvec")))
    proposed = near.order_by(away).limit(2 * k).subquery()
    cosine = _cosine(proposed)
    return select(proposed.c.chunk_id, cosine).order_by(cosine.desc(), proposed.c.chunk_id).limit(k)


def _scan(index_id: str, passing: Select[Any] | None, k: int) -> Select[Any]:
    """Every row that passes, compared."""
    mine = halftables.table_of_index(index_id)
    cosine = _cosine(mine)
    every = select(mine.c.chunk_id, cosine)
    if passing is not None:
        allowed = passing.subquery()
        every = every.join(allowed, allowed.c.id == mine.c.chunk_id)
    return every.order_by(cosine.desc(), mine.c.chunk_id).limit(k)


def _written(query: FloatArray) -> str:
    return "[" + ",".join(map(repr, np.asarray(query, np.float32).tolist())) + "]"
