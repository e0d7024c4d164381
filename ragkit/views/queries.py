"""tantivy queries built from analysed terms. What a user types never meets a query parser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..changes import IdArray
from .analysis import load_tantivy

__all__ = ["Queries"]


class Queries:
    """Queries over one schema."""

    def __init__(self, schema: Any) -> None:
        tantivy = load_tantivy()
        self._schema, self._query = schema, tantivy.Query
        self._must, self._should = tantivy.Occur.Must, tantivy.Occur.Should

    def any_of(self, words: Mapping[str, float], grams: Mapping[str, float]) -> Any | None:
        """Chunks with at least one of the terms, scored by weighted BM25; None without terms.

        One flat union of terms, which lets tantivy skip blocks that cannot reach the best (block-max WAND).
        """
        terms = [self._term("words", word, weight) for word, weight in words.items()]
        terms += [self._term("grams", gram, weight) for gram, weight in grams.items()]
        return self._query.boolean_query([(self._should, term) for term in terms]) if terms else None

    def everything(self) -> Any:
        """All chunks."""
        return self._query.all_query()

    def among(self, ids: IdArray, query: Any) -> Any:
        """What the query finds within some ids, scored as without them."""
        return self._query.boolean_query([(self._must, self._ids(ids)), (self._must, query)])

    def _ids(self, ids: IdArray) -> Any:
        terms = [(self._should, self._query.term_query(self._schema, "id", i, "basic")) for i in ids.tolist()]
        return self._query.const_score_query(self._query.boolean_query(terms), 0.0)

    def _term(self, field: str, term: str, weight: float) -> Any:
        query = self._query.term_query(self._schema, field, term, "freq")
        return query if weight == 1.0 else self._query.boost_query(query, weight)
