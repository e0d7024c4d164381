"""Plain text, Markdown and source code: kept as they are, decoded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..encoding import decode
from ..parsed import Job, Parsed, clean, one_line

__all__ = ["parse_code", "parse_markdown", "parse_prose", "parse_text"]

_FRONT_MATTER = re.compile(r"\A---\n(?P<head>.{0,20000}?)\n---(?:\n|\Z)", re.DOTALL)
_STATED_TITLE = re.compile(r"^title:[ \t]*(?P<title>\S.*)$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ATX = re.compile(r" {0,3}#{1,6}[ \t]+(?P<title>.*?)(?:[ \t]+#+)?[ \t]*$")


_MARKS = (
    re.compile(r"^#{1,6} \S[^\n]*\n(?=\s*\S)", re.MULTILINE),
    re.compile(r"^```[\w+-]*$", re.MULTILINE),
    re.compile(r"^\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE),
    re.compile(r"\[[^\]\n]+\]\(https?://[^)\s]+\)"),
    re.compile(r"(?<!\S)\*\*[^*\n]+\*\*(?!\w)"),
)


def parse_text(data: bytes, job: Job) -> Iterator[Parsed]:
    """The whole file as one document, named after the file."""
    yield Parsed(clean(decode(data, job, charset=job.charset)), job.stem, media_type=job.media_type)


def parse_prose(data: bytes, job: Job) -> Iterator[Parsed]:
    """A text file; where it is written in Markdown, it is read as that."""
    text = clean(decode(data, job, charset=job.charset))
    if _is_markdown(text):
        yield Parsed(text, markdown_title(text) or job.stem, media_type="text/markdown")
    else:
        yield Parsed(text, job.stem, media_type=job.media_type)


def _is_markdown(text: str) -> bool:
    """Whether a text has two kinds of marks that only Markdown has, or many of one: headings, fences, tables, links."""
    sample = text[:50_000]
    counts = [len(mark.findall(sample)) for mark in _MARKS]
    return sum(bool(count) for count in counts) >= 2 or max(counts) >= 3


def parse_code(data: bytes, job: Job) -> Iterator[Parsed]:
    """Like text, with the suffix kept in the title: ``main.py`` and ``main.c`` are two things."""
    yield Parsed(clean(decode(data, job, charset=job.charset)), job.name, media_type=job.media_type)


def parse_markdown(data: bytes, job: Job) -> Iterator[Parsed]:
    """Like text; the title is the one in the front matter, else the first heading."""
    text = clean(decode(data, job, charset=job.charset))
    yield Parsed(text, markdown_title(text) or job.stem, media_type=job.media_type)


def markdown_title(text: str) -> str:
    """The title a Markdown text states; "" when it states none. Looks at the first 200 lines.

    >>> markdown_title("```\\n# no\\n```\\nIntro\\n=====\\n")
    'Intro'
    """
    front = _FRONT_MATTER.match(text)
    if front:
        stated = _STATED_TITLE.search(front["head"])
        if stated:
            return one_line(stated["title"].strip().strip("\"'"))
        text = text[front.end() :]
    fence = ""
    before = ""
    for line in text.split("\n", 200)[:200]:
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence:
            heading = _ATX.match(line)
            if heading and heading["title"]:
                return one_line(heading["title"])
            if before and line.strip() and not line.strip().strip("="):
                return one_line(before)
        before = line.strip()
    return ""
