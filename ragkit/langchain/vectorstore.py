"""An index as a LangChain vector store: each LangChain document is a ragkit document under its id."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from ..errors import LoadError, NotFoundError, UsageError
from ..index import Index
from ..types import Hit
from .documents import to_document
from .embeddings import EmbeddingsEncoder, RagkitEmbeddings

__all__ = ["RagkitVectorStore"]


class RagkitVectorStore(VectorStore):
    """Reads and writes an index.

    index: an `Index` or a name. embedding: LangChain embeddings instead of ragkit's encoder. mode: how
    `similarity_search` searches; scores are cosines whatever the mode. A text longer than a passage is cut into several
    that share its id. An id given again replaces the document; `filter` is ragkit's `where`.
    """

    def __init__(
        self,
        index: Index | str,
        embedding: Embeddings | None = None,
        *,
        mode: Literal["hybrid", "dense", "lexical"] = "hybrid",
    ) -> None:
        if isinstance(index, str):
            index = Index(index, encoder=None if embedding is None else EmbeddingsEncoder(embedding))
        elif embedding is not None:
            raise UsageError("an opened index has its encoder; give its name with embedding=, or the index alone")
        self.index, self.mode = index, mode
        self._embedding = embedding

    @property
    def embeddings(self) -> Embeddings:
        """The embeddings given, else the index's encoder as embeddings."""
        if self._embedding is None:
            self._embedding = RagkitEmbeddings(encoder=self.index.encoder)
        return self._embedding

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings | None,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        index: Index | str = "default",
        **kwargs: Any,
    ) -> Self:
        """Add texts to the index named `index` and return the store over it."""
        store = cls(index, embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add texts; returns their ids. Raises LoadError for one that cannot be stored; the others are in."""
        items = list(texts)
        given = ids if ids is not None else [None] * len(items)
        names = [str(uuid.uuid4()) if i is None else str(i) for i in given]
        for what, values in (("metadatas", metadatas), ("ids", ids)):
            if values is not None and len(values) != len(items):
                raise UsageError(f"{len(values)} {what} for {len(items)} texts; give one for each")
        rows: dict[str, dict[str, Any]] = {}
        for name, text, metadata in zip(names, items, metadatas or [{}] * len(items), strict=True):
            rest = dict(metadata or {})
            stated = {key: rest.pop(key) for key in ("source", "title") if isinstance(rest.get(key), str)}
            rows[name] = {"id": name, "text": text, "metadata": rest, **stated}
        if rows:
            report = self.index.add(list(rows.values()))
            if report.failures:
                first = report.failures[0]
                raise LoadError(
                    f"{len(report.failures)} of {len(rows)} texts not added; {first.source}: {first.reason}"
                )
        return names

    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """Add documents under their own ids, or under `ids`."""
        ids = kwargs.pop("ids", None) or [d.id for d in documents]
        return self.add_texts([d.page_content for d in documents], [d.metadata for d in documents], ids=ids, **kwargs)

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Delete documents by id; unknown ids are no error. None deletes nothing and raises UsageError."""
        if ids is None:
            raise UsageError("name the ids to delete; Index.drop deletes a whole index")
        for name in ids:
            try:
                self.index.delete(id=name)
            except NotFoundError:
                continue
        return True

    def get_by_ids(self, ids: Any, /) -> list[Document]:
        """The whole documents of these ids, in the order of the ids; unknown ones are left out."""
        found = []
        for name in dict.fromkeys(ids):
            try:
                document = self.index.document(name)
            except NotFoundError:
                continue
            stated = {k: v for k, v in (("title", document.title), ("source", document.source)) if v}
            found.append(Document(page_content=document.text, metadata={**document.metadata, **stated}, id=name))
        return found

    def similarity_search(
        self, query: str, k: int = 4, *, filter: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[Document]:
        """The `k` best passages."""
        return [to_document(hit) for hit in self._search(query, k, filter, self.mode)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, *, filter: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The `k` nearest passages with their cosines, best first."""
        return [(to_document(hit), hit.score) for hit in self._search(query, k, filter, "dense")]

    def _search(self, query: str, k: int, where: Mapping[str, Any] | None, mode: str) -> list[Hit]:
        if not len(self.index):
            return []
        return self.index.search(query, k, mode=mode, where=where)  # type: ignore[arg-type]

    def _select_relevance_score_fn(self) -> Any:
        return lambda cosine: max(0.0, min(1.0, (1.0 + cosine) / 2))
