"""Retriever, vector store, embeddings: LangChain's standard suites, what ragkit adds, and the other direction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)
from langchain_tests.unit_tests import EmbeddingsUnitTests

from ragkit import RAG, Index
from ragkit.errors import EngineError, IndexMismatchError, LoadError, NotFoundError, UsageError
from ragkit.langchain import EmbeddingsEncoder, RagkitEmbeddings, RagkitRetriever, RagkitVectorStore, RetrieverIndex
from ragkit.rag import flush_traces
from tests.fakes import WordEncoder
from tests.rag.scripted import ScriptedEngine

TEXTS = {
    "travel": "The finance director approves travel over 2,000 euros.",
    "leave": "Every employee has thirty days of paid leave a year.",
    "remote": "Remote work is possible on two days a week.",
}


@pytest.fixture
def index(home: Path) -> Index:
    made = Index("handbook", encoder=WordEncoder())
    made.add([{"id": k, "title": k.title(), "text": t, "metadata": {"team": k[0]}} for k, t in TEXTS.items()])
    return made


class TestStandardVectorStore(VectorStoreIntegrationTests):
    """LangChain's own."""

    @pytest.fixture
    def vectorstore(self, home: Path) -> Iterator[VectorStore]:
        store = RagkitVectorStore("empty", self.get_embeddings(), mode="dense")
        yield store
        store.index.close()


class TestStandardRetriever(RetrieversIntegrationTests):
    """LangChain's own."""

    @pytest.fixture(autouse=True)
    def _index(self, index: Index) -> None:
        self.index = index

    @property
    def retriever_constructor(self) -> type[RagkitRetriever]:
        return RagkitRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"index": self.index}

    @property
    def retriever_query_example(self) -> str:
        return "Who approves travel?"


class _Embeddings:
    @property
    def embeddings_class(self) -> type[RagkitEmbeddings]:
        return RagkitEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"encoder": WordEncoder()}


class TestStandardEmbeddingsUnit(_Embeddings, EmbeddingsUnitTests):
    """LangChain's own."""


class TestStandardEmbeddings(_Embeddings, EmbeddingsIntegrationTests):
    """LangChain's own."""


def test_retrieved_documents_can_be_cited(index: Index) -> None:
    (found,) = RagkitRetriever(index=index, k=1).invoke("Who approves travel?")
    place = found.metadata
    assert index.document(place["document_id"]).text[place["start"] : place["end"]] == found.page_content
    assert {"score", "score_dense", "score_lexical", "team"} <= set(place)
    (other,) = RagkitRetriever(index=index, where={"team": "l"}).invoke("Who approves travel?")
    assert other.metadata["document_id"] == "leave"
    with pytest.raises(NotFoundError):
        RagkitRetriever(index="nowhere")


def test_vector_store_gives_back_what_it_was_given(index: Index) -> None:
    store = RagkitVectorStore(index)
    ids = store.add_texts(["Trains are preferred."], [{"source": "rail.md", "title": "Rail", "year": 2026}])
    (found,) = store.get_by_ids(ids)
    assert found == Document(
        page_content="Trains are preferred.", metadata={"source": "rail.md", "title": "Rail", "year": 2026}, id=ids[0]
    )
    ((best, score),) = store.similarity_search_with_score("Trains are preferred.", k=1, filter={"year": 2026})
    assert best == found
    assert -1 <= score <= 1
    assert 0 <= store.similarity_search_with_relevance_scores("Trains", k=1)[0][1] <= 1
    assert store.as_retriever(search_kwargs={"k": 2}).invoke("paid leave")[0].id == "leave"
    assert len(store.embeddings.embed_query("x")) == 32


