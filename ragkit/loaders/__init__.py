"""Reading documents: what to add (`discover`), and its text (`Parser`), parsed in a limited subprocess.

>>> with Parser() as parser:                                        # doctest: +SKIP
...     for source in discover(["docs/", "notes.md"]):
...         documents = parser.parse(source)                        # LoadError: this one only, go on
"""

from __future__ import annotations

from .finding.source import Source
from .finding.sources import discover, discover_folder
from .finding.wanted import Wanted
from .limits import Limits
from .parser import Parser

__all__ = ["Limits", "Parser", "Source", "Wanted", "discover", "discover_folder"]
