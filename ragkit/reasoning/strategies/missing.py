"""Tell from what a model wrote which fact it still lacks, and turn that into the next query.

Three signs, the surest first: a line ``SEARCH: …`` in the answer, as the prompt asks for; a sentence of the thought or
the answer that says a fact is not given ("The seat of Veltro is not given."); an abstention, whose query is the last
thing known and the question.
"""

from __future__ import annotations

import re

from ...citing.abstention import is_abstention
from ...citing.citations import MARKER
from ...text.hidden import strip_hidden
from ...text.sentences import sentence_spans

__all__ = ["asks_to_search", "next_query"]

MAX_QUERY = 400
_SEARCH = re.compile(r"^[\s>*_`-]*(?:SEARCH|QUERY)\s*[:：][\s*_`\"“«]*(.+?)[\s*_`\"”»]*$", re.MULTILINE)
_NOT_GIVEN = (
    re.compile(
        r"^(?:but |however,? |so )?(?:the |an? )?(?P<what>.{3,200}?),? "
        r"(?:is|are|was|were|has|have) (?:not|nowhere) (?:been )?(?:yet )?"
        r"(?:given|stated|mentioned|known|provided|specified|found|said|listed|named|told)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:do(?:es)? not|don't|doesn't) (?:say|state|mention|give|tell|specify|name|list|provide)s? "
        r"(?:about |us |anything about )?(?:the )?(?P<what>.{3,200}?)[.!]?$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:i|we) (?:still )?need (?:to know |to find |to look up )?(?:the )?(?P<what>.{3,200}?)[.!]?$", re.I),
    re.compile(r"^(?P<what>.{3,200}?)\s*[—–-]\s*не (?:указан|извест|сказан|назван|дан)\w*", re.IGNORECASE),
    re.compile(r"^(?P<what>.{3,200}?) (?:не (?:указан|упомянут|назван|извест|сказан)\w*)", re.IGNORECASE),
    re.compile(r"^нужно (?:ещё )?(?:узнать|найти)[:,]? (?P<what>.{3,200}?)[.!]?$", re.IGNORECASE),
    re.compile(r"^(?P<what>.{3,200}?)\s*[—–-]?\s*не (?:вказан|відом|зазначен|названо)\w*", re.IGNORECASE),
    re.compile(
        r"^(?:aber |jedoch )?(?:der |die |das )?(?P<what>.{3,200}?) (?:ist|sind|wird|werden) (?:hier )?"
        r"(?:nicht|nirgends) (?:angegeben|genannt|erwähnt|bekannt)",
        re.IGNORECASE,
    ),
)
_EMPTY = re.compile(
    r"(?:the )?(?:answer|information|ответ\w*|antwort|відповід\w*)\b|(?:it|this|that|это|это всё|das)$", re.I
)


def asks_to_search(text: str) -> str | None:
    """The query of the first ``SEARCH:`` line, or None."""
    found = _SEARCH.search(text)
    return _tidy(found[1]) or None if found else None


def next_query(question: str, thinking: str, answer: str) -> str | None:
    """What to search for next, or None when the answer lacks nothing.

    >>> thought = "The employer of Ann is Veltro [1]. The seat of Veltro is not given."
    >>> next_query("Where is Ann's employer based?", thought, "The answer is not in the documents.")
    'seat of Veltro'
    """
    asked = asks_to_search(answer)
    if asked is not None:
        return asked
    lacks = is_abstention(answer) or not answer.strip()
    said = _missing(answer)
    if said is not None and (lacks or not MARKER.search(answer)):
        return said
    if not lacks:
        return None
    return _missing(thinking) or _onwards(question, thinking)


def _missing(text: str) -> str | None:
    """The last fact that `text` says is not given."""
    for sentence in reversed(_sentences(text)):
        for pattern in _NOT_GIVEN:
            found = pattern.search(sentence)
            if found:
                what = _tidy(found["what"])
                if what and not _EMPTY.match(what):
                    return what
    return None


def _onwards(question: str, thinking: str) -> str | None:
    """Without a hint: the last thing the thought is sure of, then the question."""
    known = [s for s in _sentences(thinking) if MARKER.search(s)]
    return _tidy(f"{MARKER.sub('', known[-1])} {question}") if known else None


def _sentences(text: str) -> list[str]:
    return [" ".join(text[a:b].split()) for a, b in sentence_spans(text)]


def _tidy(text: str) -> str:
    """One visible line without markers, ``seat of Veltro`` and not ``Veltro: seat``."""
    line = " ".join(MARKER.sub(" ", strip_hidden(text)).replace(":", " ").split())
    return line.strip(" .,;!?\"'«»“”")[:MAX_QUERY]
