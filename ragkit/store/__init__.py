"""The store: documents, chunks, embeddings and the log of changes in SQL; the truth that every view follows."""

from .conditions import BUILT_IN, Condition, parse_where
from .files import FileRow
from .history.conversations import ConversationRecord, Turn
from .history.traces import TraceRecord
from .history.votes import Vote
from .integrity.checks import check_index_name
from .locks import writer_lock
from .records import Deleted, DocumentRow, IndexRecord, NewDocument, Put, StoredChunk
from .renaming import Moved
from .store import Store

__all__ = [
    "BUILT_IN",
    "Condition",
    "ConversationRecord",
    "Deleted",
    "DocumentRow",
    "FileRow",
    "IndexRecord",
    "Moved",
    "NewDocument",
    "Put",
    "Store",
    "StoredChunk",
    "TraceRecord",
    "Turn",
    "Vote",
    "check_index_name",
    "parse_where",
    "writer_lock",
]
