"""Which files of a folder are wanted: its .gitignore and .ragkitignore files, and globs of the caller's.

The ignore files work as git's do: each holds for its own folder and those below, a deeper one decides before a higher
one, a later line before an earlier one, `!` takes back, and nothing below an ignored folder comes back. A .ragkitignore
is read as if it stood at the end of the .gitignore beside it, so `!reports/` in it brings in what git leaves out. The
.gitignore files above the folder count too, up to where the repository begins.
"""

# ruff: noqa: PTH120 - paths stay text here, as in `walking`

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from ...errors import UsageError

__all__ = ["IGNORE_FILES", "UnreadableRulesError", "Wanted"]

IGNORE_FILES = (".gitignore", ".ragkitignore")


class UnreadableRulesError(Exception):
    """An ignore file that is there and cannot be read: what it leaves out is not known."""


class Wanted:
    """The rules of one folder. Paths are absolute, with the links of their folders resolved.

    include: globs as in a .gitignore, relative to the folder; where there are any, only files that match one are taken.
    exclude: globs of what is left out. Raises UsageError for a glob that is none.
    """

    def __init__(self, root: str, *, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self.root = Path(os.path.realpath(root)).as_posix()
        self._include = _globs(include)
        self._exclude = _globs(exclude)
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        self._top = self._repository()
        self._opened: dict[str, bool] = {}

    def takes(self, path: str) -> bool:
        """Whether a file is wanted. Raises UnreadableRulesError."""
        return self.opens(os.path.dirname(path)) and self.keeps(path)

    def keeps(self, path: str) -> bool:
        """Whether a file is wanted, given that its folder is opened."""
        relative = path[len(self.root) + 1 :]
        if self._include is not None and not self._include.match_file(relative):
            return False
        return not self._left_out(path, relative)

    def opens(self, folder: str) -> bool:
        """Whether a folder may hold wanted files: neither it nor one above it is left out."""
        if len(folder) <= len(self.root):
            return True
        known = self._opened.get(folder)
        if known is None:
            known = self.opens(os.path.dirname(folder)) and not self._left_out(
                folder + "/", folder[len(self.root) + 1 :] + "/"
            )
            self._opened[folder] = known
        return known

    def _left_out(self, path: str, relative: str) -> bool:
        if self._exclude is not None and self._exclude.match_file(relative):
            return True
        folder = os.path.dirname(path.rstrip("/"))
        while True:
            spec = self._spec(folder)
            if spec is not None:
                said = spec.check_file(path[len(folder.rstrip("/")) + 1 :]).include
                if said is not None:
                    return said
            if folder == self._top or len(folder) < len(self._top):
                return False
            folder = os.path.dirname(folder)

    def _spec(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            lines = [line for name in IGNORE_FILES for line in _lines(f"{folder.rstrip('/')}/{name}")]
            self._specs[folder] = _spec_of(lines) if lines else None
        return self._specs[folder]

    def _repository(self) -> str:
        """The folder where rules begin: that of the repository that this one lies in, else itself."""
        for above in (Path(self.root), *Path(self.root).parents):
            if (above / ".git").exists():
                return above.as_posix()
        return self.root


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        raise UnreadableRulesError(f"its {Path(path).name} cannot be read ({exc.strerror or exc})") from exc


def _spec_of(lines: Sequence[str]) -> GitIgnoreSpec:
    """The rules of an ignore file; a line that is no pattern counts for nothing, as for git."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _globs(patterns: Sequence[str]) -> GitIgnoreSpec | None:
    if isinstance(patterns, str):
        raise UsageError(f"{patterns!r} is one glob; give a list of them")
    for pattern in patterns:
        if not pattern.strip() or not _is_pattern(pattern):
            raise UsageError(f"{pattern!r} is no glob; give one like '*.md' or 'drafts/'")
    return GitIgnoreSpec.from_lines(patterns) if patterns else None
