"""The files below a folder as sources, in the order of their names."""

# ruff: noqa: PTH110, PTH114, PTH116, PTH118, PTH119
# Paths stay text here: they are shown and matched as the user spelled them.

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..formats import is_aside, is_junk
from .source import Source
from .wanted import UnreadableRulesError, Wanted

__all__ = ["file", "refused", "walk"]

_LEADS_OUT = "it is a link to something outside of the folder; add that by its own name"


def walk(folder: str, wanted: Wanted | None = None) -> Iterator[Source]:
    """Files below `folder`. Links to folders are not followed (loops), links out of it are refused one by one.

    wanted: which of them to take. A folder whose rules cannot be read is refused as one that cannot be listed is.
    """
    root = os.path.realpath(folder)
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        below = os.path.relpath(parent, folder)
        real_parent = os.path.normpath(os.path.join(root, below))
        folders[:] = sorted(name for name in folders if not is_junk(name) and not _is_foreign(parent, name))
        names = sorted(name for name in files if not is_junk(name))
        if wanted is not None:
            real = Path(real_parent).as_posix()
            try:
                folders[:] = [name for name in folders if wanted.opens(f"{real}/{name}")]
                names = [name for name in names if wanted.keeps(f"{real}/{name}")]
            except UnreadableRulesError as exc:
                folders[:] = []
                yield refused(parent, real_parent, str(exc))
                continue
        for name in names:
            yield file(os.path.join(parent, name), real_parent, root=root)
        yield from _unread(unreadable, folder)
    yield from _unread(unreadable, folder)


def _unread(errors: list[OSError], folder: str) -> Iterator[Source]:
    """The folders that could not be listed, once each."""
    while errors:
        error = errors.pop()
        path = os.fspath(error.filename or folder)
        yield refused(path, os.path.realpath(path), f"the folder cannot be read ({error.strerror})")


def _is_foreign(parent: str, name: str) -> bool:
    """Whether a folder is a Python environment, or ragkit's own home: what it holds are no documents."""
    return any(os.path.exists(os.path.join(parent, name, mark)) for mark in ("pyvenv.cfg", "ragkit.db"))


def refused(path: str, absolute: str, why: str) -> Source:
    return Source(Path(_readable(absolute)).as_posix(), "file", _readable(path), path, None, None, why)


def file(path: str, real_parent: str, *, root: str = "") -> Source:
    absolute = os.path.join(real_parent, os.path.basename(path))
    refusal = ""
    size: int | None = None
    stamp: tuple[int, ...] = ()
    if root and os.path.islink(absolute) and not _inside(os.path.realpath(absolute), root):
        refusal = _LEADS_OUT
    else:
        try:
            found = os.stat(absolute)
            size, stamp = found.st_size, (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        except OSError as exc:
            broken = os.path.islink(absolute)
            refusal = "it is a link to nothing" if broken else f"it cannot be read ({exc.strerror or exc})"
    aside = bool(root) and is_aside(path)
    return Source(
        Path(_readable(absolute)).as_posix(), "file", _readable(path), absolute, size, None, refusal, aside, stamp
    )


def _inside(path: str, root: str) -> bool:
    return (
        os.path.commonpath([path, root]) == root
        if os.path.splitdrive(path)[0] == os.path.splitdrive(root)[0]
        else False
    )


def _readable(path: str) -> str:
    """A path as text that UTF-8 can write: bytes of a name that are not UTF-8 become \\xNN, still unique."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
