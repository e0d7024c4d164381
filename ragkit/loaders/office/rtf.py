"""Rich text (RTF), by striprtf."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import LoadError
from ..parsed import Job, Parsed, clean, one_line

__all__ = ["parse_rtf"]


def parse_rtf(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; RTF is ASCII, its other letters are escaped."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise LoadError("it is named rich text but is none")
    from striprtf.striprtf import rtf_to_text

    try:
        text = rtf_to_text(data.decode("latin-1"), errors="replace")
    except (ValueError, LookupError, IndexError) as exc:
        raise LoadError(f"it is not rich text that can be read ({one_line(str(exc))})") from exc
    yield Parsed(clean(text, compose=True).strip() + "\n", job.stem, media_type=job.media_type)
