"""What to say of an index that could be better: another encoder for its language, passages cut by an older version."""

from __future__ import annotations

from shlex import quote

from ..store import IndexRecord
from ..text.chunking import CHUNKER_VERSION
from ..text.languages import language
from .trust import unknown_language

__all__ = ["BETTER_ENCODER", "advice"]

BETTER_ENCODER = "intfloat/multilingual-e5-small"  # a hundred languages; 470 MB


def advice(record: IndexRecord) -> list[tuple[str, str]]:
    """What is the matter and its remedy, a line each."""
    found = []
    code = unknown_language(record.settings.get("trust"))
    if code is not None:
        known = language(code)
        found.append(
            (
                f"most of it is in {known.name if known is not None else code}, which its encoder {record.encoder} "
                "does not know: passages are found by their words, not by their meaning",
                f"ragkit repair {quote(record.name)} --encoder {BETTER_ENCODER}",
            )
        )
    if record.chunker != CHUNKER_VERSION:
        found.append(
            (
                f"its passages were cut by version {record.chunker}, this one is {CHUNKER_VERSION}",
                f"ragkit repair {quote(record.name)} --passages",
            )
        )
    return found
