"""The store: documents, chunks, embeddings and the log of changes in SQL; the truth that every view follows."""

from .checks import check_index_name
from .locks import writer_lock
from .records import Deleted, DocumentRow, IndexRecord, NewDocument, Put, StoredChunk
from .store import Store

__all__ = [
    "Deleted",
    "DocumentRow",
    "IndexRecord",
    "NewDocument",
    "Put",
    "Store",
    "StoredChunk",
    "check_index_name",
    "writer_lock",
]
