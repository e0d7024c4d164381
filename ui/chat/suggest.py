"""Questions that the documents answer: made of their headings, asked of the search before anybody sees them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ragkit.errors import RagkitError
from ragkit.index import Index

from ..safe_html import plain
from ..words import LANGUAGES, Words

__all__ = ["suggested"]

DOCUMENTS = 24  # looked at for headings
TRIED = 8  # candidates that are searched for, at most
WITHIN = 2  # the place that the passage must have in what is found
_EMPTY = re.compile(r"[\d\W_]*")


def suggested(
    index: Index, t: Words, count: int, *, about: Collection[str] = (), not_in: Collection[str] = ()
) -> list[str]:
    """So many questions at most, each answered by the passage it was made of.

    about: ids of documents to ask about, in order; without any, the first ones of the index. not_in: headings that
    somebody has read already.
    """
    found: list[str] = []
    for tried, (document, heading, question) in enumerate(_candidates(index, t, about, not_in)):
        if tried >= TRIED or len(found) == count:
            break
        if question not in found and _answered(index, question, document, heading):
            found.append(question)
    return found


def _candidates(
    index: Index, t: Words, about: Collection[str], not_in: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """(document, heading, question), one of each document in turn."""
    waiting = []
    for row in [index.document(i) for i in about] if about else index.documents(limit=DOCUMENTS):
        language = row.language[:2]
        words = Words(language) if language in LANGUAGES else t
        sections = dict.fromkeys(c.section[-1] for c in index.chunks(row.id) if c.section)
        headings = [s for s in sections if s != row.title and s not in not_in and _fit(s)]
        if not headings and row.title not in not_in and _fit(row.title):
            headings = [row.title]
        waiting.append([(row.id, h, _question(h, words)) for h in headings])
    for turn in range(max(map(len, waiting), default=0)):
        yield from (each[turn] for each in waiting if turn < len(each))


def _question(heading: str, t: Words) -> str:
    said = " ".join(plain(heading).split())
    return said if said.endswith("?") else t("chat.suggest", heading=said)


def _fit(heading: str) -> bool:
    return 3 <= len(heading) <= 80 and not _EMPTY.fullmatch(heading)


def _answered(index: Index, question: str, document: str, heading: str) -> bool:
    try:
        hits = index.search(question, WITHIN)
    except RagkitError:
        return False
    return any(h.document_id == document and (heading in h.chunk.section or heading == h.chunk.title) for h in hits)
