"""ragkit: answers from your own documents, with a model on your own machine: cited, budgeted, measured.

>>> import ragkit
>>> index = ragkit.Index("handbook")                                        # doctest: +SKIP
>>> index.add("docs/")                                                      # doctest: +SKIP
>>> print(ragkit.ask("Who approves travel?", index="handbook"))             # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import RagkitError
from .types import Answer, Budget, Chunk, Citation, Document, Hit, Ledger

if TYPE_CHECKING:
    from .index import Index
    from .rag import RAG, ask

__version__ = "0.1.0"
__all__ = [
    "RAG",
    "Answer",
    "Budget",
    "Chunk",
    "Citation",
    "Document",
    "Hit",
    "Index",
    "Ledger",
    "RagkitError",
    "ask",
]

_LAZY = {"Index": ".index", "RAG": ".rag", "ask": ".rag"}  # what loads numpy and the database, on first use


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name], __name__), name)
    raise AttributeError(f"module 'ragkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