def test_vector_store_refuses_what_it_cannot_do(index: Index) -> None:
    store = RagkitVectorStore(index)
    with pytest.raises(LoadError, match="1 of 2 texts"):
        store.add_texts(["good text", "   "])
    with pytest.raises(UsageError, match="give one for each"):
        store.add_texts(["a"], ids=["1", "2"])
    with pytest.raises(UsageError, match="name the ids"):
        store.delete()
    with pytest.raises(UsageError, match="has its encoder"):
        RagkitVectorStore(index, DeterministicFakeEmbedding(size=4))


class Counted(DeterministicFakeEmbedding):
    """Vectors that are not of unit length, off by a little each time, as a server's are."""

    noise: float = 0.0
    model: str = "m1"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rng = np.random.default_rng()
        rows = [np.asarray(super(Counted, self).embed_query(text)) for text in texts]
        return [[float(x) for x in 3 * row + self.noise * rng.standard_normal(row.shape)] for row in rows]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_langchain_embeddings_are_an_encoder_of_unit_vectors(home: Path) -> None:
    encoder = EmbeddingsEncoder(Counted(size=8))
    assert (encoder.name, encoder.dim) == ("langchain:Counted:m1", 8)
    rows = encoder.encode(["a", "b"] * 200)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert encoder.encode([]).shape == (0, 8)
    index = Index("notes", encoder=encoder)
    index.add({"id": "a", "text": "Trains are preferred."})
    assert index.search("Trains are preferred.", 1, mode="dense")[0].score == pytest.approx(1, abs=1e-3)


def test_other_embeddings_of_equal_dimension_are_refused(home: Path) -> None:
    one = EmbeddingsEncoder(Counted(size=8))
    assert EmbeddingsEncoder(Counted(size=8, noise=1e-4)).fingerprint == one.fingerprint
    assert EmbeddingsEncoder(Counted(size=8, model="m2")).fingerprint != one.fingerprint
    assert EmbeddingsEncoder(Other(size=8), name=one.name).fingerprint != one.fingerprint
    Index("notes", encoder=one).add({"id": "a", "text": "Trains are preferred."})
    with pytest.raises(IndexMismatchError, match="notes"):
        Index("notes", encoder=EmbeddingsEncoder(Other(size=8), name=one.name)).search("x")


class Other(Counted):
    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return super().embed_documents([t[::-1] for t in texts])


def test_embeddings_that_fail_are_one_line() -> None:
    class Broken(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise ValueError("quota")

        def embed_query(self, text: str) -> list[float]:
            raise ValueError("quota")

    with pytest.raises(EngineError, match="quota"):
        EmbeddingsEncoder(Broken())


class Fixed(BaseRetriever):
    """Returns what it was made with."""

    documents: list[Document] = []
    fails: bool = False

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        if self.fails:
            raise ValueError("quota")
        return self.documents


def test_retriever_of_langchain_is_searched_by_a_rag(home: Path) -> None:
    documents = [Document(page_content=t, metadata={"title": k, "pages": [1]}, id=k) for k, t in TEXTS.items()]
    searched = RetrieverIndex(Fixed(documents=documents), encoder=WordEncoder())
    rag = RAG(searched, model=ScriptedEngine("The finance director approves travel [1]."), strategy="direct")  # type: ignore[arg-type]
    answer = rag.ask("Who approves travel over 2,000 euros?")
    (citation,) = answer.citations
    assert searched.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    flush_traces()
    trace = rag.store.traces.get(answer.trace_id)
    assert (trace.index_id, trace.record["index"]["name"]) == (None, "retriever")
    assert [h["title"] for h in trace.record["searches"][0]["hits"]] == list(TEXTS)
    plain = RAG(searched).ask("Who approves travel over 2,000 euros?")  # type: ignore[arg-type]
    assert "finance director" in plain.text


def test_retriever_that_cannot_is_one_line(home: Path) -> None:
    searched = RetrieverIndex(Fixed(fails=True))
    with pytest.raises(UsageError, match="quota"):
        searched.search("x")
    with pytest.raises(UsageError, match="where"):
        searched.search("x", where={"a": 1})
    with pytest.raises(NotFoundError):
        searched.chunks("unseen")
