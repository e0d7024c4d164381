"""`Index`: a named, searchable set of documents — the store, its two views, and the fusion of what they find."""

from .backup import BackupReport, backup, restore
from .core import Index
from .opening import EVALUATION_PREFIX, list_indexes, open_store
from .reports import AddReport, Failure, Health, Note, Pace, PaceCallback, Progress, ProgressCallback

__all__ = [
    "EVALUATION_PREFIX",
    "AddReport",
    "BackupReport",
    "Failure",
    "Health",
    "Index",
    "Note",
    "Pace",
    "PaceCallback",
    "Progress",
    "ProgressCallback",
    "backup",
    "list_indexes",
    "open_store",
    "restore",
]
