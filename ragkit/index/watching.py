"""Folders followed as they change: a sync at the start, and one after each change.

A change only wakes the sync, which looks at the whole folder: what was missed, or happened while nobody watched, is
found all the same. The folders are watched before the first sync is over, so that nothing falls between the two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..errors import IndexLockedError
from ..loaders import IGNORE_FILES, UnreadableRulesError, Wanted, is_junk
from .reports import AddReport

__all__ = ["follow"]

_LOOK_MS = 500  # how often it looks whether to stop, and whether a locked index is free again


def follow(
    roots: Sequence[str],
    rules: Callable[[], Sequence[Wanted]],
    sync: Callable[[bool], AddReport],
    stop: threading.Event,
) -> Iterator[AddReport]:
    """The report of the first sync, then of each that did something or met other failures than the one before.

    rules: of the folders as they are now. sync: is told whether files were seen to be deleted. stop: ends it.
    """
    from watchfiles import Change, watch

    report = sync(False)
    yield report
    failed, due, deleted = report.failures, True, False

    def matters(change: Change, path: str) -> bool:
        return _matters(path, rules())

    changes = watch(*roots, watch_filter=matters, stop_event=stop, yield_on_timeout=True, rust_timeout=_LOOK_MS)
    for found in changes:  # the first comes when the folders are watched, with nothing in it or with something
        deleted |= any(change is Change.deleted for change, _ in found)
        if not found and not due:
            continue
        due = True
        try:
            report = sync(deleted)
        except IndexLockedError:
            continue  # another process writes; again at the next look
        due, deleted = False, False
        if report.changed or report.failures != failed:
            yield report
        failed = report.failures


def _matters(path: str, rules: Sequence[Wanted]) -> bool:
    """Whether a change of this path can change what the index should hold."""
    for wanted in rules:
        try:
            parts = Path(path).relative_to(wanted.root).parts
        except ValueError:
            continue
        if any(is_junk(part) for part in parts if part not in IGNORE_FILES):
            return False
        if parts and parts[-1] in IGNORE_FILES:
            return True
        try:
            return wanted.takes(path) if Path(path).is_file() else wanted.opens(str(Path(path).parent))
        except UnreadableRulesError:
            return True
    return False
