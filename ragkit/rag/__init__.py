"""The pipeline: index, engine and strategy behind `ask`, `aask`, `stream` and `batch`; conversations; traces."""

from .core import RAG
from .memory import Conversation
from .once import ask
from .writer import flush_traces

__all__ = ["RAG", "Conversation", "ask", "flush_traces"]
