"""Folders that an index mirrors: which of their files it holds, and which of its files they no longer have."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from ..errors import UsageError
from ..loaders import Source, UnreadableRulesError, Wanted, discover, discover_folder
from .known import below

__all__ = ["Folders"]


class Folders:
    """Some folders with their rules, see `loaders.finding.wanted`; made anew for each run, as rules change too.

    Raises NotFoundError for a folder that is missing, UsageError for what is no folder, no glob, or nothing at all.
    """

    def __init__(
        self, folders: Sequence[str | os.PathLike[str]], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> None:
        if not folders:
            raise UsageError("nothing to sync; name a folder")
        self._wanted = [Wanted(os.fspath(Path(f).expanduser()), include=include, exclude=exclude) for f in folders]
        self._found = [list(discover_folder(f, w)) for f, w in zip(folders, self._wanted, strict=True)]

    @property
    def roots(self) -> list[str]:
        """The folders by their real paths."""
        return [wanted.root for wanted in self._wanted]

    def sources(self) -> list[Source]:
        """The wanted files that are there, each once, and the folders that cannot be read."""
        return list(discover([source for found in self._found for source in found]))

    def ignored(self, path: str) -> bool:
        """Whether a file in these folders is one that their rules leave out; not where the rules cannot be read."""
        try:
            return not any(wanted.takes(path) for wanted in self._wanted if below(path, (wanted.root,)))
        except UnreadableRulesError:
            return False

    def check_not_empty(self, known: Collection[str], index: str) -> None:
        """Raise UsageError where a folder holds nothing of what the index has of it: a drive may be missing."""
        for wanted, found in zip(self._wanted, self._found, strict=True):
            held = 0 if found else sum(below(path, (wanted.root,)) for path in known)
            if held:
                raise UsageError(
                    f"{wanted.root} holds no document now, and {index!r} has {held} of it; if none is to be kept and "
                    "no drive is missing, say so with --allow-empty (allow_empty=True)"
                )
