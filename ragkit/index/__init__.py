"""`Index`: a named, searchable set of documents — the store, its two views, and the fusion of what they find."""

from .backup import BackupReport, backup, restore
from .core import Index
from .group import JOINT, Group, open_index
from .opening import EVALUATION_PREFIX, list_indexes, open_store
from .reports import AddReport, Failure, Health, Note, Pace, PaceCallback, Progress, ProgressCallback

__all__ = [
    "EVALUATION_PREFIX",
    "JOINT",
    "AddReport",
    "BackupReport",
    "Failure",
    "Group",
    "Health",
    "Index",
    "Note",
    "Pace",
    "PaceCallback",
    "Progress",
    "ProgressCallback",
    "backup",
    "list_indexes",
    "open_index",
    "open_store",
    "restore",
]
