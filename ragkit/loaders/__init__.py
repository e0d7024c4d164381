"""Reading documents: what to add (`discover`), and its text (`Parser`), parsed in a limited subprocess.

>>> with Parser() as parser:                                        # doctest: +SKIP
...     for source in discover(["docs/", "notes.md"]):
...         documents = parser.parse(source)                        # LoadError: this one only, go on
"""

from __future__ import annotations

from .boxes import Box, boxes
from .finding.source import Source
from .finding.sources import discover, discover_folder
from .finding.wanted import IGNORE_FILES, UnreadableRulesError, Wanted
from .formats import is_junk
from .limits import Limits
from .parser import Parser

__all__ = [
    "IGNORE_FILES",
    "Box",
    "Limits",
    "Parser",
    "Source",
    "UnreadableRulesError",
    "Wanted",
    "boxes",
    "discover",
    "discover_folder",
    "is_junk",
]
