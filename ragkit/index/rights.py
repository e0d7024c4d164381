"""A home is for its owner's eyes: documents, questions and answers are in it."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["keep_private"]

_OURS = re.compile(
    r"ragkit\.db.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|users|eval|README\.md|\.gitignore|\..*\.lock"
)


def keep_private(home: Path) -> None:
    """Take the rights of group and others from a home that an older version made readable.

    Left as they are: a folder of another owner, one that holds other things too (a project's own folder used as a
    home), and one shared on purpose, by a set-group-ID or sticky bit. The database file is private in any case.
    """
    with suppress(OSError):
        found = home.stat()
        shared = found.st_mode & (stat.S_ISGID | stat.S_ISVTX)
        if not found.st_mode & 0o077 or found.st_uid != os.geteuid() or shared:
            return
        if all(_OURS.fullmatch(entry.name) for entry in home.iterdir()):
            home.chmod(0o700)
