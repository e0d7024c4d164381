"""ragkit and LangChain, both ways.

| ragkit in LangChain | | LangChain in ragkit | |
|---|---|---|---|
| `RagkitRetriever` | an index as a retriever | `RetrieverIndex` | a retriever as what a `RAG` searches |
| `RagkitVectorStore` | an index as a vector store | `EmbeddingsEncoder` | embeddings as the encoder of an index |
| `RagkitEmbeddings` | the encoder as embeddings | `RAG(model=chat_model)` | a chat model as the engine |
| `ChatRagkit` | an engine as a chat model | `Index.add(documents)` | documents as they are |
"""

from .chat import ChatRagkit
from .embeddings import EmbeddingsEncoder, RagkitEmbeddings
from .retriever import RagkitRetriever, RetrieverIndex
from .vectorstore import RagkitVectorStore

__all__ = [
    "ChatRagkit",
    "EmbeddingsEncoder",
    "RagkitEmbeddings",
    "RagkitRetriever",
    "RagkitVectorStore",
    "RetrieverIndex",
]
