"""The pipeline: an index, an engine and a strategy behind `ask`, `aask`, `stream` and `batch`; conversations; traces."""

from .core import RAG, ask
from .memory import Conversation
from .writer import flush_traces

__all__ = ["RAG", "Conversation", "ask", "flush_traces"]
