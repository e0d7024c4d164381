"""An index as a LangChain retriever, and a LangChain retriever as what a `RAG` searches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, field_validator

from ..embedding import Encoder, EncoderLike
from ..errors import NotFoundError, RagkitError, UsageError
from ..index import Index
from ..types import Chunk, Document, Hit
from .documents import to_hit, with_place

__all__ = ["RagkitRetriever", "RetrieverIndex"]

KEPT_DOCUMENTS = 4096


class RagkitRetriever(BaseRetriever):
    """Searches an index. index: an `Index` or the name of one. `k`, `where`, `mode` may be given to `invoke` too.

    Each document's metadata holds document_id, start, end, page, source and scores: enough to cite it.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Any
    k: int = 6
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    where: dict[str, Any] | None = None
    expand: int | Literal["section"] = 0

    @field_validator("index", mode="before")
    @classmethod
    def _open(cls, value: Any) -> Any:
        return Index(value, must_exist=True) if isinstance(value, str) else value

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Mapping[str, Any] | None = None,
        mode: Literal["hybrid", "dense", "lexical"] | None = None,
    ) -> list[LangChainDocument]:
        hits = self.index.search(
            query,
            self.k if k is None else k,
            mode=mode or self.mode,
            where=self.where if where is None else where,
            expand=self.expand,
        )
        return [with_place(hit) for hit in hits]


class RetrieverIndex:
    """Gives a `RAG` the search of a LangChain retriever: `RAG(RetrieverIndex(retriever), model=…)`.

    What the retriever returns are whole documents to ragkit; citations quote them by offsets in their text. encoder:
    what checks citations and answers without a model (default: ragkit's). Metadata filters are the retriever's own
    affair: `where` raises UsageError.
    """

    def __init__(
        self, retriever: BaseRetriever, *, name: str = "retriever", encoder: EncoderLike | None = None
    ) -> None:
        self.name = name
        self._retriever, self._encoder = retriever, encoder
        self._seen: OrderedDict[str, Chunk] = OrderedDict()
        self._lock = Lock()

    @property
    def encoder(self) -> EncoderLike:
        """Loaded on first use."""
        if self._encoder is None:
            self._encoder = Encoder()
        return self._encoder

    def search(self, query: str, k: int = 10, *, where: Mapping[str, Any] | None = None) -> list[Hit]:
        """The first `k` documents that the retriever returns. Raises UsageError for a filter."""
        if where:
            raise UsageError(f"where={dict(where)} cannot be given to a LangChain retriever; set its own filter")
        if not query.strip():
            raise UsageError("the question is empty; ask in words")
        try:
            found = self._retriever.invoke(query)
        except RagkitError:
            raise
        except Exception as exc:
            raise UsageError(f"the retriever {type(self._retriever).__name__} failed: {exc}") from exc
        hits = [to_hit(document, rank) for rank, document in enumerate(found) if document.page_content.strip()][:k]
        with self._lock:
            for hit in hits:
                self._seen[hit.document_id] = hit.chunk
                self._seen.move_to_end(hit.document_id)
            while len(self._seen) > KEPT_DOCUMENTS:
                self._seen.popitem(last=False)
        return hits

    def chunks(self, document_id: str) -> list[Chunk]:
        """A document that was found lately, as its one chunk. Raises NotFoundError."""
        with self._lock:
            chunk = self._seen.get(document_id)
        if chunk is None:
            raise NotFoundError(f"the retriever has not returned a document {document_id!r} lately; search for it")
        return [chunk]

    def document(self, document_id: str) -> Document:
        """A document that was found lately. Raises NotFoundError."""
        (chunk,) = self.chunks(document_id)
        return Document(chunk.document_id, chunk.text, chunk.title, chunk.source)
