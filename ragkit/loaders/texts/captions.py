"""Subtitles (SRT, WebVTT): what is said, a line a caption, with the time at which it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from ...errors import LoadError
from ..encoding import decode
from ..parsed import Job, Parsed, clean

__all__ = ["parse_captions"]

_TIME = re.compile(
    r"^(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2})[.,]\d{1,3}[ \t]+-->[ \t]+[\d:.,]+[^\n]*$"
)
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,100}>|<\d[\d:.]*>|\{\\[^}\n]{0,100}\}")


def parse_captions(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document of lines like ``[0:01:02] Good morning.``; the same words shown on are told once."""
    lines: list[str] = []
    said: list[str] = []
    begin = ""
    before = ""
    timed = False

    def close() -> None:
        nonlocal before
        text = " ".join(" ".join(said).split())
        if text and text != before:
            lines.append(f"[{begin}] {text}" if begin else text)
        before = text or before
        said.clear()

    waiting = True  # for a time: what stands before it is a number, a name, a comment
    for line in clean(decode(data, job, charset=job.charset)).split("\n"):
        match = _TIME.match(line.strip())
        if match:
            close()
            timed, waiting = True, False
            begin = f"{int(match['hours'] or 0)}:{int(match['minutes']):02}:{match['seconds']}"
        elif not line.strip():
            close()
            waiting = True
        elif not waiting:
            said.append(unescape(_TAG.sub("", line)))
    close()
    if not timed:
        raise LoadError("it is named subtitles but no time stands in it")
    yield Parsed("\n".join(lines) + "\n" if lines else "", job.stem, media_type=job.media_type)
