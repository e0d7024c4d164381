"""The pipeline: an index, an engine and a strategy behind `ask`, `aask`, `stream` and `batch`."""

from .core import RAG, ask

__all__ = ["RAG", "ask"]
