"""`Index`: a named, searchable set of documents — the store, its two views, and the fusion of what they find."""

from .core import Index, list_indexes, open_store
from .reports import AddReport, Failure, Health, Progress

__all__ = ["AddReport", "Failure", "Health", "Index", "Progress", "list_indexes", "open_store"]
