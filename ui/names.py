"""Models and documents by the names people know them by: no paths, no addresses, no prefixes of ours."""

from __future__ import annotations

import re
from pathlib import PureWindowsPath
from urllib.parse import unquote, urlsplit

from .words import Words

__all__ = ["known_as", "source_name"]

_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[/\\]|file:")


def known_as(model: str, t: Words) -> str:
    """ "transformers:Qwen/Qwen3-4B" is "Qwen3-4B", "openai:http://host/v1#qwen" is "qwen", a folder its own name."""
    if model == "extractive":
        return t("js.extractive")
    base, plus, adapter = model.partition("+")
    named = _last(base)
    return f"{named} + {_last(adapter)}" if plus and adapter else named


def _last(model: str) -> str:
    if "#" in model:
        return model.rpartition("#")[2] or model
    kind, colon, rest = model.partition(":")
    if kind == "openai" and colon:
        return urlsplit(rest).hostname or rest
    return re.split(r"[/\\]", (rest if colon and len(kind) > 1 else model).rstrip("/\\"))[-1] or model


def source_name(source: str) -> str:
    """Where a document came from, as its reader may know it: of a path on the server only the last part.

    >>> source_name("/srv/secret/leave.md"), source_name("trips/lyon.md"), source_name("https://a.test/b")
    ('leave.md', 'trips/lyon.md', 'https://a.test/b')
    """
    if source.startswith("file:"):
        source = unquote(urlsplit(source).path)
    return PureWindowsPath(source).name if _ABSOLUTE.match(source) else source
